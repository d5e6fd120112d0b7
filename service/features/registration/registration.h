/* A registration and its view. */
#ifndef EINLASS_FEATURES_REGISTRATION_REGISTRATION_H
#define EINLASS_FEATURES_REGISTRATION_REGISTRATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"
#include "base/memory.h"
#include "db/values.h"
#include "event/event.h"
#include "features/feature.h"
#include "statements.h"

struct request;

struct registered_attendee {
    struct id id, ticket_id; /* ticket_id zero: no ticket */
    struct id holder_id;     /* the registration of a companion who took the place over */
    int64_t ticket_expires_at_us, first_admitted_at_us; /* 0: not admitted */
    enum registration_status status;
    const char *name, *email, *ticket_type;
    const char *answers; /* JSON text */

    /* Another attendee, who has the ticket now or had it before; name NULL: nobody. */
    struct holder {
        const char *name;
        struct id registration_id;
    } handed_on_to, handed_on_by;
};

struct registration {
    struct id id;
    int64_t created_at_us;
    int64_t waiting_position; /* from 1; 0: not waitlisted */
    enum registration_status status;
    const char *email, *language;
    const char *consents; /* JSON text: [{"slug", "version", "given_at", "withdrawn_at"}] */
    int64_t version;      /* grows with every change; 0: not known */
    int64_t link_version; /* of the manage link */
    bool is_verified;     /* somebody reads mail at the address */
    bool declined_before; /* an earlier one of this address was declined */
    bool is_repeated;     /* the address has more than one */
    bool is_vouched;      /* somebody opened a link that was mailed to it */
    int64_t held_until_us, erased_at_us; /* 0: not held, not erased */
    const char *held_until_local;        /* local to the event; NULL: not held */
    struct registered_attendee *attendees;
    size_t attendee_count;
    /* Companions who have taken their place over. Only their name and status are told here. */
    struct registered_attendee *companions;
    size_t companion_count;
};

/* Reads the rows of registration/show, at least one, and copies texts into the arena. False: a
 * status is unknown, which was logged; answer 500. */
MUST_CHECK bool registration_from_rows(struct arena *arena, const struct rows *rows,
                                       struct registration *ret);

/* Whether the letter to the attendee's own address waits until somebody opens a link that was
 * mailed to the registration's address. */
bool registration_holds_letter(const struct registration *registration,
                               const struct registered_attendee *attendee);

/* What is told to whom. */
struct registration_view {
    bool is_for_organiser;
    bool without_tickets;
    const char *manage_url; /* link_manage(); NULL: it is not told */
};

/*
 * Answers with
 * {"id", "event", "status", "waiting_position", "email", "language", "created_at", "version",
 *  "held_until", "erased_at", "consents", "manage_url", "attendees": [{"id", "name", "email",
 *  "ticket_type", "status", "answers", "first_admitted_at", "ticket", "ticket_url",
 *  "handed_on_to": {"name"}, "handed_on_by": {"name"}, "mail": "held"}],
 *  "companions": [{"name", "ticket_type", "status"}]}
 * For an organiser there are "earlier": "declined", if an earlier registration of the address was
 * declined, and "repeated", whether the address has more than one.
 * mail is present if the attendee's own letter waits (registration_holds_letter). ticket and
 * ticket_url are present if the attendee is confirmed, email if it was not erased. For an
 * organiser, handed_on_… and companions have their "registration", and handed_on_to has the whole
 * name: the former holder gets its first letter.
 */
void registration_reply(struct request *request, int status, const struct event *event,
                        const struct registration *registration,
                        const struct registration_view *view);

/* "L…", all that the former holder of a ticket learns. Lives in the arena. */
const char *registration_initial(const char *name, struct arena *arena);

#endif
