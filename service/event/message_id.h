/*
 * The Message-ID of a letter: its message, its registration or invitation, and a key of the service
 * secret. So a
 * report that a letter came back leads to its message, and nobody can write one for the letter of
 * somebody else.
 */
#ifndef EINLASS_EVENT_MESSAGE_ID_H
#define EINLASS_EVENT_MESSAGE_ID_H

#include <stdbool.h>

#include "base/id.h"
#include "base/memory.h"
#include "security/keyring.h"

struct message_ids {
    struct id owner_id; /* the registration, or the invitation; has the event's number */
    struct id message_id;
};

/* The Message-ID without angle brackets, in the arena. wire: the sender as in SMTP, whose domain it
 * gets; NULL: none. */
const char *message_id_write(const struct keyring *keyring, const struct message_ids *ids,
                             const char *wire, struct arena *arena);

/* False: it is not of a letter of this service. */
MUST_CHECK bool message_id_read(const struct keyring *keyring, const char *text,
                                struct message_ids *ret_ids);

#endif
