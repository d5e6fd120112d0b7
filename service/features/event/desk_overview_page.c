#include "features/event/desk_overview_page.h"

#include <string.h>

#include "base/memory.h"
#include "event/arrivals_view.h"
#include "event/event.h"
#include "statements.h"
#include "view/chart.h"
#include "view/locale.h"

enum {
    LABELS_MOST = 6,
    BARS_LEAST = 14,
    YEAR_DIGITS = 4,
    MINUTE_S = 60,
    HOUR_S = 3600,
    DAY_S = 86400
};

static int64_t number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

/* --- Sign-ups over time ---------------------------------------------------------------------- */

/* Appends a date without its year: "13 May", "13.05." */
static void add_short_date(const struct desk_overview_page *page, const char *date,
                           struct buffer *out)
{
    struct buffer text;
    buffer_init(&text);
    if (locale_format_local(page->locale, date, LOCALE_DATE_SHORT, &text) &&
        text.length > YEAR_DIGITS) {
        size_t length = text.length - YEAR_DIGITS;
        while (length > 0 && text.bytes[length - 1] == ' ')
            length--;
        buffer_add(out, text.bytes, length);
    }
    buffer_finish(&text);
}

static const char *short_date(const struct desk_overview_page *page, const char *date)
{
    struct buffer text;
    buffer_init(&text);
    add_short_date(page, date, &text);
    const char *copy = arena_copy(page->arena, buffer_text(&text));
    buffer_finish(&text);
    return copy;
}

static struct chart_bar bar_of(const struct desk_overview_page *page, const json_t *period,
                               bool has_label)
{
    const char *first = json_string_value(json_object_get(period, "first_day"));
    const char *last = json_string_value(json_object_get(period, "last_day"));
    int64_t sign_ups = number(period, "sign_ups");
    const char *label = short_date(page, first);
    const char *days = strcmp(first, last) == 0
                           ? label
                           : arena_printf(page->arena, "%s – %s", label, short_date(page, last));
    return (struct chart_bar){.value = sign_ups,
                              .label = has_label ? label : NULL,
                              .title =
                                  arena_printf(page->arena, "%s: %lld", days, (long long)sign_ups)};
}

static json_t *sign_ups_svg(const struct desk_overview_page *page, const json_t *sign_ups,
                            const json_t *data)
{
    size_t count = json_array_size(sign_ups), every = (count + LABELS_MOST - 1) / LABELS_MOST;
    size_t shown = count > BARS_LEAST ? count : BARS_LEAST; /* a few bars would be very wide */
    struct chart_bar *bars = arena_alloc(page->arena, shown * sizeof *bars);
    struct buffer text, svg;
    buffer_init(&text);
    buffer_init(&svg);
    for (size_t i = 0; i < count; i++)
        bars[i] = bar_of(page, json_array_get(sign_ups, i), i % every == 0);
    locale_text(page->locale, "event.overview.chart", data, &text);
    chart_bars(&(struct chart){buffer_text(&text), bars, shown, page->locale}, &svg);
    json_t *json = json_string(buffer_text(&svg));
    buffer_finish(&text);
    buffer_finish(&svg);
    return json;
}

/* {"svg", "rows": [{"first_day", "last_day", "one_day", "sign_ups"}], "total"}; null: nobody yet */
static json_t *sign_ups(const struct desk_overview_page *page, const json_t *view)
{
    json_t *periods = json_object_get(view, "sign_ups"), *period, *rows = json_array();
    int64_t total = 0, most = 0;
    size_t i;
    json_array_foreach (periods, i, period) {
        json_t *row = json_copy(period);
        int64_t here = number(period, "sign_ups");
        total += here;
        most = here > most ? here : most;
        json_object_set_new(row, "one_day",
                            json_boolean(json_equal(json_object_get(row, "first_day"),
                                                    json_object_get(row, "last_day"))));
        json_array_append_new(rows, row);
    }
    if (total == 0) {
        json_decref(rows);
        return json_null();
    }
    json_t *last = json_array_get(periods, i - 1);
    json_t *data =
        json_pack("{s:I, s:I, s:O, s:O, s:o}", "total", (json_int_t)total, "most", (json_int_t)most,
                  "first_day", json_object_get(json_array_get(periods, 0), "first_day"), "last_day",
                  json_object_get(last, "last_day"), "rows", rows);
    json_object_set_new(data, "svg", sign_ups_svg(page, periods, data));
    return data;
}

/* --- People ---------------------------------------------------------------------------------- */

static const char *type_title(const struct desk_overview_page *page, const char *slug)
{
    return event_type_title(page->event, slug, page->locale, page->arena);
}

static json_t *newest(const struct desk_overview_page *page, const json_t *view)
{
    json_t *people = json_deep_copy(json_object_get(view, "newest")), *person;
    size_t i;
    json_array_foreach (people, i, person) {
        const char *status = json_string_value(json_object_get(person, "status"));
        const char *slug = json_string_value(json_object_get(person, "ticket_type"));
        json_object_set_new(person, "is", json_pack("{s:b}", status, true));
        json_object_set_new(person, "ticket_type_title", json_string(type_title(page, slug)));
    }
    return people;
}

