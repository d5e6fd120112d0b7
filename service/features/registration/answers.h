/* Reads answers to the organiser's questions, in sign-ups, walk-ins and corrections. The kind of
 * each question checks its answer (form/kind.h). */
#ifndef EINLASS_FEATURES_REGISTRATION_ANSWERS_H
#define EINLASS_FEATURES_REGISTRATION_ANSWERS_H

#include <jansson.h>
#include <stdbool.h>

#include "event/event.h"
#include "form/form.h"

/* Reads an object of answers by question slug; the place may be missing. Gives a new reference: the
 * cleaned answers in the order of the questions, without those to questions that are not shown.
 * Labels in findings are in the reader's language. */
json_t *answers_read(const struct form_place *place, const struct event_reader *reader);

/* Whether a question is shown after these answers to earlier questions. */
bool answers_show(const struct event *event, const struct question *question,
                  const json_t *answers);

#endif
