/*
 * The organiser's questions as data for form/field.html, for whichever form asks them: fields
 * (form/field_view.h), with only_if {question, answer | yes | no, field, is} where an earlier
 * answer shows them.
 */
#ifndef EINLASS_FEATURES_REGISTRATION_QUESTION_VIEW_H
#define EINLASS_FEATURES_REGISTRATION_QUESTION_VIEW_H

#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"
#include "event/event.h"

struct question_form {
    const struct event *event;
    const json_t *errors;        /* as findings_take gives them; NULL: none */
    const struct locale *locale; /* of the page */
    bool is_self;                /* whoever fills it in speaks of themselves: browsers may help */
};

/*
 * All questions, with the answers so far: as a form sends them or as they are kept (an object by
 * slug, NULL: none). A question's field is called PREFIX.SLUG, as its pointer is /PREFIX/SLUG with
 * dots. A new reference.
 */
json_t *question_views(struct arena *arena, const struct question_form *form, const char *prefix,
                       const json_t *answers);

#endif
