/* Calendar entries of events (view/calendar.h). */
#ifndef EINLASS_EVENT_EVENT_CALENDAR_H
#define EINLASS_EVENT_EVENT_CALENDAR_H

#include "base/memory.h"
#include "view/calendar.h"

struct event;
struct locale;
struct worker;

/* Returns the entry of the event. Its method is CALENDAR_CANCEL for a cancelled event. An event
 * always has the same UID, and its sequence grows with each version. Texts live in the arena or
 * with the event. The caller may change the entry. */
struct calendar_event event_calendar(const struct worker *worker, const struct event *event,
                                     const struct locale *locale, struct arena *arena);

/* Returns "Event title.ics", in the arena. */
const char *event_calendar_name(const struct event *event, const struct locale *locale,
                                struct arena *arena);

#endif
