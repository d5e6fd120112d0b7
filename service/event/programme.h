/* The programme of an event for people. */
#ifndef EINLASS_EVENT_PROGRAMME_H
#define EINLASS_EVENT_PROGRAMME_H

#include <jansson.h>
#include <stdbool.h>

#include "base/memory.h"

struct event;
struct locale;
struct programme_item;

/* Returns [{"date", "is_one_of_several", "items": [{"from", "until", "title", "by", "text"}]}] in
 * the order of time, with texts in one language and null for what is not given, a new reference. */
json_t *programme_days(const struct event *event, const char *language);

/* Returns it as plain text, a line or more for each item, with headings if it has several days, or
 * NULL if there is none. Lives in the arena. */
const char *programme_text(const struct event *event, const struct locale *locale,
                           struct arena *arena);

/* Whether an item begins or ends outside the time of the event. */
bool programme_is_outside(const struct event *event, const struct programme_item *item);

#endif
