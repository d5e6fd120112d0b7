#include "features/event/event_list.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "db/db.h"
#include "features/event/event_list_page.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/request.h"
#include "statements.h"
#include "view/locale.h"
#include "worker.h"

/* The last event of the page before, in the order of listed.sql. */
struct cursor {
    int64_t limit;
    bool ended;
    long distance;
    struct id event_id; /* zero: the first page */
};

/* A request for a page of the list, in its arena. */
struct listing {
    struct listing *next;
    struct request *request;
    int64_t limit;
};

struct event_list {
    json_t *first; /* the first page; NULL: not cached */
    int64_t listed_at_us;
    struct first_page *asked; /* NULL: no query runs */
};

/* A query for the first page, and the requests that wait for it. */
struct first_page {
    struct event_list *list; /* NULL: the result is stale and is not cached */
    struct listing *waiting;
};

static const int64_t age_most_us = 2 * CLOCK_SECOND_US;

/* A cursor is like "upcoming.1652428800.ID" or "ended.-1652428800.ID". */
static void read_cursor(const struct form_place *place, const struct form_field *field,
                        void *values)
{
    struct cursor *cursor = values;
    char *part, *dot, *end;
    (void)field;
    if (!place->value)
        return;
    part = arena_copy(place->reading->arena, json_string_value(place->value));
    dot = strchr(part, '.');
    end = dot ? strchr(dot + 1, '.') : NULL;
    if (end)
        *dot = *end = '\0';
    cursor->ended = strcmp(part, "ended") == 0;
    if (!end || (!cursor->ended && strcmp(part, "upcoming") != 0) ||
        !text_parse_number(dot + 1, -INT64_C(999999999999), INT64_C(999999999999),
                           &cursor->distance) ||
        !id_parse(end + 1, &cursor->event_id))
        form_refuse_here(place, "wrong", NULL);
}

static const struct form_field page_fields[] = {
    {"limit", KIND_INTEGER, FORM_AT(struct cursor, limit), .least = 1, .most = EVENT_LIST_MOST,
     .keeps_blank = true},
    {"cursor", .read = read_cursor},
};
static const struct form page_form = FORM(struct cursor, page_fields);

static json_t *write_cursor(const struct rows *rows, int row)
{
    char text[80], id_text[ID_TEXT_BYTES];
    struct id id = rows_id(rows, row, "event_id");
    id_format(&id, id_text);
    snprintf(text, sizeof text, "%s.%" PRId64 ".%s",
             rows_bool(rows, row, "ended") ? "ended" : "upcoming",
             rows_number(rows, row, "distance"), id_text);
    return json_string(text);
}

static json_t *json_cell(const struct rows *rows, int row, const char *column)
{
    if (rows_is_null(rows, row, column))
        return json_null();
    json_t *value = json_loads(rows_text(rows, row, column), JSON_DECODE_ANY, NULL);
    return value ? value : json_null();
}

static json_t *local_json(const struct rows *rows, int row)
{
    bool opens = !rows_is_null(rows, row, "local_opens_at");
    return json_pack("{s:s, s:s, s:s?}", "starts_at", rows_text(rows, row, "local_starts_at"),
                     "ends_at", rows_text(rows, row, "local_ends_at"), "opens_at",
                     opens ? rows_text(rows, row, "local_opens_at") : NULL);
}

/* Returns NULL for an unknown state, which was logged. */
static json_t *event_json(const struct rows *rows, int row)
{
    enum event_state state = event_listed_state(rows, row);
    if (state == EVENT_STATE_NONE)
        return NULL;
    return json_pack(
        "{s:s, s:s, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:b, s:b}", "slug",
        rows_text(rows, row, "slug"), "organiser", rows_text(rows, row, "organiser"), "title",
        json_cell(rows, row, "title"), "summary", json_cell(rows, row, "summary"), "venue",
        json_cell(rows, row, "venue"), "timezone", rows_text(rows, row, "timezone"), "starts_at",
        view_time_of(rows, row, "starts_at"), "ends_at", view_time_of(rows, row, "ends_at"),
        "local", local_json(rows, row), "languages", json_cell(rows, row, "languages"), "state",
        event_state_name(state), "places_left", view_number_of(rows, row, "places_left"),
        "capacity", view_number_of(rows, row, "capacity"), "by_invitation",
        rows_bool(rows, row, "by_invitation"), "ended", rows_bool(rows, row, "ended"));
}

