#include "features/event/event_list_page.h"

#include "base/clock.h"
#include "event/event_view.h"

/* Prefers the page's language, then the event's languages in their order. */
static json_t *choose_text(const json_t *event, const char *key, const char *language)
{
    json_t *texts = json_object_get(event, key), *text = json_object_get(texts, language);
    size_t i;
    json_t *other;
    json_array_foreach (json_object_get(event, "languages"), i, other) {
        if (!text)
            text = json_object_get(texts, json_string_value(other));
    }
    return text ? json_incref(text) : json_null();
}

static bool is_in(const json_t *event, enum event_state state)
{
    return event_state_parse(json_string_value(json_object_get(event, "state"))) == state;
}

/* Returns the state of registration as a section for the template: {"open": true} and so on. */
static json_t *sign(const json_t *event)
{
    const json_t *left = json_object_get(event, "places_left");
    const json_t *capacity = json_object_get(event, "capacity");
    bool few = is_in(event, EVENT_STATE_OPEN) && json_is_integer(left) &&
               event_view_is_few(json_integer_value(left),
                                 json_is_integer(capacity) ? json_integer_value(capacity) : -1);
    const char *state = json_string_value(json_object_get(event, "state"));
    if (json_is_true(json_object_get(event, "ended")) && !is_in(event, EVENT_STATE_CANCELLED))
        return json_null();
    bool is_full = is_in(event, EVENT_STATE_WAITING_LIST) || is_in(event, EVENT_STATE_SOLD_OUT);
    bool invited = is_full && json_is_true(json_object_get(event, "by_invitation"));
    return json_pack("{s:b}", few ? "few" : invited ? "by_invitation" : state, true);
}

json_t *event_list_item(const json_t *event, const char *language)
{
    json_t *item = json_copy((json_t *)event);
    const json_t *local = json_object_get(event, "local");
    const char *starts = json_string_value(json_object_get(local, "starts_at"));
    const char *ends = json_string_value(json_object_get(local, "ends_at"));
    json_object_set_new(item, "title", choose_text(event, "title", language));
    json_object_set_new(item, "summary", choose_text(event, "summary", language));
    json_object_set_new(item, "when",
                        json_pack("{s:s, s:s, s:b, s:O, s:O}", "starts_at", starts, "ends_at", ends,
                                  "one_day", strncmp(starts, ends, strlen("2022-05-13")) == 0,
                                  "starts_at_utc", json_object_get(event, "starts_at"),
                                  "ends_at_utc", json_object_get(event, "ends_at")));
    return item;
}

static json_t *signed_item(const json_t *event, const char *language)
{
    json_t *item = event_list_item(event, language);
    json_object_set_new(item, "sign", sign(event));
    return item;
}

static bool has_started(const json_t *event, int64_t now_us)
{
    char now[CLOCK_TEXT_BYTES];
    clock_format(now_us, now);
    /* Both are UTC in the same format, so they compare as text. */
    return strcmp(json_string_value(json_object_get(event, "starts_at")), now) <= 0;
}

json_t *event_list_page(const json_t *list, const char *language, int64_t now_us)
{
    json_t *now_on = json_array(), *upcoming = json_array(), *past = json_array(), *event;
    size_t i;
    json_array_foreach (json_object_get(list, "events"), i, event) {
        bool over = json_is_true(json_object_get(event, "ended"));
        bool on = !over && has_started(event, now_us) && !is_in(event, EVENT_STATE_CANCELLED);
        json_array_append_new(over ? past : on ? now_on : upcoming, signed_item(event, language));
    }
    return json_pack(
        "{s:b, s:b, s:b, s:b, s:b, s:O, s:o, s:o, s:o}", "none", i == 0, "nothing_planned",
        i > 0 && json_array_size(upcoming) == 0 && json_array_size(now_on) == 0, "has_now",
        json_array_size(now_on) > 0, "has_upcoming", json_array_size(upcoming) > 0, "has_past",
        json_array_size(past) > 0, "next", json_object_get(list, "next"), "now", now_on, "upcoming",
        upcoming, "past", past);
}
