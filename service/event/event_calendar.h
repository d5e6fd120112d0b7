/* An event as calendars take it in (view/calendar.h). */
#ifndef EINLASS_EVENT_EVENT_CALENDAR_H
#define EINLASS_EVENT_EVENT_CALENDAR_H

#include "base/memory.h"
#include "view/calendar.h"

struct event;
struct locale;
struct worker;

/* All that its page says, made now; cancelled where the event is. The same event always has the
 * same UID, and a higher number once it was changed. The caller may change what it likes, such as
 * the address. Texts live in the arena or with the event. */
struct calendar_event event_calendar(const struct worker *worker, const struct event *event,
                                     const struct locale *locale, struct arena *arena);

/* "Event title.ics", in the arena. */
const char *event_calendar_name(const struct event *event, const struct locale *locale,
                                struct arena *arena);

#endif
