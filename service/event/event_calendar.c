#include "event/event_calendar.h"

#include "base/clock.h"
#include "event/event.h"
#include "event/programme.h"
#include "view/locale.h"
#include "worker.h"

/* The host of the public URL without the port makes UIDs unique in the world. */
static const char *host(const struct worker *worker, struct arena *arena)
{
    const char *url = worker->config->public_url, *slashes = strstr(url, "://");
    const char *from = slashes ? slashes + 3 : url;
    size_t length = *from == '[' ? strcspn(from, "]") + 1 : strcspn(from, ":/");
    return arena_copy_bytes(arena, from, length);
}

static const char *uid(const struct worker *worker, const struct event *event, struct arena *arena)
{
    char id[ID_TEXT_BYTES];
    id_format(&event->id, id);
    return arena_printf(arena, "%s@%s", id, host(worker, arena));
}

static const char *location(const struct event *event, struct arena *arena)
{
    if (!event->venue_address)
        return event->venue_name;
    return arena_printf(arena, "%s, %s", event->venue_name, event->venue_address);
}

/* Calendars show one entry with the programme in it. */
static const char *description(const struct event *event, const struct locale *locale,
                               struct arena *arena)
{
    const char *summary = event_text(event, &event->summary, locale_code(locale));
    const char *programme = programme_text(event, locale, arena);
    if (!programme)
        return summary;
    return arena_printf(arena, "%s%s%s", summary, *summary ? "\n\n" : "", programme);
}

struct calendar_event event_calendar(const struct worker *worker, const struct event *event,
                                     const struct locale *locale, struct arena *arena)
{
    const char *language = locale_code(locale);
    const char *url = arena_printf(arena, "%s/events/%s", worker->config->public_url, event->slug);
    return (struct calendar_event){
        .method = event->cancelled ? CALENDAR_CANCEL : CALENDAR_PUBLISH,
        .uid = uid(worker, event, arena),
        .sequence = event->version,
        .language = language,
        .summary = event_text(event, &event->title, language),
        .description = description(event, locale, arena),
        .location = location(event, arena),
        .url = url,
        .organiser = event->organiser_name,
        .organiser_uri = event->reply_to.address
                             ? arena_printf(arena, "mailto:%s", event->reply_to.address)
                             : url,
        .timezone = event->timezone,
        .starts_at_us = event->starts_at_us,
        .ends_at_us = event->ends_at_us,
        .stamp_us = clock_now_us(),
    };
}

const char *event_calendar_name(const struct event *event, const struct locale *locale,
                                struct arena *arena)
{
    return arena_printf(arena, "%s.ics", event_text(event, &event->title, locale_code(locale)));
}
