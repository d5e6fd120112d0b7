/* Answers to the organiser's questions as text for people. */
#ifndef EINLASS_EVENT_ANSWER_TEXT_H
#define EINLASS_EVENT_ANSWER_TEXT_H

#include <jansson.h>

#include "event/event.h"

struct locale;

/*
 * Returns [{"label", "text"}] for the answered questions marked at_door and
 * those that organisers answer, in their order, a new
 * reference. Texts are labels of choices with commas between, names of countries, dates as people
 * write them, and words for yes and no. They are in the locale's language, or in the event's first.
 * `answers_json` is the column of the database.
 */
json_t *event_door_answers(const struct event *event, const char *answers_json,
                           const struct locale *locale);

/* The same for all questions, and those that are no longer asked: [{"label", "text"}]. */
json_t *event_all_answers(const struct event *event, const json_t *answers,
                          const struct locale *locale);

#endif
