/*
 * An invitation as its link shows it (migrations/0008_invitations.sql). The key of the link is
 * derived from the service secret and stored nowhere. Anybody with the link may register with the
 * invitation, or say no.
 */
#ifndef EINLASS_EVENT_INVITED_H
#define EINLASS_EVENT_INVITED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/email.h"
#include "base/id.h"
#include "base/memory.h"
#include "statements.h"

struct db_result;
struct event;
struct request;
struct worker;

struct invited {
    struct id id;
    const char *name; /* "": not known */
    struct email email;
    const char *language;
    const char *ticket_type; /* slug; "": the guest chooses */
    enum invitee_state state;
    int64_t good_for, left_over; /* registrations, and those of them that are possible now */
    bool has_registration;
    bool is_withdrawn;
    bool has_kept_place;
    const char *word; /* of a no; "": none */
};

/* Return the links in the letter, in the arena: to the sign-up form, and to the page where somebody
 * says no. */
const char *link_accept(const struct worker *worker, const struct event *event, const struct id *id,
                        const char *language, struct arena *arena);
const char *link_decline(const struct worker *worker, const struct event *event,
                         const struct id *id, const char *language, struct arena *arena);

/* The key in the latter's parameter `key`. */
MUST_CHECK bool invited_key_matches(const struct worker *worker, const struct id *id,
                                    const char *key);

/* Reads the parameter `invitation` of the former, "ID.KEY". False: the service did not make it. */
MUST_CHECK bool invited_read(const struct worker *worker, struct arena *arena, const char *token,
                             struct id *ret_id);

/* Looks the invitation up, in the arena of the request. on_found runs once, after the call has
 * returned. invited NULL: it does not exist; failure not NULL: the database failed. */
typedef void invited_found(void *context, const struct invited *invited,
                           const struct db_result *failure);
void invited_find(struct request *request, const struct id *id, invited_found *on_found,
                  void *context);

/* The access code of the ticket type that the invitation is for; NULL: it needs none. */
const char *invited_code(const struct invited *invited, const struct event *event);

#endif
