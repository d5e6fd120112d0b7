/* Answers to the organiser's questions as text for people. */
#ifndef EINLASS_EVENT_ANSWER_TEXT_H
#define EINLASS_EVENT_ANSWER_TEXT_H

#include <jansson.h>

#include "base/id.h"
#include "base/memory.h"
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

/* The text by which a door finds an attendee: the name, `door_answers` (as event_door_answers()
 * gives them) and the ticket number, as search_text() writes them. `attendee_id` NULL: without the
 * number. */
const char *event_door_search(struct arena *arena, const char *name, const json_t *door_answers,
                              const struct id *attendee_id);

/* The same as event_door_answers() for all questions, and those that are no longer asked:
 * [{"label", "text"}]. */
json_t *event_all_answers(const struct event *event, const json_t *answers,
                          const struct locale *locale);

#endif
