#include "event/event_view.h"

#include "base/text.h"
#include "event/event_file.h"
#include "event/pictures.h"
#include "http/reply.h"

enum { FEW_PLACES = 3, FEW_OF = 10 };

bool event_view_shows(const struct event_view *view, const struct ticket_type *type)
{
    return view->by_organiser || access_code_opens(type, view->code);
}

int64_t event_view_type_places_left(const struct event_view *view, const struct ticket_type *type)
{
    return view->counts->type_places_left[type - view->event->ticket_types];
}

static bool has_place(const struct event_view *view)
{
    for (size_t i = 0; i < view->event->ticket_type_count; i++) {
        const struct ticket_type *type = &view->event->ticket_types[i];
        if (event_view_shows(view, type) && event_view_type_places_left(view, type) != 0)
            return true;
    }
    return false;
}

/* Nobody waits for a ticket type or an event of capacity 0. */
static bool has_waiting_list(const struct event_view *view)
{
    const struct event *event = view->event;
    for (size_t i = 0; i < event->ticket_type_count; i++) {
        if (event_view_shows(view, &event->ticket_types[i]) &&
            event_ticket_type_exists(event, &event->ticket_types[i]))
            return event->waiting_list;
    }
    return false;
}

enum event_state event_view_state(const struct event_view *view)
{
    if (view->event->cancelled)
        return EVENT_STATE_CANCELLED;
    if (view->now_us < view->event->opens_at_us)
        return EVENT_STATE_NOT_YET_OPEN;
    if (view->now_us >= view->event->closes_at_us)
        return EVENT_STATE_CLOSED;
    if (has_place(view))
        return EVENT_STATE_OPEN;
    return has_waiting_list(view) ? EVENT_STATE_WAITING_LIST : EVENT_STATE_SOLD_OUT;
}

int64_t event_view_until_us(const struct event_view *view)
{
    const int64_t turns[] = {view->event->opens_at_us, view->event->closes_at_us,
                             view->event->starts_at_us, view->event->ends_at_us};
    int64_t until = INT64_MAX;
    for (size_t i = 0; i < sizeof turns / sizeof *turns; i++) {
        if (turns[i] > view->now_us && turns[i] < until)
            until = turns[i];
    }
    return until;
}

bool event_view_is_few(int64_t places_left, int64_t capacity)
{
    return places_left > 0 && (places_left <= FEW_PLACES || places_left * FEW_OF <= capacity);
}

bool event_view_has_few(const struct event_view *view)
{
    return event_view_is_few(view->counts->places_left, view->counts->capacity);
}

static json_t *limit_json(int64_t number)
{
    return number < 0 ? json_null() : json_integer(number);
}

bool event_view_has_codes(const struct event_view *view)
{
    for (size_t i = 0; i < view->event->ticket_type_count; i++) {
        if (view->event->ticket_types[i].code)
            return true;
    }
    return false;
}

static json_t *registration_json(const struct event_view *view)
{
    const struct event *event = view->event;
    json_t *json = json_pack(
        "{s:s, s:o, s:o, s:o, s:o, s:I, s:b, s:b, s:b, s:b, s:b, s:i, s:b, s:b}", "state",
        event_state_name(event_view_state(view)), "opens_at", view_time(event->opens_at_us),
        "closes_at", view_time(event->closes_at_us), "capacity", limit_json(view->counts->capacity),
        "places_left", limit_json(view->counts->places_left), "waiting",
        (json_int_t)view->counts->waitlisted, "waiting_list", event->waiting_list, "once_per_email",
        event->once_per_email, "approval", event->approval, "verify_email", event->verify_email,
        "api_needs_token", event->api_needs_token, "most_attendees", event->most_attendees,
        "access_codes", event_view_has_codes(view), "email_needed_at_door",
        event->email_needed_at_door);
    if (view->by_organiser)
        json_object_set_new(json, "places_at_door", limit_json(view->counts->places_at_door));
    return json;
}

static json_t *ticket_types_json(const struct event_view *view, const json_t *file)
{
    json_t *list = json_array();
    const json_t *written = json_object_get(file, "ticket_types");
    for (size_t i = 0; i < view->event->ticket_type_count; i++) {
        const struct ticket_type *type = &view->event->ticket_types[i];
        if (!event_view_shows(view, type))
            continue;
        json_t *title = json_object_get(json_array_get(written, i), "title");
        json_t *item = json_pack(
            "{s:s, s:O, s:o, s:b, s:b, s:o}", "slug", type->slug, "title", title, "places_left",
            limit_json(event_view_type_places_left(view, type)), "approval", type->approval,
            "needs_code", type->code != NULL, "days", event_ticket_type_days(type));
        if (view->by_organiser)
            json_object_set_new(item, "places_at_door",
                                limit_json(view->counts->type_places_at_door[i]));
        json_array_append_new(list, item);
    }
    return list;
}

