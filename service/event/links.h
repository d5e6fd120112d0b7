/*
 * The links people are given. They are functions of a row and a key of the house and never stored.
 * Stands below all features, so that each may hand out the links of the others.
 */
#ifndef EINLASS_EVENT_LINKS_H
#define EINLASS_EVENT_LINKS_H

#include <stdint.h>

#include "base/id.h"
#include "base/memory.h"

struct event;
struct worker;

struct ticket_link {
    const char *token; /* "2KCE…", what the QR code says */
    const char *url;   /* of the ticket's page */
};

/* `expires_at_us` is the column ticket.expires_at. The texts live in the arena. */
struct ticket_link link_ticket(const struct worker *worker, const struct event *event,
                               const struct id *ticket_id, int64_t expires_at_us,
                               struct arena *arena);

/* Where attendees look at and change their registration: the key in it is all they need. */
const char *link_manage(const struct worker *worker, const struct id *registration_id,
                        struct arena *arena);

/* The link that proves that mail to this address of the registration is read: another address of
 * the same registration has another key. */
const char *link_verify(const struct worker *worker, const struct id *registration_id,
                        const char *email, struct arena *arena);
MUST_CHECK bool link_verify_key_matches(const struct worker *worker,
                                        const struct id *registration_id, const char *email,
                                        const char *key, struct arena *arena);

/* Where the event's kept messages are read while no mail server is set. */
const char *link_messages(const struct worker *worker, const struct event *event,
                          struct arena *arena);

#endif
