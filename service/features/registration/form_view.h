/* The sign-up form as data for its template: fields, what was typed, what was wrong with it. */
#ifndef EINLASS_FEATURES_REGISTRATION_FORM_VIEW_H
#define EINLASS_FEATURES_REGISTRATION_FORM_VIEW_H

#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"
#include "event/event_view.h"

enum { FORM_CARDS_MOST = 6 }; /* more ticket types are a drop-down list */

struct form_input {
    const struct event_view *event_view; /* its counts NULL: nobody knows how many places are left;
                                            its code is one that opens something, or NULL */
    json_t *typed;                       /* the body as it was sent, NULL: a fresh form */
    const json_t *errors;                /* of the findings, NULL: none */
    const struct locale *locale;         /* of the page */
    const char *given_code;              /* as it was typed or linked, right or wrong; NULL: none */
    const char *idempotency_key;
};

/* New reference. */
json_t *form_view(struct arena *arena, const struct form_input *input);

/* What stands above the form and on the page that says why there is none: {event, organiser}. */
json_t *form_view_frame(struct arena *arena, const struct event *event, const char *language);

#endif