/* The ticket types in the order of the event, with those who came if it is over. */
static json_t *ticket_types(const struct desk_overview_page *page, const json_t *view)
{
    json_t *list = json_array(), *came = json_object_get(view, "came_by_ticket_type");
    for (size_t i = 0; i < page->event->ticket_type_count; i++) {
        const char *slug = page->event->ticket_types[i].slug;
        json_t *type = json_copy(json_object_get(json_object_get(view, "ticket_types"), slug));
        if (!type)
            continue;
        int64_t here = number(came, slug), confirmed = number(type, "confirmed");
        json_object_set_new(type, "title", json_string(type_title(page, slug)));
        json_object_set_new(type, "came", json_integer(here));
        json_object_set_new(type, "absent", json_integer(confirmed > here ? confirmed - here : 0));
        json_array_append_new(list, type);
    }
    return list;
}

/* --- Ready for the door? --------------------------------------------------------------------- */

static json_t *ago(const json_t *seconds_ago)
{
    json_int_t seconds = json_integer_value(seconds_ago);
    if (!json_is_integer(seconds_ago))
        return json_null();
    if (seconds < 2 * MINUTE_S)
        return json_pack("{s:b}", "now", true);
    if (seconds < 2 * HOUR_S)
        return json_pack("{s:I}", "minutes", seconds / MINUTE_S);
    if (seconds < 2 * DAY_S)
        return json_pack("{s:I}", "hours", seconds / HOUR_S);
    return json_pack("{s:I}", "days", seconds / DAY_S);
}

static json_t *doors(const struct desk_overview_page *page, const json_t *view)
{
    json_t *list = json_array();
    const char *language = locale_code(page->locale);
    for (size_t i = 0; i < page->event->door_count; i++) {
        const struct door *door = &page->event->doors[i];
        const json_t *phones = json_object_get(json_object_get(view, "phones"), door->slug);
        json_array_append_new(list, json_pack("{s:s, s:I, s:o}", "title",
                                              event_text(page->event, &door->title, language),
                                              "phones", (json_int_t)number(phones, "count"), "seen",
                                              ago(json_object_get(phones, "seconds_ago"))));
    }
    return list;
}

/* --- After the event ------------------------------------------------------------------------- */

static void add_after(const struct desk_overview_page *page, json_t *data)
{
    int64_t came = number(data, "came"), coming = number(data, "coming");
    const struct arrivals_view curve = {
        .day = {.arrivals = page->arrivals, .reference_at_us = page->reference_at_us},
        .utc_offset_s = page->utc_offset_s,
        .locale = page->locale};
    json_object_set_new(data, "absent", json_integer(coming > came ? coming - came : 0));
    json_object_set_new(data, "share", json_integer(coming > 0 ? 100 * came / coming : 0));
    json_object_set_new(data, "has_come", json_boolean(came > 0));
    json_object_set_new(data, "curve", arrivals_view_json(&curve));
    if (page->event->day_count > 1)
        json_object_set_new(data, "busiest_day", json_string(page->busiest_day));
}

json_t *desk_overview_page(const json_t *view, const struct desk_overview_page *page)
{
    const struct event *event = page->event;
    json_t *data = json_copy((json_t *)view);
    enum event_phase phase = event_phase_parse(json_string_value(json_object_get(view, "phase")));
    int64_t capacity = number(view, "capacity"), taken = number(view, "taken");
    bool full = capacity > 0 && taken >= capacity, draft = !event->published;
    bool waits = number(view, "waiting") > 0;
    bool is_over = phase == EVENT_PHASE_AFTER,
         is_ready = phase == EVENT_PHASE_LAST_DAYS || phase == EVENT_PHASE_DAY;
    json_object_set_new(data, "slug", json_string(event->slug));
    json_object_set_new(data, "is",
                        json_pack("{s:b, s:b}", event_phase_name(phase), true, "ready", is_ready));
    json_object_set_new(data, "draft", json_boolean(draft));
    json_object_set_new(data, "is_cancelled", json_boolean(event->cancelled));
    json_object_set_new(data, "waits_full", json_boolean(waits && full));
    json_object_set_new(data, "limited",
                        json_boolean(json_is_integer(json_object_get(data, "capacity"))));
    json_object_set_new(data, "sign_ups", sign_ups(page, view));
    json_object_set_new(data, "newest", newest(page, view));
    json_t *types = ticket_types(page, view);
    json_object_set_new(data, "has_types", json_boolean(json_array_size(types) > 1));
    json_object_set_new(data, "ticket_types", types);
    json_object_set_new(data, "doors", doors(page, view));
    json_object_set_new(data, "has_keys", json_boolean(page->has_keys));
    json_object_set_new(data, "sender", page->sender);
    json_object_set_new(data, "keeps_mails", json_boolean(page->keeps_mails));
    json_object_set_new(data, "mails_good",
                        json_boolean(!page->keeps_mails && number(view, "mails_failed") == 0 &&
                                     number(view, "mails_bounced") == 0));
    json_object_set_new(
        data, "attention",
        json_boolean(!is_over &&
                     (number(view, "to_approve") > 0 || waits || number(view, "mails_failed") > 0 ||
                      number(view, "mails_bounced") > 0 || json_is_object(page->sender) ||
                      number(view, "conflicts") > 0)));
    if (is_over)
        add_after(page, data);
    return data;
}
