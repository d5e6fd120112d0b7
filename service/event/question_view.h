/* The organiser's questions as fields for form/field.html (form/field_view.h). A question that
 * depends on an earlier answer also has only_if {question, answer | yes | no, field, is}. */
#ifndef EINLASS_EVENT_QUESTION_VIEW_H
#define EINLASS_EVENT_QUESTION_VIEW_H

#include <jansson.h>
#include <stdbool.h>

#include "base/memory.h"
#include "event/event.h"

struct question_form {
    const struct event *event;
    const json_t *errors;        /* from findings_take; NULL: none */
    const struct locale *locale; /* of the page */
    const json_t *kept_emails;   /* see struct field_showing */
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

/* The choices that the question offers, and former ones that the stored answer has; in the arena.
 */
struct kind_choices question_choices_with(struct arena *arena, const struct question *question,
                                          const json_t *stored);

#endif
