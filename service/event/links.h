/* Links for guests, all in the arena. They are computed from a row and the keyring, and never
 * stored. */
#ifndef EINLASS_EVENT_LINKS_H
#define EINLASS_EVENT_LINKS_H

#include <stdint.h>

#include "base/id.h"
#include "base/memory.h"

struct event;
struct request;
struct router_match;
struct worker;

struct ticket_link {
    const char *token; /* "2KCE…", the text of the QR code */
    const char *url;   /* the ticket's page */
};

/* `expires_at_us` is the column ticket.expires_at. */
struct ticket_link link_ticket(const struct worker *worker, const struct event *event,
                               const struct id *ticket_id, int64_t expires_at_us,
                               struct arena *arena);

/* A key that was mailed to an address contains a version, so that a corrected address can end the
 * links to the former one: registration.link_version, attendee.link_version. */

/* Returns the manage link. Its key allows to see and change the registration. */
const char *link_manage(const struct worker *worker, const struct id *registration_id,
                        int64_t version, struct arena *arena);

/* Returns the link of a companion, whose address somebody else typed. Its key allows to see the
 * companion's ticket and to take the place over into a registration of their own. */
const char *link_companion(const struct worker *worker, const struct id *registration_id,
                           const struct id *attendee_id, int64_t version, struct arena *arena);

/* Return whether the service made this key, for any version, and which version it has. Only the
 * database knows whether that is the present one. */
MUST_CHECK bool link_manage_key_version(const struct worker *worker,
                                        const struct id *registration_id, const char *key,
                                        struct arena *arena, int64_t *ret_version);
MUST_CHECK bool link_companion_key_version(const struct worker *worker,
                                           const struct id *attendee_id, const char *key,
                                           struct arena *arena, int64_t *ret_version);

/* Returns the manage link of a letter to this address, to a page of the registration ("" or
 * "/cancel"). Its parameter `mail` is the key of link_verify: who opens it reads the address's
 * mail. */
const char *link_mailed(const struct worker *worker, const struct id *registration_id,
                        const char *page, int64_t version, const char *email, struct arena *arena);

/* Returns the link that verifies this address of the registration. Its key depends on the address.
 */
const char *link_verify(const struct worker *worker, const struct id *registration_id,
                        const char *email, struct arena *arena);
MUST_CHECK bool link_verify_key_matches(const struct worker *worker,
                                        const struct id *registration_id, const char *email,
                                        const char *key, struct arena *arena);

/* Returns the link with which colleagues see the page of an event that is not published. NULL: the
 * event has none. */
const char *link_preview(const struct worker *worker, const struct event *event,
                         struct arena *arena);

/* A step of the dispatcher. Finds the event of {event} (slug), {registration} (an id with the
 * event's number) or {ticket} (claim aud), sets the scope if the event exists, and continues the
 * request. Answers 503 if the database is away. */
void events_find_scope(struct request *request);

/* Returns how long a body may be for the event that a path names. An event that this worker has not
 * loaded may have the largest form there is; then the length counts once the body is read. */
size_t events_form_bytes(struct worker *worker, const struct router_match *match);

#endif
