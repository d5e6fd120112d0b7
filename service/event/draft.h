/*
 * A draft is a sign-up or walk-in, read from the body and checked against the event's definition.
 * sign_up.sql checks places and registered addresses later.
 */
#ifndef EINLASS_EVENT_DRAFT_H
#define EINLASS_EVENT_DRAFT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/email.h"
#include "base/memory.h"
#include "event/event.h"
#include "statements.h"

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
    const json_t *kept_emails;        /* see struct form_reading */
    bool is_organiser, may_leave_out; /* see struct event_reader */
    bool at_door;                     /* a walk-in: see below */
    bool at_desk;                     /* the same, added by an organiser */
    /* Of an invitation: the access code that it stands for, and the key of the address that its
     * link was mailed to. NULL: none. */
    const char *invited_code, *invited_key;
    const struct ticket_type *invited_type; /* for whom names no other; NULL: none */
    const struct door *door;                /* admits some ticket types; NULL: all */
};

/*
 * Reads {"email", "language", "code", "invitation", "consents", "attendees": [{"name", "email",
 * "ticket_type", "answers"}]}. Each of the consents is a slug, or {"consent", "version"} with the
 * version that was shown: another one than that of now is refused. Texts live in the arena. The
 * draft must not be moved, because it points into itself. Returns the findings (findings_take), a
 * new reference; NULL: the draft is complete.
 *
 * A walk-in is one attendee: {"name", "email", "language", "ticket_type", "answers", "consents",
 * "over_capacity", "reason"}. It needs a name, and of the rest what the event needs at the door. It
 * needs no access code, no approval and no verified address. The ticket type may be missing if
 * there is only one. over_capacity needs a reason.
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

/* The same with the number of the attendee (base/id.h), for attendee.search. */
const char *draft_search_with_number(struct arena *arena, const char *search,
                                     const struct id *attendee_id);

/* The access code in a field, cleaned; NULL: the field has none. */
const char *draft_read_code(struct arena *arena, const json_t *given);

/* JSON as text in the arena. */
const char *draft_json_text(struct arena *arena, const json_t *json);

#endif
