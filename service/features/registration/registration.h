/* A registration and its view. */
#ifndef EINLASS_FEATURES_REGISTRATION_REGISTRATION_H
#define EINLASS_FEATURES_REGISTRATION_REGISTRATION_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/email.h"
#include "base/id.h"
#include "base/memory.h"
#include "db/values.h"
#include "event/event.h"
#include "features/feature.h"
#include "form/form.h"
#include "statements.h"

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

/*
 * {"id", "event", "status", "waiting_position", "email", "language", "created_at", "version",
 *  "held_until", "erased_at", "consents", "manage_url", "attendees": [{"id", "name", "email",
 *  "ticket_type", "status", "answers", "ticket", "ticket_url", "first_admitted_at",
 *  "handed_on_to": {"name"}, "handed_on_by": {"name"}, "mail": "held"}],
 *  "companions": [{"name", "ticket_type", "status"}]}
 * For an organiser there are "earlier": "declined", if an earlier registration of the address was
 * declined, and "repeated", whether the address has more than one.
 * mail is present if the attendee's own letter waits (registration_holds_letter). ticket and
 * ticket_url are present if the attendee is confirmed, email if it was not erased. For an
 * organiser, handed_on_… and companions have their "registration", and handed_on_to has the whole
 * name: the former holder gets its first letter. A new reference.
 */
json_t *registration_view(const struct worker *worker, const struct event *event,
                          const struct registration *registration, bool is_for_organiser,
                          struct arena *arena);

/* "L…", all that the former holder of a ticket learns. Lives in the arena. */
const char *registration_initial(const char *name, struct arena *arena);

/*
 * A draft is a sign-up or walk-in, read from the body and checked against the event's definition.
 * sign_up.sql checks places and registered addresses later.
 */

struct draft_attendee {
    const char *name;
    struct email email; /* address NULL: the registration's address */
    const struct ticket_type *ticket_type;
    const char *answers; /* JSON text */
    const char *search;  /* from draft_search_text */
};

struct draft {
    struct email email;
    const char *language;
    const char *code;                /* the access code, NULL: none */
    const char *consents;            /* JSON text: [{"slug", "version", "given_at"}] */
    enum registration_status status; /* if it gets its places */
    struct draft_attendee *attendees;
    size_t attendee_count;

    /* Only for a walk-in. */
    struct draft_attendee first;
    bool over_capacity;
    const char *reason; /* NULL: none */

    /* Only for a person whom an organiser adds. email.address NULL: none. */
    bool anyway; /* even if the address has a registration */
    bool sends;  /* the person gets a letter */
};

struct draft_input {
    const struct event *event;
    json_t *body;
    const char *language;        /* if the body has none and the event has this one */
    const struct locale *locale; /* of the findings; NULL: no sentences */
    bool from_form;
    bool is_organiser, may_leave_out; /* see struct event_reader */
    bool at_door;                     /* a walk-in: see below */
    bool at_desk;                     /* the same, added by an organiser */
    const struct door *door;          /* admits some ticket types; NULL: all */
};

/*
 * Reads {"email", "language", "code", "consents", "attendees": [{"name", "email", "ticket_type",
 * "answers"}]}. Each of the consents is a slug, or {"consent", "version"} with the version that was
 * shown: another one than that of now is refused. Texts live in the arena. The draft must not be
 * moved, because it points into itself. Returns the findings (findings_take), a new reference;
 * NULL: the draft is complete.
 *
 * A walk-in is one attendee: {"name", "email", "language", "ticket_type", "answers", "consents",
 * "over_capacity", "reason"}. It needs no access code, no approval and no verified address. The
 * ticket type may be missing if there is only one. over_capacity needs a reason.
 *
 * At the desk the address, the answers and the consents may be missing; "anyway" and "send" are
 * read.
 */
MUST_CHECK json_t *draft_read(struct arena *arena, const struct draft_input *input,
                              struct draft *ret_draft);

/* The version of a consent that a form showed: its body has {"consent_versions":
 * {"shown-SLUG": "1"}}. 0: not said.
 */
int64_t draft_shown_version(const json_t *body, const char *slug);

/* The text for searches: name and address (may be NULL) and text answers, by text_fold(). */
const char *draft_search_text(struct arena *arena, const char *name, const char *email,
                              const json_t *answers);

/* The access code in a field, cleaned; NULL: the field has none. */
const char *draft_read_code(struct arena *arena, const json_t *given);

/* JSON as text in the arena. */
const char *draft_json_text(struct arena *arena, const json_t *json);

#endif
