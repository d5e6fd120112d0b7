/* The sign-up form as data for its template: fields, what was typed, what was wrong with it. */
#ifndef EINLASS_FEATURES_REGISTRATION_FORM_VIEW_H
#define EINLASS_FEATURES_REGISTRATION_FORM_VIEW_H

#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"
#include "features/event/event.h"

struct form_input {
    const struct event *event;
    json_t *typed;        /* the body as it was sent, NULL: a fresh form */
    json_t *errors;       /* of the findings, NULL: none */
    const char *language; /* of the page */
    const char *code;     /* access code from the link, NULL: none */
    const char *idempotency_key;
};

/* New reference. */
json_t *form_view(struct arena *arena, const struct form_input *input);

/* The parts that other forms are made of, for a person whose fields begin with the prefix
 * ("attendees.0"): one field by its whole name, and the questions with the answers as they were
 * typed (NULL: none). New references. */
json_t *form_view_field(struct arena *arena, const struct form_input *input, const char *name,
                        const json_t *typed);
json_t *form_view_questions(struct arena *arena, const struct form_input *input, const char *prefix,
                            json_t *typed_answers);

/* The mistakes for the list on top, each with the id of its field. New reference. */
json_t *form_view_problems(struct arena *arena, const struct form_input *input);

/*
 * Whether the form is to be shown again before it counts: a button was pressed that adds or removes
 * an attendee (the typed attendees are changed accordingly), or an access code was typed that opens
 * ticket types which the form did not offer yet. Takes the form's own fields out of what was typed.
 */
bool form_view_is_unfinished(struct arena *arena, const struct event *event, json_t *typed);

#endif
