/* Whom a letter is from and to: an address, and a name people read. */
#ifndef EINLASS_MAIL_MAILBOX_H
#define EINLASS_MAIL_MAILBOX_H

#include <stdbool.h>

#include "base/arena.h"

struct mailbox {
    const char *name;    /* NULL or "": none */
    const char *address; /* as base/email.h reads it; NULL: nobody */
};

/*
 * Reads "ada@example.org", "Ada Lovelace <ada@example.org>" or "\"Lovelace, Ada\" <…>". Unlike
 * base/email.h it takes "@localhost", where a mail server on the same machine adds its own domain.
 * Texts live in the arena. False: it is none.
 */
MUST_CHECK bool mailbox_parse(struct arena *arena, const char *text, struct mailbox *ret_mailbox);

/*
 * The address as it travels: the local part as it is written (RFC 6531 where it is not ASCII), the
 * domain as A-labels (RFC 5890). NULL: it is no address. Lives in the arena.
 */
const char *mailbox_wire(struct arena *arena, const char *address);

#endif
