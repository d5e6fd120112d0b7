/* The sign-up form as data for its template: fields, typed values, errors. */
#ifndef EINLASS_FEATURES_REGISTRATION_FORM_VIEW_H
#define EINLASS_FEATURES_REGISTRATION_FORM_VIEW_H

#include <jansson.h>
#include <stdbool.h>

#include "base/memory.h"
#include "event/event.h"
#include "event/event_view.h"
#include "event/question_view.h"

enum { FORM_CARDS_MOST = 6 }; /* more ticket types become a drop-down list */

struct form_input {
    const struct event_view *event_view; /* counts NULL: the free places are not known;
                                            code: a right one, or NULL */
    json_t *typed;                       /* the body; NULL: a new form */
    const json_t *errors;                /* from findings_take; NULL: none */
    const json_t *kept_emails;           /* see struct field_showing */
    const struct locale *locale;         /* of the page */
    const char *given_code;              /* typed or from a link, right or wrong; NULL: none */
    bool was_applied;                    /* the code was tried by its button */
    bool is_invited;                     /* opened a link that was mailed to the address */
    const char *idempotency_key;
};

/* A new reference. */
json_t *form_view(struct arena *arena, const struct form_input *input);

/* {event, organiser}, for the form and for the page without a form. A new reference. */
json_t *form_view_frame(struct arena *arena, const struct event *event, const char *language);

#endif
