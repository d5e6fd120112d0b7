/* Reads answers to the organiser's questions, in sign-ups, walk-ins and corrections. The kind of
 * each question checks its answer (form/kind.h). */
#ifndef EINLASS_EVENT_ANSWERS_H
#define EINLASS_EVENT_ANSWERS_H

#include <jansson.h>
#include <stdbool.h>

#include "event/event.h"
#include "form/form.h"

/* Reads an object of answers by question slug; the place may be missing. Gives a new reference: the
 * cleaned answers in the order of the questions, without those to questions that are not shown.
 * Labels in findings are in the reader's language. */
json_t *answers_read(const struct form_place *place, const struct event_reader *reader);

/*
 * Reads answers that correct stored ones. The event may ask otherwise than when they were given, so
 * a stored answer stays as it is, unchecked, unless another one is given: an answer to a question
 * that is no longer asked, to one that is no longer shown, and with a choice that is no longer
 * offered. Nobody must answer now what was not asked then. A condition that the new answers no
 * longer meet takes the answers below it away. A page's form sends no unticked box, so a list that
 * it leaves out becomes empty. A new reference.
 */
json_t *answers_correct(const struct form_place *place, const struct event_reader *reader,
                        json_t *stored);

/* Whether a question is shown after these answers to earlier questions. */
bool answers_show(const struct event *event, const struct question *question,
                  const json_t *answers);

#endif
