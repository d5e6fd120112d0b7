/*
 * What somebody who signs up asks for, read from the body and checked against the event's
 * definition. No question to the database: what must be decided together (places, addresses
 * already registered) is decided there later.
 */
#ifndef EINLASS_FEATURES_REGISTRATION_DRAFT_H
#define EINLASS_FEATURES_REGISTRATION_DRAFT_H

#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/email.h"
#include "event/event.h"
#include "statements.h"

struct draft_attendee {
    const char *name;
    struct email email; /* address NULL: the registration's */
    const struct ticket_type *ticket_type;
    const char *answers; /* JSON text */
    const char *search;  /* folded, for the attendee list */
};

struct draft {
    struct email email;
    const char *language;
    const char *code;                /* the access code, NULL: none */
    const char *consents;            /* JSON text: [{"slug", "version"}] */
    enum registration_status status; /* what it becomes if it gets its places */
    struct draft_attendee *attendees;
    size_t attendee_count;

    /* At the door. */
    struct draft_attendee first;
    bool over_capacity;
    const char *reason; /* NULL: none */
};

struct draft_input {
    const struct event *event;
    json_t *body;
    const char *language;        /* where the body says none, if the event speaks it */
    const struct locale *locale; /* of the findings; NULL: they have no sentences */
    bool from_form;
    bool at_door;            /* somebody stands there: see below */
    const struct door *door; /* which lets in some ticket types only; NULL: any */
};

/*
 * Reads {"email", "language", "code", "consents", "attendees": [{"name", "email", "ticket_type",
 * "answers"}]}. The draft and its texts live in the arena; it may not be moved. NULL: all is well;
 * else a new reference to the errors (findings_take), and the draft is not complete.
 *
 * At the door it is one attendee, in the body itself: {"name", "email", "language",
 * "ticket_type", "answers", "consents", "over_capacity", "reason"}. It needs no access code, and
 * becomes confirmed without approval or a verified address. The ticket type may be left out where
 * there is one only. Over the capacity a reason is needed.
 */
MUST_CHECK json_t *draft_read(struct arena *arena, const struct draft_input *input,
                              struct draft *ret_draft);

/* What the attendee list searches in: name, address (each may be NULL) and answers in text, folded.
 */
const char *draft_search_text(struct arena *arena, const char *name, const char *email,
                              const json_t *answers);

/* The access code in a field as it was typed, cleaned. NULL: it is none. */
const char *draft_read_code(struct arena *arena, const json_t *given);

/* JSON as text in the arena. */
const char *draft_json_text(struct arena *arena, const json_t *json);

#endif
