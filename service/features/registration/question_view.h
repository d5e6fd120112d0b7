/*
 * The organiser's questions as data for question.html, for whichever form asks them. A question has
 * name, label, hint, error, describedby, required, only_if {question, answer | yes | no, field, is}
 * and one of as_yes_no, as_choices, as_select, as_lines, as_input, which say how it is drawn.
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
