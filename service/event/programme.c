#include "event/programme.h"

#include <string.h>

#include "event/event.h"
#include "view/locale.h"

enum { DATE_LENGTH = sizeof "2026-05-13" - 1 };

static bool is_new_day(const struct event *event, size_t i)
{
    const struct programme_item *items = event->programme;
    return i == 0 || strncmp(items[i].starts_at, items[i - 1].starts_at, DATE_LENGTH) != 0;
}

static bool has_several_days(const struct event *event)
{
    for (size_t i = 1; i < event->programme_count; i++) {
        if (is_new_day(event, i))
            return true;
    }
    return false;
}

static json_t *given(const char *text)
{
    return text && *text ? json_string(text) : json_null();
}

/* "Anna Weber · Hall 1" */
static json_t *by_of(const struct programme_item *item)
{
    if (item->speakers && item->room)
        return json_sprintf("%s · %s", item->speakers, item->room);
    return given(item->speakers ? item->speakers : item->room);
}

static json_t *item_view(const struct event *event, const struct programme_item *item,
                         const char *language)
{
    return json_pack("{s:s, s:o, s:s, s:o, s:o}", "from", item->starts_at, "until",
                     given(item->ends_at), "title", event_text(event, &item->title, language), "by",
                     by_of(item), "text", given(event_text(event, &item->text, language)));
}

json_t *programme_days(const struct event *event, const char *language)
{
    json_t *days = json_array(), *items = NULL;
    bool is_one_of_several = has_several_days(event);
    for (size_t i = 0; i < event->programme_count; i++) {
        const struct programme_item *item = &event->programme[i];
        if (is_new_day(event, i)) {
            items = json_array();
            json_array_append_new(days, json_pack("{s:s#, s:b, s:o}", "date", item->starts_at,
                                                  (int)DATE_LENGTH, "is_one_of_several",
                                                  is_one_of_several, "items", items));
        }
        json_array_append_new(items, item_view(event, item, language));
    }
    return days;
}

/* --- Plain text ------------------------------------------------------------------------------ */

static void add_time(const struct locale *locale, const char *local, struct buffer *out)
{
    char clock[] = "2026-05-13T10:00"; /* without an offset */
    snprintf(clock, sizeof clock, "%s", local);
    if (!locale_format_local(locale, clock, LOCALE_CLOCK, out))
        buffer_add_text(out, local);
}

static void add_item(const struct event *event, const struct programme_item *item,
                     const struct locale *locale, struct buffer *out)
{
    add_time(locale, item->starts_at, out);
    if (item->ends_at) {
        buffer_add_text(out, "–");
        add_time(locale, item->ends_at, out);
    }
    buffer_printf(out, "  %s", event_text(event, &item->title, locale_code(locale)));
    if (item->speakers)
        buffer_printf(out, " – %s", item->speakers);
    if (item->room)
        buffer_printf(out, " (%s)", item->room);
    buffer_add_char(out, '\n');
}

const char *programme_text(const struct event *event, const struct locale *locale,
                           struct arena *arena)
{
    struct buffer out;
    bool has_headings = has_several_days(event);
    if (event->programme_count == 0)
        return NULL;
    buffer_init(&out);
    for (size_t i = 0; i < event->programme_count; i++) {
        char date[DATE_LENGTH + 1];
        snprintf(date, sizeof date, "%s", event->programme[i].starts_at);
        if (has_headings && is_new_day(event, i)) {
            buffer_add_text(&out, i > 0 ? "\n" : "");
            if (!locale_format_local(locale, date, LOCALE_DATE_LONG, &out))
                buffer_add_text(&out, date);
            buffer_add_char(&out, '\n');
        }
        add_item(event, &event->programme[i], locale, &out);
    }
    const char *text = arena_copy_bytes(arena, buffer_text(&out), out.length - 1);
    buffer_finish(&out);
    return text;
}

bool programme_is_outside(const struct event *event, const struct programme_item *item)
{
    return item->starts_at_us != 0 &&
           (item->starts_at_us < event->starts_at_us || item->starts_at_us > event->ends_at_us ||
            item->ends_at_us > event->ends_at_us);
}
