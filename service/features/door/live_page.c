#include "features/door/live_page.h"

#include <jansson.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "db/db.h"
#include "event/arrivals.h"
#include "event/arrivals_view.h"
#include "event/event.h"
#include "features/door/phones.h"
#include "http/reply.h"
#include "statements.h"
#include "view/chart.h"
#include "view/locale.h"
#include "worker.h"

/* Lives in its request's arena. */
struct live_page {
    struct request *request;
    json_t *view;  /* what the API answers; owned until the answer */
    json_t *lists; /* the JSON of the statement beside it, for the page; owned likewise */
    json_t *arrivals, *before; /* owned; before NULL: there is no last event */
    struct id last_event;
    const char *last_day;
    int64_t reference_at_us, last_reference_at_us;
    int utc_offset_s;
    bool is_on; /* the day is today and the event has not ended */
};

static void end(struct live_page *page)
{
    json_decref(page->view);
    json_decref(page->lists);
    json_decref(page->arrivals);
    json_decref(page->before);
}

static void fail(struct live_page *page)
{
    end(page);
    reply_busy(page->request, "busy");
}

/* --- The page -------------------------------------------------------------------------------- */

static const char *door_title(const struct live_page *page, const char *slug)
{
    const struct event *event = request_event(page->request);
    const struct door *door = event_door(event, slug);
    return door ? event_text(event, &door->title, locale_code(request_locale(page->request)))
                : slug;
}

