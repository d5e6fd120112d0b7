#include "view/calendar.h"

#include <libical/ical.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/timezone.h"

#define PRODUCT "-//Einlass//Einlass " EINLASS_VERSION "//EN"

enum { CHANGES_MOST = 64 /* clock changes during one event */ };

const char calendar_content_type[] = "text/calendar; charset=utf-8";

static const icalproperty_method methods[] = {
    [CALENDAR_PUBLISH] = ICAL_METHOD_PUBLISH,
    [CALENDAR_CANCEL] = ICAL_METHOD_CANCEL,
};

const char *calendar_method_name(enum calendar_method method)
{
    return method == CALENDAR_CANCEL ? "CANCEL" : "PUBLISH";
}

struct writing {
    const struct calendar_event *event;
    struct timezone *zone; /* NULL: UTC */
    struct arena arena;
    icalcomponent *calendar, *component;
};

static bool is_given(const char *text)
{
    return text && *text != '\0';
}

/* Returns valid UTF-8 without control characters, which RFC 5545 section 3.1 forbids, except line
 * feeds. */
static const char *clean(struct writing *writing, const char *text)
{
    size_t length = strlen(text);
    if (!text_is_utf8(text, length))
        return "";
    char *copy = arena_copy(&writing->arena, text), *to = copy;
    for (const char *at = copy; *at; at++)
        if (*at == '\n' || *at == '\t' || (unsigned char)*at >= ' ')
            if (*at != '\x7f')
                *to++ = *at;
    *to = '\0';
    return copy;
}

static const char *without_lines(struct writing *writing, const char *text)
{
    char *copy = arena_copy(&writing->arena, clean(writing, text));
    for (char *at = copy; *at; at++)
        if (*at == '\n' || *at == '\t')
            *at = ' ';
    return copy;
}

static struct icaltimetype time_at(int64_t at_us, int offset_s)
{
    int64_t seconds = at_us / CLOCK_SECOND_US - (at_us % CLOCK_SECOND_US < 0) + offset_s;
    return icaltime_from_timet_with_zone((time_t)seconds, 0, NULL);
}

static struct icaltimetype utc_at(int64_t at_us)
{
    struct icaltimetype time = time_at(at_us, 0);
    time.zone = icaltimezone_get_utc_timezone();
    return time;
}

/* --- The zone -------------------------------------------------------------------------------- */

static void add_observance(icalcomponent *definition, const struct timezone_change *change)
{
    icalcomponent *observance =
        change->is_daylight ? icalcomponent_new_xdaylight() : icalcomponent_new_xstandard();
    const bool is_old = change->at_us < 0; /* earlier than any event here */
    const int64_t since_us = is_old ? 0 : change->at_us;
    const int before_s = is_old ? change->offset_s : change->offset_before_s;
    icalcomponent_add_property(observance, icalproperty_new_dtstart(time_at(since_us, before_s)));
    icalcomponent_add_property(observance, icalproperty_new_tzoffsetfrom(before_s));
    icalcomponent_add_property(observance, icalproperty_new_tzoffsetto(change->offset_s));
    icalcomponent_add_property(observance, icalproperty_new_tzname(change->name));
    icalcomponent_add_component(definition, observance);
}

/* Adds the observances from the start of the event to its end. Mostly this is one, so no calendar
 * can choose a wrong one. False: the zone's table does not reach so far ahead. */
static bool add_observances(const struct writing *writing, icalcomponent *definition)
{
    const struct calendar_event *event = writing->event;
    struct timezone_change change;
    int64_t at_us = event->starts_at_us;
    for (int i = 0; at_us <= event->ends_at_us && i < CHANGES_MOST; i++) {
        if (!timezone_at(writing->zone, at_us, &change, &at_us))
            return false;
        add_observance(definition, &change);
        if (at_us == INT64_MAX)
            break;
    }
    return true;
}

/* Whether the local time occurs once. It occurs twice when the clocks are set back. */
static bool comes_once(const struct timezone *zone, int64_t at_us)
{
    struct timezone_change now, then;
    int64_t next_us;
    if (!timezone_at(zone, at_us, &now, &next_us))
        return false;
    if (now.at_us != INT64_MIN &&
        at_us - now.at_us < (now.offset_before_s - now.offset_s) * CLOCK_SECOND_US)
        return false;
    return next_us == INT64_MAX || !timezone_at(zone, next_us, &then, NULL) ||
           next_us - at_us > (now.offset_s - then.offset_s) * CLOCK_SECOND_US;
}

/* Uses UTC for a local time that occurs twice: calendars do not agree which of the two is meant. */
static void find_zone(struct writing *writing)
{
    const char *name = writing->event->timezone;
    if (!is_given(name) || strcmp(name, "UTC") == 0 || strcmp(name, "Etc/UTC") == 0 ||
        !timezone_load(name, &writing->zone))
        return;
    icalcomponent *definition =
        icalcomponent_vanew(ICAL_VTIMEZONE_COMPONENT, icalproperty_new_tzid(name), (void *)0);
    if (comes_once(writing->zone, writing->event->starts_at_us) &&
        comes_once(writing->zone, writing->event->ends_at_us) &&
        add_observances(writing, definition)) {
        icalcomponent_add_component(writing->calendar, definition);
        return;
    }
    icalcomponent_free(definition);
    timezone_destroy(writing->zone);
    writing->zone = NULL;
}

