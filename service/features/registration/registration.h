/* A registration and its view. */
#ifndef EINLASS_FEATURES_REGISTRATION_REGISTRATION_H
#define EINLASS_FEATURES_REGISTRATION_REGISTRATION_H

#include <jansson.h>
#include <stdint.h>

#include "base/id.h"
#include "base/memory.h"
#include "db/values.h"
#include "event/event.h"
#include "features/feature.h"
#include "statements.h"

struct registered_attendee {
    struct id id, ticket_id;                            /* ticket_id zero: no ticket */
    int64_t ticket_expires_at_us, first_admitted_at_us; /* 0: not admitted */
    enum registration_status status;
    const char *name, *email, *ticket_type;
    const char *answers; /* JSON text */
};

struct registration {
    struct id id;
    int64_t created_at_us;
    int64_t waiting_position; /* from 1; 0: not waitlisted */
    enum registration_status status;
    const char *email, *language;
    const char *consents;                /* JSON text */
    int64_t version;                     /* grows with every change; 0: not known */
    bool is_verified;                    /* somebody reads mail at the address */
    int64_t held_until_us, erased_at_us; /* 0: not held, not erased */
    const char *held_until_local;        /* local to the event; NULL: not held */
    struct registered_attendee *attendees;
    size_t attendee_count;
};

/* Reads the rows of registration/show, at least one, and copies texts into the arena. False: a
 * status is unknown, which was logged; answer 500. */
MUST_CHECK bool registration_from_rows(struct arena *arena, const struct rows *rows,
                                       struct registration *ret);

/*
 * {"id", "event", "status", "waiting_position", "email", "language", "created_at", "version",
 *  "held_until", "erased_at", "consents", "manage_url", "attendees": [{"id", "name", "email",
 *  "ticket_type", "status", "answers", "ticket", "ticket_url", "first_admitted_at"}]}
 * ticket and ticket_url are present if the attendee is confirmed, email if it was not erased. A new
 * reference.
 */
json_t *registration_view(const struct worker *worker, const struct event *event,
                          const struct registration *registration, struct arena *arena);

#endif