static const char *type_title(const struct live_page *page, const char *slug)
{
    return event_type_title(request_event(page->request), slug, request_locale(page->request),
                            request_arena(page->request));
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

/* Adds titles, and the words of its set as sections: {"is": {"admitted": true}}. */
static void describe(const struct live_page *page, json_t *item)
{
    const char *type = text_of(item, "ticket_type");
    json_object_set_new(item, "door_title", json_string(door_title(page, text_of(item, "door"))));
    json_object_set_new(item, "is", json_pack("{s:b}", text_of(item, "verdict"), true));
    if (*type)
        json_object_set_new(item, "ticket_type_title", json_string(type_title(page, type)));
    if (json_is_string(json_object_get(item, "admitted_door")))
        json_object_set_new(item, "admitted_door_title",
                            json_string(door_title(page, text_of(item, "admitted_door"))));
}

static json_t *described(const struct live_page *page, const char *name)
{
    json_t *items = json_incref(json_object_get(page->lists, name)), *item;
    size_t i;
    json_array_foreach (items, i, item)
        describe(page, item);
    return items;
}

static json_t *phones(const struct live_page *page)
{
    json_t *items = json_incref(json_object_get(page->lists, "devices")), *item;
    size_t i;
    json_array_foreach (items, i, item) {
        int64_t seen_at_us = json_integer_value(json_object_get(item, "seen_at_us"));
        json_object_set_new(item, "door_title",
                            json_string(door_title(page, text_of(item, "door"))));
        json_object_set_new(item, "seen", phones_ago(seen_at_us));
    }
    return items;
}

/* [{"title", "people"}] in the order of the event, and those that it has no more. */
static json_t *shares(const struct live_page *page, const char *by,
                      const char *title_of(const struct live_page *page, const char *slug))
{
    const struct event *event = request_event(page->request);
    bool doors = strcmp(by, "doors") == 0;
    size_t count = doors ? event->door_count : event->ticket_type_count;
    json_t *counts = json_copy(json_object_get(page->arrivals, by)), *list = json_array(), *rest;
    for (size_t i = 0; i < count; i++) {
        const char *slug = doors ? event->doors[i].slug : event->ticket_types[i].slug;
        json_array_append_new(list, json_pack("{s:s, s:I}", "title", title_of(page, slug), "people",
                                              json_integer_value(json_object_get(counts, slug))));
        json_object_del(counts, slug);
    }
    const char *slug;
    json_object_foreach (counts, slug, rest)
        json_array_append_new(list, json_pack("{s:s, s:O}", "title", slug, "people", rest));
    json_decref(counts);
    return list;
}

static json_t *meter(const struct live_page *page)
{
    struct buffer text, svg;
    const json_t *capacity = json_object_get(page->view, "capacity");
    buffer_init(&text);
    buffer_init(&svg);
    locale_text(request_locale(page->request), "arrivals.meter", page->view, &text);
    chart_meter(
        &(struct chart_meter){
            .text = buffer_text(&text),
            .expected = json_integer_value(json_object_get(page->view, "expected")),
            .came = json_integer_value(json_object_get(page->view, "came")),
            .inside = json_integer_value(json_object_get(page->view, "inside")),
            .capacity = json_is_integer(capacity) ? json_integer_value(capacity) : -1},
        &svg);
    json_t *json = json_string(buffer_text(&svg));
    buffer_finish(&text);
    buffer_finish(&svg);
    return json;
}

static json_t *curve(const struct live_page *page)
{
    const struct arrivals_view view = {.day = {page->arrivals, page->reference_at_us},
                                       .before = {page->before, page->last_reference_at_us},
                                       .until_us = page->is_on ? clock_now_us() : 0,
                                       .utc_offset_s = page->utc_offset_s,
                                       .locale = request_locale(page->request)};
    return arrivals_view_json(&view);
}

static json_t *page_json(const struct live_page *page)
{
    struct request *request = page->request;
    const struct event *event = request_event(request);
    bool projector = request_query(request, "projector") != NULL;
    json_t *data = json_copy(page->view);
    json_object_set_new(data, "slug", json_string(event->slug));
    json_object_set_new(
        data, "event_title",
        json_string(event_text(event, &event->title, locale_code(request_locale(request)))));
    json_object_set_new(data, "projector", json_boolean(projector));
    json_object_set_new(data, "reads", json_boolean(request_role(request) & WHO_READERS));
    json_object_set_new(data, "edits", json_boolean(request_role(request) & WHO_EDITORS));
    json_object_set_new(data, "limited",
                        json_boolean(json_is_integer(json_object_get(data, "capacity"))));
    json_object_set_new(data, "several_days", json_boolean(event->day_count > 1));
    json_object_set_new(data, "meter", meter(page));
    json_object_set_new(data, "curve", curve(page));
    json_object_set_new(data, "by_door", shares(page, "doors", door_title));
    json_object_set_new(data, "has_doors", json_boolean(event->door_count > 1));
    json_object_set_new(data, "by_type", shares(page, "ticket_types", type_title));
    json_object_set_new(data, "has_types", json_boolean(event->ticket_type_count > 1));
    json_object_set_new(data, "scans", described(page, "scans"));
    json_object_set_new(data, "conflicts", described(page, "conflicts"));
    json_object_set_new(data, "phones", phones(page));
    return data;
}

/* Times of the API are RFC 3339. */
static json_t *with_times(const json_t *arrivals)
{
    json_t *copy = json_deep_copy(arrivals), *step;
    size_t i;
    json_array_foreach (json_object_get(copy, "steps"), i, step) {
        json_object_set_new(step, "at",
                            view_time(json_integer_value(json_object_get(step, "at_us"))));
        json_object_del(step, "at_us");
    }
    return copy;
}

static json_t *api_json(const struct live_page *page)
{
    json_object_set_new(page->view, "arrivals", with_times(page->arrivals));
    if (page->before)
        json_object_set_new(json_object_get(page->view, "last_event"), "arrivals",
                            with_times(page->before));
    return json_incref(page->view);
}

static void answer(struct live_page *page)
{
    struct request *request = page->request;
    json_t *view = request_is_page(request) ? page_json(page) : api_json(page);
    end(page);
    reply_view(request, 200, view);
}

/* --- Reading --------------------------------------------------------------------------------- */

static void on_last(void *context, const json_t *arrivals)
{
    struct live_page *page = context;
    if (!arrivals) {
        fail(page);
        return;
    }
    page->before = json_incref((json_t *)arrivals);
    answer(page);
}

static void on_arrivals(void *context, const json_t *arrivals)
{
    struct live_page *page = context;
    if (!arrivals) {
        fail(page);
        return;
    }
    page->arrivals = json_incref((json_t *)arrivals);
    if (!page->last_day) {
        answer(page);
        return;
    }
    const struct arrivals_asked asked = {
        .event_id = &page->last_event, .day = page->last_day, .is_over = true};
    arrivals_find(request_worker(page->request), &asked, on_last, page);
}

/* Other events of the organiser are for people with a role in all of them. */
static bool may_compare(struct request *request)
{
    const struct caller *caller = request_caller(request);
    for (size_t i = 0; i < caller->membership_count; i++) {
        const struct membership *membership = &caller->memberships[i];
        if (id_is_zero(&membership->event_id) &&
            id_equal(&membership->organiser_id, &request_event(request)->organiser_id))
            return true;
    }
    return false;
}

static json_t *json_of(const struct rows *rows, const char *column)
{
    return json_loads(rows_text(rows, 0, column), JSON_DECODE_ANY, NULL);
}

static void take(struct live_page *page, const struct rows *rows)
{
    struct arena *arena = request_arena(page->request);
    page->view = json_pack(
        "{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "now", rows_text(rows, 0, "now"), "day",
        rows_text(rows, 0, "day"), "expected", view_number_of(rows, 0, "expected"), "came",
        view_number_of(rows, 0, "admitted"), "inside", view_number_of(rows, 0, "inside"),
        "capacity", view_number_of(rows, 0, "capacity"), "conflict_count",
        view_number_of(rows, 0, "conflict_count"), "admission_count",
        view_number_of(rows, 0, "admission_count"), "last_event", json_null());
    page->lists = json_pack("{s:o, s:o, s:o}", "scans", json_of(rows, "scans"), "conflicts",
                            json_of(rows, "conflicts"), "devices", json_of(rows, "devices"));
    page->reference_at_us = rows_time(rows, 0, "reference_at");
    page->utc_offset_s = (int)rows_number(rows, 0, "utc_offset");
    page->is_on = rows_bool(rows, 0, "is_on");
    if (rows_is_null(rows, 0, "last_day") || !may_compare(page->request))
        return;
    page->last_event = rows_id(rows, 0, "last_event_id");
    page->last_day = arena_copy(arena, rows_text(rows, 0, "last_day"));
    page->last_reference_at_us = rows_time(rows, 0, "last_reference_at");
    json_object_set_new(
        page->view, "last_event",
        json_pack("{s:s, s:s}", "title", rows_text(rows, 0, "last_title"), "day", page->last_day));
}

static void on_read(void *context, const struct db_result *result)
{
    struct live_page *page = context;
    const struct event *event = request_event(page->request);
    if (result->outcome != DB_DONE || rows_count(result->rows) == 0) {
        reply_failed(page->request, result);
        return;
    }
    take(page, result->rows);
    const struct arrivals_asked asked = {.event_id = &event->id,
                                         .day = text_of(page->view, "day"),
                                         .with_types = event->ticket_type_count > 1};
    arrivals_find(request_worker(page->request), &asked, on_arrivals, page);
}

void live_page_show(struct request *request)
{
    struct live_page *page = arena_alloc(request_arena(request), sizeof *page);
    *page = (struct live_page){.request = request};
    struct params *params = door_live_page_params(
        &(struct door_live_page){.event_id = &request_event(request)->id,
                                 .language = locale_code(request_locale(request)),
                                 .scans_most = LIVE_PAGE_SCANS,
                                 .conflicts_most = LIVE_PAGE_CONFLICTS});
    db_ask(request_worker(request)->db, params, on_read, page);
}
