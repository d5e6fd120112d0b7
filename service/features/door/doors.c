#include "features/door/doors.h"

#include <jansson.h>

#include "base/clock.h"
#include "event/events.h"
#include "features/feature.h"
#include "http/reply.h"
#include "view/locale.h"

static json_t *titled(const struct event *event, const char *slug, const struct event_text *title,
                      const char *language)
{
    return json_pack("{s:s, s:s}", "slug", slug, "title", event_text(event, title, language));
}

static json_t *days_json(const struct event *event)
{
    json_t *days = json_array();
    for (size_t i = 0; i < event->day_count; i++)
        json_array_append_new(days, json_pack("{s:s, s:o}", "date", event->days[i].date,
                                              "starts_at", view_time(event->days[i].starts_at_us)));
    return days;
}

static json_t *ticket_types_json(const struct event *event, const char *language)
{
    json_t *types = json_array();
    for (size_t i = 0; i < event->ticket_type_count; i++) {
        const struct ticket_type *type = &event->ticket_types[i];
        json_t *view = titled(event, type->slug, &type->title, language);
        json_object_set_new(view, "days", event_ticket_type_days(type));
        json_array_append_new(types, view);
    }
    return types;
}

static json_t *event_json(const struct event *event, const char *language)
{
    json_t *view = titled(event, event->slug, &event->title, language);
    json_t *languages = json_array();
    for (size_t i = 0; i < event->language_count; i++)
        json_array_append_new(languages, json_string(event->languages[i]));
    json_object_set_new(view, "languages", languages);
    json_object_set_new(view, "timezone", json_string(event->timezone));
    json_object_set_new(view, "starts_at", view_time(event->starts_at_us));
    json_object_set_new(view, "ends_at", view_time(event->ends_at_us));
    json_object_set_new(view, "check_in_opens_at", view_time(event->check_in_opens_at_us));
    json_object_set_new(view, "check_in_closes_at", view_time(event->check_in_closes_at_us));
    json_object_set_new(view, "cancelled", json_boolean(event->cancelled));
    json_object_set_new(view, "days", days_json(event));
    json_object_set_new(view, "ticket_types", ticket_types_json(event, language));
    return view;
}

static json_t *door_json(const struct event *event, const struct door *door, const char *language)
{
    json_t *types = json_array();
    for (size_t i = 0; i < event->ticket_type_count; i++) {
        const struct ticket_type *type = &event->ticket_types[i];
        if (door_admits(door, type->slug))
            json_array_append_new(types, titled(event, type->slug, &type->title, language));
    }
    json_t *view = titled(event, door->slug, &door->title, language);
    json_object_set_new(view, "ticket_types", types);
    return view;
}

static void answer(struct request *request, const struct event_counts *counts)
{
    const struct event *event = request_event(request);
    const char *language = locale_code(request_locale(request));
    json_t *doors = json_array();
    for (size_t i = 0; i < event->door_count; i++)
        json_array_append_new(doors, door_json(event, &event->doors[i], language));
    reply_view(request, 200,
               json_pack("{s:o, s:o, s:o, s:{s:I, s:I, s:I}}", "now", view_time(clock_now_us()),
                         "event", event_json(event, language), "doors", doors, "counts", "expected",
                         (json_int_t)counts->expected, "admitted", (json_int_t)counts->admitted,
                         "inside", (json_int_t)counts->inside));
}

static void on_counted(void *context, const struct event_counts *counts)
{
    struct request *request = context;
    if (counts)
        answer(request, counts);
    else
        reply_busy(request, "busy");
}

void doors_show(struct request *request)
{
    struct worker *worker = request_worker(request);
    const struct event_counts *counts = events_counts_now(worker, request_event(request));
    if (counts)
        answer(request, counts);
    else
        events_count(worker, request_event(request), on_counted, request);
}
