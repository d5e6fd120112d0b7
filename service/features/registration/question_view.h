/* The organiser's questions as fields for form/field.html (form/field_view.h). A question that
 * depends on an earlier answer also has only_if {question, answer | yes | no, field, is}. */
#ifndef EINLASS_FEATURES_REGISTRATION_QUESTION_VIEW_H
#define EINLASS_FEATURES_REGISTRATION_QUESTION_VIEW_H

#include <jansson.h>
#include <stdbool.h>

#include "base/memory.h"
#include "event/event.h"

struct question_form {
    const struct event *event;
    const json_t *errors;        /* from findings_take; NULL: none */
    const struct locale *locale; /* of the page */
    bool is_self;                /* people enter their own data: browsers may fill it in */
};

/* The fields of all questions, named PREFIX.SLUG. `answers` is an object by slug, typed or stored;
 * NULL: none. A new reference. */
json_t *question_views(struct arena *arena, const struct question_form *form, const char *prefix,
                       const json_t *answers);

#endif
