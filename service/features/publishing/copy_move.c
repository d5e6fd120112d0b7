#include <string.h>

#include "base/clock.h"
#include "base/timezone.h"
#include "features/publishing/copy.h"

static const int64_t day_us = 24 * 3600 * CLOCK_SECOND_US;

struct moving {
    const struct timezone *zone;
    int days;
    json_t *skipped;
};

/* Returns the moved time. `list` is the list that it is in, or "". */
static json_t *moved_time(const struct moving *moving, const char *list, const char *key,
                          const char *text)
{
    char wanted[CLOCK_TEXT_BYTES], becomes[CLOCK_TEXT_BYTES];
    struct clock_local local;
    struct timezone_moment moment;
    if (!clock_parse_local(text, &local))
        return json_string(text);
    int64_t shown_us = local.shown_us + moving->days * day_us;
    timezone_find(moving->zone, shown_us, &moment);
    bool is_skipped = moment.times == 0, is_repeated = moment.times == 2;
    int chosen = is_skipped ? 1 : 0;
    clock_format_local(moment.at_us[chosen], moment.offset_s[chosen], is_repeated, becomes);
    clock_format_local(shown_us, 0, false, wanted);
    if (is_skipped)
        json_array_append_new(moving->skipped,
                              json_pack("{s:s++, s:s, s:s}", "member", list, *list ? "_" : "", key,
                                        "wanted", wanted, "becomes", becomes));
    return json_string(becomes);
}

static json_t *moved_day(const struct moving *moving, const char *text)
{
    enum { TIME_AT = sizeof "2026-05-13" - 1 };
    char time[CLOCK_TEXT_BYTES];
    struct clock_local local;
    snprintf(time, sizeof time, "%.*sT00:00", TIME_AT, text);
    if (!clock_parse_local(time, &local))
        return json_string(text);
    clock_format_local(local.shown_us + moving->days * day_us, 0, false, time);
    return json_stringn(time, TIME_AT);
}

/* Returns NULL for what is neither a time nor a day. */
static json_t *moved(const struct moving *moving, const char *list, const char *key,
                     const json_t *value)
{
    const char *text = json_string_value(value);
    if (text && clock_is_local(text))
        return moved_time(moving, list, key, text);
    return text && clock_is_date(text) ? moved_day(moving, text) : NULL;
}

/* Texts of people are no times, even where they look like one. */
static bool is_text(const char *key)
{
    static const char *const texts[] = {"title", "summary",  "description", "label", "hint",
                                        "name",  "speakers", "room",        "text",  "code"};
    size_t i = 0;
    while (i < sizeof texts / sizeof *texts && strcmp(texts[i], key) != 0)
        i++;
    return i < sizeof texts / sizeof *texts;
}

/* `key` is the member that the value is, or the list that it is in. */
static void move_in(const struct moving *moving, const char *key, bool is_element, json_t *value)
{
    const char *name;
    size_t i;
    json_t *member, *new;
    if (is_text(key))
        return;
    json_object_foreach (value, name, member) {
        new = is_text(name) ? NULL : moved(moving, is_element ? key : "", name, member);
        if (new)
            json_object_set_new(value, name, new);
        else
            move_in(moving, name, false, member);
    }
    json_array_foreach (value, i, member) {
        new = moved(moving, "", key, member);
        if (new)
            json_array_set_new(value, i, new);
        else
            move_in(moving, key, true, member);
    }
}

void copy_move(json_t *document, int days, json_t *skipped)
{
    struct timezone *zone;
    const char *name = json_string_value(json_object_get(document, "timezone"));
    if (!name || !timezone_load(name, &zone))
        return;
    const struct moving moving = {.zone = zone, .days = days, .skipped = skipped};
    move_in(&moving, "", false, document);
    timezone_destroy(zone);
}