static void copy(json_t *view, const json_t *file, const char *key)
{
    json_t *value = json_object_get(file, key);
    if (value)
        json_object_set(view, key, value);
    else
        json_object_set_new(view, key, json_null());
}

static json_t *local_json(const struct event *event)
{
    const char *closes_at = event->closes_at ? event->closes_at : event->ends_at;
    return json_pack("{s:s, s:s, s:s?, s:s}", "starts_at", event->starts_at, "ends_at",
                     event->ends_at, "opens_at", event->opens_at, "closes_at", closes_at);
}

/* The questions for guests; for organisers also those that they answer. */
static json_t *questions_json(const struct event *event, const json_t *file, bool by_organiser)
{
    json_t *list = json_array();
    const json_t *written = json_object_get(file, "questions");
    for (size_t i = 0; i < event->question_count; i++) {
        if (event_asks(&event->questions[i], by_organiser))
            json_array_append(list, json_array_get(written, i));
    }
    return list;
}

static json_t *picture_json(const struct event *event)
{
    const struct event_picture *picture = &event->picture;
    if (!picture->name)
        return json_null();
    json_t *alt = json_object();
    for (size_t i = 0; i < event->language_count; i++) {
        if (picture->alt.by_language[i])
            json_object_set_new(alt, event->languages[i], json_string(picture->alt.by_language[i]));
    }
    return json_pack("{s:o, s:i, s:i, s:o}", "url", json_sprintf(PICTURES_PATH "%s", picture->name),
                     "width", picture->width, "height", picture->height, "alt", alt);
}

/* Texts by language, and times in UTC and local. */
static json_t *programme_json(const struct event *event, const json_t *file)
{
    json_t *list = json_array();
    const json_t *written = json_object_get(file, "programme");
    for (size_t i = 0; i < event->programme_count; i++) {
        const struct programme_item *item = &event->programme[i];
        const json_t *texts = json_array_get(written, i);
        json_array_append_new(
            list,
            json_pack("{s:s, s:o, s:o, s:{s:s, s:s?}, s:O, s:s?, s:s?, s:O?}", "slug", item->slug,
                      "starts_at", view_time(item->starts_at_us), "ends_at",
                      view_time(item->ends_at_us), "local", "starts_at", item->starts_at, "ends_at",
                      item->ends_at, "title", json_object_get(texts, "title"), "speakers",
                      item->speakers, "room", item->room, "text", json_object_get(texts, "text")));
    }
    return list;
}

json_t *event_view_json(const struct event_view *view)
{
    const struct event *event = view->event;
    json_t *file = event_file_write(event), *json = json_object();
    static const char *const before[] = {"organiser", "slug",        "title",
                                         "summary",   "description", "venue",
                                         "timezone",  "contact",     NULL};
    static const char *const after[] = {"languages", "consents", NULL};
    for (int i = 0; before[i]; i++)
        copy(json, file, before[i]);
    json_object_set_new(json, "starts_at", view_time(event->starts_at_us));
    json_object_set_new(json, "ends_at", view_time(event->ends_at_us));
    json_object_set_new(json, "local", local_json(event));
    json_object_set_new(json, "picture", picture_json(event));
    json_object_set_new(json, "programme", programme_json(event, file));
    json_object_set_new(json, "published", json_boolean(event->published));
    json_object_set_new(json, "registration", registration_json(view));
    json_object_set_new(json, "ticket_types", ticket_types_json(view, file));
    json_object_set_new(json, "questions", questions_json(event, file, view->by_organiser));
    for (int i = 0; after[i]; i++)
        copy(json, file, after[i]);
    json_decref(file);
    return json;
}

json_t *event_view_when(const struct event *event)
{
    size_t day = strlen("2022-05-13");
    const char *closes_at = event->closes_at ? event->closes_at : event->ends_at;
    return json_pack(
        "{s:s, s:s, s:b, s:b, s:s, s:o, s:o, s:s?, s:s}", "starts_at", event->starts_at, "ends_at",
        event->ends_at, "one_day", strncmp(event->starts_at, event->ends_at, day) == 0,
        "closes_early", event->closes_at_us < event->ends_at_us, "timezone", event->timezone,
        "starts_at_utc", view_time(event->starts_at_us), "ends_at_utc",
        view_time(event->ends_at_us), "opens_at", event->opens_at, "closes_at", closes_at);
}

json_t *event_view_head(const struct event *event, const char *language)
{
    return json_pack("{s:s, s:s?, s:o, s:b, s:b}", "slug", event->slug, "title",
                     event_text(event, &event->title, language), "when", event_view_when(event),
                     "published", event->published, "cancelled", event->cancelled);
}

void event_map_url(const char *name, const char *address, struct buffer *out)
{
    buffer_add_text(out, "https://www.openstreetmap.org/search?query=");
    percent_encode(out, address ? address : name);
}
