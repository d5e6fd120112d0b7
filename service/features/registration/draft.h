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
#include "form/findings.h"

enum { DRAFT_NAME_MOST = 200, DRAFT_CODE_MOST = 100 };

struct draft_attendee {
    const char *name, *email; /* email NULL: the registration's */
    const struct ticket_type *ticket_type;
    const char *answers; /* JSON text */
    const char *search;  /* folded, for the attendee list */
};

struct draft {
    struct email email;
    const char *language;
    const char *consents; /* JSON text: [{"slug", "version"}] */
    const char *status;   /* what it becomes if it gets its places: see registration_status */
    struct draft_attendee *attendees;
    size_t attendee_count;
};

struct draft_input {
    const struct event *event;
    json_t *body;
    const char *language; /* where the body says none, if the event speaks it */
    bool from_form;
    bool at_door;            /* somebody stands there: see below */
    const struct door *door; /* which lets in some ticket types only; NULL: any */
};

/*
 * Reads {"email", "language", "code", "consents", "attendees": [{"name", "email", "ticket_type",
 * "answers"}]}. The draft and its texts live in the arena; it is complete only if nothing was
 * found.
 *
 * At the door it is one attendee, in the body itself: {"name", "email", "language",
 * "ticket_type", "answers", "consents"} and DRAFT_AT_DOOR_MORE, which the caller reads. It needs
 * no access code, and becomes confirmed without approval or a verified address. The ticket type
 * may be left out where there is one only.
 */
void draft_read(struct arena *arena, const struct draft_input *input, struct findings *findings,
                struct draft *ret_draft);

#define DRAFT_AT_DOOR_MORE "over_capacity", "reason"

/* One attendee's name: cleaned, 1 to 200 characters, no control characters. NULL: found wanting. */
const char *draft_read_name(struct arena *arena, const json_t *given, const char *pointer,
                            struct findings *findings);

/* An address; false: found wanting. */
bool draft_read_email(struct arena *arena, const json_t *given, const char *pointer,
                      struct findings *findings, struct email *ret_email);

/* What the attendee list searches in: name, address and answers in text, folded. */
const char *draft_search_text(struct arena *arena, const char *name, const char *email,
                              const json_t *answers);

/* Finds the fields of an object that are none of the known ones (NULL ends them). */
void draft_refuse_unknown(struct arena *arena, json_t *object, const char *pointer,
                          const char *const *known, struct findings *findings);

/* The access code in a field as it was typed, cleaned. NULL: it is none. */
const char *draft_read_code(struct arena *arena, const json_t *given);

/* JSON as text in the arena. */
const char *draft_json_text(struct arena *arena, const json_t *json);

#endif
