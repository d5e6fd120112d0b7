/* The sign-up form as data for its template: fields, typed values, errors. */
#ifndef EINLASS_FEATURES_REGISTRATION_FORM_VIEW_H
#define EINLASS_FEATURES_REGISTRATION_FORM_VIEW_H

#include <jansson.h>
#include <stdbool.h>

#include "base/memory.h"
#include "event/event.h"
#include "event/event_view.h"

enum { FORM_CARDS_MOST = 6 }; /* more ticket types become a drop-down list */

struct form_input {
    const struct event_view *event_view; /* counts NULL: the free places are not known;
                                            code: a right one, or NULL */
    json_t *typed;                       /* the body; NULL: a new form */
    const json_t *errors;                /* from findings_take; NULL: none */
    const struct locale *locale;         /* of the page */
    const char *given_code;              /* typed or from a link, right or wrong; NULL: none */
    const char *idempotency_key;
};

/* A new reference. */
json_t *form_view(struct arena *arena, const struct form_input *input);

/* {event, organiser}, for the form and for the page without a form. A new reference. */
json_t *form_view_frame(struct arena *arena, const struct event *event, const char *language);

/* The organiser's questions as fields for form/field.html (form/field_view.h). A question that
 * depends on an earlier answer also has only_if {question, answer | yes | no, field, is}. */

struct question_form {
    const struct event *event;
    const json_t *errors;        /* from findings_take; NULL: none */
    const struct locale *locale; /* of the page */
    bool is_self;                /* people enter their own data: browsers may fill it in */
    bool is_organiser; /* with the questions that organisers answer; no answer is required */
    /* The answers that are corrected: a former choice that they have is shown, and nothing is
     * required that they lack. NULL: a new form. */
    const json_t *stored;
};

/* The fields of all questions, named PREFIX.SLUG. `answers` is an object by slug, typed or stored;
 * NULL: none. A new reference. */
json_t *question_views(struct arena *arena, const struct question_form *form, const char *prefix,
                       const json_t *answers);

#endif
