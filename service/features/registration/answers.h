/* Answers to the organiser's questions, each checked by the kind of its question (form/kind.h).
 * Used for sign-up, walk-ins and later changes. */
#ifndef EINLASS_FEATURES_REGISTRATION_ANSWERS_H
#define EINLASS_FEATURES_REGISTRATION_ANSWERS_H

#include <jansson.h>
#include <stdbool.h>

#include "event/event.h"
#include "form/form.h"

/*
 * Reads the object by question slug at a place, which may be missing. Gives the answers worth
 * keeping as a new object in the order of the questions: cleaned, without those to questions that
 * are not shown. The labels in findings are in the reader's language.
 */
json_t *answers_read(const struct form_place *place, const struct event_reader *reader);

/* Whether a question is shown, given the answers to the earlier ones. */
bool answers_show(const struct event *event, const struct question *question,
                  const json_t *answers);

#endif