/* Adds the time in the zone or, without a zone, in UTC. */
static void add_time(struct writing *writing, icalproperty *(*make)(struct icaltimetype),
                     int64_t at_us)
{
    struct timezone_change change;
    if (!writing->zone || !timezone_at(writing->zone, at_us, &change, NULL)) {
        icalcomponent_add_property(writing->component, make(utc_at(at_us)));
        return;
    }
    icalproperty *property = make(time_at(at_us, change.offset_s));
    icalproperty_add_parameter(property, icalparameter_new_tzid(writing->event->timezone));
    icalcomponent_add_property(writing->component, property);
}

/* --- The event ------------------------------------------------------------------------------- */

static void add_text(struct writing *writing, icalproperty *(*make)(const char *), const char *text)
{
    if (!is_given(text))
        return;
    icalproperty *property = make(clean(writing, text));
    if (is_given(writing->event->language))
        icalproperty_add_parameter(property, icalparameter_new_language(writing->event->language));
    icalcomponent_add_property(writing->component, property);
}

/* RFC 5546 section 3.2.1 demands an organiser in published events. */
static void add_organiser(struct writing *writing)
{
    const struct calendar_event *event = writing->event;
    if (!is_given(event->organiser_uri))
        return;
    icalproperty *property =
        icalproperty_new_organizer(without_lines(writing, event->organiser_uri));
    if (is_given(event->organiser)) {
        char *name = arena_copy(&writing->arena, without_lines(writing, event->organiser));
        for (char *at = name; (at = strchr(at, '"'));) /* parameters cannot contain quotes */
            *at = '\'';
        icalproperty_add_parameter(property, icalparameter_new_cn(name));
    }
    icalcomponent_add_property(writing->component, property);
}

static void add_reminder(struct writing *writing)
{
    const struct calendar_event *event = writing->event;
    if (event->remind_minutes <= 0 || event->method == CALENDAR_CANCEL)
        return;
    struct icaltriggertype trigger = {
        .time = icaltime_null_time(),
        .duration = icaldurationtype_from_int(-60 * event->remind_minutes),
    };
    icalcomponent_add_component(
        writing->component,
        icalcomponent_vanew(ICAL_VALARM_COMPONENT, icalproperty_new_action(ICAL_ACTION_DISPLAY),
                            icalproperty_new_trigger(trigger),
                            icalproperty_new_description(
                                is_given(event->summary) ? clean(writing, event->summary) : "-"),
                            (void *)0));
}

static void fill_event(struct writing *writing)
{
    const struct calendar_event *event = writing->event;
    icalcomponent *component = writing->component;
    const bool is_cancelled = event->method == CALENDAR_CANCEL;
    icalcomponent_add_property(component, icalproperty_new_uid(event->uid));
    icalcomponent_add_property(component, icalproperty_new_sequence(event->sequence));
    icalcomponent_add_property(component, icalproperty_new_dtstamp(utc_at(event->stamp_us)));
    if (event->changed_us > 0)
        icalcomponent_add_property(component,
                                   icalproperty_new_lastmodified(utc_at(event->changed_us)));
    add_time(writing, icalproperty_new_dtstart, event->starts_at_us);
    add_time(writing, icalproperty_new_dtend, event->ends_at_us);
    add_text(writing, icalproperty_new_summary, event->summary);
    add_text(writing, icalproperty_new_description, event->description);
    add_text(writing, icalproperty_new_location, event->location);
    if (is_given(event->url))
        icalcomponent_add_property(component,
                                   icalproperty_new_url(without_lines(writing, event->url)));
    add_organiser(writing);
    icalcomponent_add_property(
        component,
        icalproperty_new_status(is_cancelled ? ICAL_STATUS_CANCELLED : ICAL_STATUS_CONFIRMED));
    add_reminder(writing);
}

void calendar_write(const struct calendar_event *event, struct buffer *out)
{
    struct writing writing = {.event = event};
    arena_init(&writing.arena);
    writing.calendar = icalcomponent_vanew(
        ICAL_VCALENDAR_COMPONENT, icalproperty_new_version("2.0"), icalproperty_new_prodid(PRODUCT),
        icalproperty_new_calscale("GREGORIAN"), icalproperty_new_method(methods[event->method]),
        (void *)0);
    find_zone(&writing);
    writing.component = icalcomponent_new(ICAL_VEVENT_COMPONENT);
    fill_event(&writing);
    icalcomponent_add_component(writing.calendar, writing.component);
    char *text = icalcomponent_as_ical_string_r(writing.calendar);
    buffer_add_text(out, text);
    free(text);
    icalcomponent_free(writing.calendar);
    timezone_destroy(writing.zone);
    arena_finish(&writing.arena);
}
