/* Answers to the organiser's questions as people read them. */
#ifndef EINLASS_EVENT_ANSWER_TEXT_H
#define EINLASS_EVENT_ANSWER_TEXT_H

#include <jansson.h>

#include "event/event.h"

struct locale;

/*
 * What the door sees of a guest: [{"label", "text"}] for the questions marked at_door, in their
 * order, those without an answer left out. Choices by their labels, several of them with commas,
 * countries by their names, days as people write them, yes and no in words.
 *
 * `answers_json` is the attendee's answers as the database has them. What the organiser wrote is
 * in the locale's language, or in the event's first. A new reference.
 */
json_t *event_door_answers(const struct event *event, const char *answers_json,
                           const struct locale *locale);

#endif