/* Returns {"events": [...], "next": cursor of the next page or null}, or NULL if an event has an
 * unknown state. */
static json_t *list_json(const struct rows *rows, int64_t limit)
{
    json_t *events = json_array();
    bool more = rows_count(rows) > limit;
    int count = more ? (int)limit : rows_count(rows);
    for (int row = 0; row < count; row++) {
        if (json_array_append_new(events, event_json(rows, row)) != 0) {
            json_decref(events);
            return NULL;
        }
    }
    return json_pack("{s:o, s:o}", "events", events, "next",
                     more ? write_cursor(rows, count - 1) : json_null());
}

static void answer(struct request *request, json_t *list)
{
    if (list && request_is_page(request))
        list = event_list_page(list, locale_code(request_locale(request)), clock_now_us());
    else
        json_incref(list);
    reply_view(request, 200, list);
}

static void on_listed(void *context, const struct db_result *result)
{
    const struct listing *listing = context;
    if (result->outcome != DB_DONE) {
        reply_failed(listing->request, result);
        return;
    }
    json_t *list = list_json(result->rows, listing->limit);
    answer(listing->request, list);
    json_decref(list);
}

static void on_first_page(void *context, const struct db_result *result)
{
    struct first_page *page = context;
    json_t *first = result->outcome == DB_DONE ? list_json(result->rows, EVENT_LIST_DEFAULT) : NULL;
    if (page->list) {
        page->list->asked = NULL;
        page->list->first = json_incref(first);
        page->list->listed_at_us = clock_monotonic_us();
    }
    while (page->waiting) {
        struct listing *listing = page->waiting;
        page->waiting =
            listing->next; /* the answer ends the request, whose arena holds the listing */
        if (result->outcome == DB_DONE)
            answer(listing->request, first);
        else
            reply_failed(listing->request, result);
    }
    json_decref(first);
    free(page);
}

static void forget(struct event_list *list)
{
    json_decref(list->first);
    list->first = NULL;
    if (list->asked)
        list->asked->list = NULL;
    list->asked = NULL;
}

static void *create(struct worker *worker)
{
    (void)worker;
    return memory_alloc(sizeof(struct event_list));
}

static void destroy(void *state)
{
    forget(state);
    free(state);
}

static const struct worker_slot slot = {.name = "event list", .create = create, .destroy = destroy};

void event_list_forget(struct worker *worker)
{
    forget(worker_state(worker, &slot));
}

static void ask(struct listing *listing, const struct cursor *cursor, db_done *on_done,
                void *context)
{
    const struct id *behind = id_is_zero(&cursor->event_id) ? NULL : &cursor->event_id;
    struct params *params = event_listed_params(&(struct event_listed){.ended = cursor->ended,
                                                                       .distance = cursor->distance,
                                                                       .event_id = behind,
                                                                       .most = listing->limit + 1});
    db_ask(request_worker(listing->request)->db, params, on_done, context);
}

static void show_first(struct listing *listing)
{
    struct event_list *list = worker_state(request_worker(listing->request), &slot);
    if (list->first && clock_monotonic_us() - list->listed_at_us > age_most_us)
        forget(list);
    if (list->first) {
        answer(listing->request, list->first);
        return;
    }
    bool under_way = list->asked != NULL;
    if (!under_way) {
        list->asked = memory_alloc(sizeof *list->asked);
        list->asked->list = list;
    }
    listing->next = list->asked->waiting;
    list->asked->waiting = listing;
    if (!under_way)
        ask(listing, &(struct cursor){.ended = false}, on_first_page, list->asked);
}

void event_list_show(struct request *request)
{
    struct cursor cursor = {.limit = EVENT_LIST_DEFAULT};
    struct listing *listing = arena_alloc(request_arena(request), sizeof *listing);
    request_locale(request); /* headers can be read before a wait only */
    if (form_read_query(request, &page_form, NULL, &cursor)) {
        reply_refuse(request, 400, "bad_page");
        return;
    }
    *listing = (struct listing){.request = request, .limit = cursor.limit};
    if (!request_query(request, "cursor") && listing->limit == EVENT_LIST_DEFAULT)
        show_first(listing);
    else
        ask(listing, &cursor, on_listed, listing);
}
