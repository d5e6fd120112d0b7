/* A sender or recipient: an address and a display name. */
#ifndef EINLASS_MAIL_MAILBOX_H
#define EINLASS_MAIL_MAILBOX_H

#include <stdbool.h>

#include "base/memory.h"

struct mailbox {
    const char *name;    /* NULL or "": none */
    const char *address; /* from base/email.h; NULL: nobody */
};

/*
 * Reads "ada@example.org", "Ada Lovelace <ada@example.org>" or "\"Lovelace, Ada\" <…>". Unlike
 * base/email.h it accepts "@localhost"; a mail server on the same machine adds its own domain. The
 * results live in the arena. False: not a mailbox.
 */
MUST_CHECK bool mailbox_parse(struct arena *arena, const char *text, struct mailbox *ret_mailbox);

/*
 * The address in SMTP form: the local part unchanged (RFC 6531 if not ASCII), the domain as
 * A-labels (RFC 5890). Lives in the arena. NULL: not an address.
 */
const char *mailbox_wire(struct arena *arena, const char *address);

#endif
