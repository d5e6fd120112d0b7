#include "features/attendee/list.h"

#include <limits.h>

#include "base/clock.h"
#include "base/text.h"
#include "db/db.h"
#include "features/attendee/guests.h"
#include "features/attendee/filter.h"
#include "features/attendee/row.h"
#include "event/answer_text.h"
#include "event/events.h"
#include "event/links.h"
#include "http/reply.h"
#include "statements.h"
#include "worker.h"

struct list {
    struct request *request;
    int64_t limit;
    bool with_counts, with_tickets, at_door;
    struct buffer body;
    struct json_writer json; /* into the body */
};

static bool read_key(struct arena *arena, const char *encoded, const char **ret_key)
{
    size_t space = strlen(encoded), length;
    char *key = arena_alloc(arena, space + 1);
    if (!base32_decode(encoded, (unsigned char *)key, space, &length) ||
        !text_is_utf8(key, length) || strlen(key) != length)
        return false;
    json_t *text = json_string(key);
    char *quoted = json_dumps(text, JSON_ENCODE_ANY);
    *ret_key = arena_copy(arena, quoted);
    free(quoted);
    json_decref(text);
    return true;
}

/* A cursor is "number.position" or "number.position.key", where the key is in base32. */
static void read_cursor(const struct form_place *place, const struct form_field *field,
                        void *values)
{
    struct arena *arena = place->reading->arena;
    struct list_page *page = values;
    (void)field;
    if (!place->value)
        return;
    char *save, *text = arena_copy(arena, json_string_value(place->value));
    const char *parts[3] = {0};
    size_t count = 0;
    for (char *at = strtok_r(text, ".", &save); at && count < 3; at = strtok_r(NULL, ".", &save))
        parts[count++] = at;
    long number, position;
    const char *key = "null";
    if (count < 2 || !text_parse_number(parts[0], 1, INT_MAX, &number) ||
        !text_parse_number(parts[1], 1, INT_MAX, &position) ||
        (count == 3 && !read_key(arena, parts[2], &key)))
        form_refuse_here(place, "wrong", NULL);
    else
        page->after = arena_printf(arena, "[%s,%ld,%ld]", key, number, position);
}

static const struct form_field page_fields[] = {
    {"limit", KIND_INTEGER, FORM_AT(struct list_page, limit), .least = 1, .most = LIST_LIMIT_MOST,
     .keeps_blank = true},
    {"cursor", .read = read_cursor},
};
const struct form list_page_form = FORM(struct list_page, page_fields);

/* Links to this URL with another cursor. */
static void add_link(struct list *list, const char *cursor)
{
    const char *target = request_target(list->request), *at = strchr(target, '?');
    struct buffer link;
    buffer_init(&link);
    buffer_printf(&link, "<%.*s?cursor=%s", (int)strcspn(target, "?"), target, cursor);
    while (at && *at) {
        at++;
        size_t length = strcspn(at, "&");
        if (length > 0 && strncmp(at, "cursor=", strlen("cursor=")) != 0)
            buffer_printf(&link, "&%.*s", (int)length, at);
        at += length;
    }
    buffer_add_text(&link, ">; rel=\"next\"");
    reply_header(list->request, "Link", buffer_text(&link));
    buffer_finish(&link);
}

const char *list_cursor(struct arena *arena, const struct rows *rows, int row)
{
    struct buffer cursor;
    const char *key = rows_text(rows, row, "key");
    buffer_init(&cursor);
    buffer_printf(&cursor, "%s.%s", rows_text(rows, row, "number"),
                  rows_text(rows, row, "position"));
    if (!rows_is_null(rows, row, "key")) {
        buffer_add_char(&cursor, '.');
        base32_encode((const unsigned char *)key, strlen(key), &cursor);
    }
    const char *text = arena_copy(arena, buffer_text(&cursor));
    buffer_finish(&cursor);
    return text;
}

static void add_next(struct list *list, const struct rows *rows)
{
    const char *cursor = NULL;
    if (rows_count(rows) > list->limit)
        cursor = list_cursor(request_arena(list->request), rows, (int)list->limit - 1);
    json_writer_text(&list->json, "next", cursor);
    if (cursor)
        add_link(list, cursor);
}

static void add_attendee(struct list *list, const struct rows *rows, int at)
{
    struct request *request = list->request;
    const struct event *event = request_event(request);
    struct row_json_options options = {.event_cancelled = event->cancelled};
    struct row row;
    row_read(rows, at, &row);
    if (list->at_door) {
        const struct locale *locale = request_locale(request);
        json_t *answers =
            event_door_answers(request_event(request), row.cells[ROW_ANSWERS].text, locale);
        row_json_at_door(&row, request_event(request), locale, answers, &(struct row_at_door){0},
                         &list->json);
        json_decref(answers);
        return;
    }
    if (list->with_tickets && !event->cancelled && !rows_is_null(rows, at, "ticket_id")) {
        struct id id = rows_id(rows, at, "ticket_id");
        struct ticket_link link =
            link_ticket(request_worker(request), request_event(request), &id,
                        rows_time(rows, at, "expires_at"), request_arena(request));
        options.ticket = link.token;
        options.ticket_url = link.url;
    }
    row_json(&row, &options, &list->json);
}

/* How many attendees the lists have with this filter, on the first page. */
static void add_lists(struct list *list, const struct rows *rows)
{
    if (!list->at_door && rows_count(rows) > 0 && !rows_is_null(rows, 0, "lists"))
        json_writer_jsonb(&list->json, "lists", rows_text(rows, 0, "lists"));
}

static void add_days(struct list *list, const struct event_counts *counts)
{
    const struct event *event = request_event(list->request);
    struct json_writer *json = &list->json;
    if (event->day_count <= 1)
        return;
    json_writer_list(json, "days");
    for (size_t i = 0; i < event->day_count; i++) {
        json_writer_object(json, NULL);
        json_writer_text(json, "date", event->days[i].date);
        json_writer_number(json, "admitted", counts->admitted_on[i]);
        json_writer_end(json);
    }
    json_writer_end(json);
}

static void add_counts(struct list *list, const struct event_counts *counts)
{
    struct json_writer *json = &list->json;
    json_writer_object(json, "counts");
    json_writer_number(json, "expected", counts->expected);
    json_writer_number(json, "admitted", counts->admitted);
    json_writer_number(json, "inside", counts->inside);
    json_writer_number(json, "waitlisted", counts->waitlisted);
    add_days(list, counts);
    json_writer_end(json);
}

static void finish(struct list *list, const struct event_counts *counts)
{
    if (counts)
        add_counts(list, counts);
    json_writer_end(&list->json);
    struct buffer body = list->body;
    reply_json(list->request, 200, &body);
}

static void on_counted(void *context, const struct event_counts *counts)
{
    finish(context, counts);
}

static void on_listed(void *context, const struct db_result *result)
{
    struct list *list = context;
    struct request *request = list->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    buffer_init(&list->body);
    json_writer_init(&list->json, &list->body);
    json_writer_object(&list->json, NULL);
    json_writer_list(&list->json, "attendees");
    for (int i = 0; i < rows_count(result->rows) && i < list->limit; i++) {
        if (!rows_is_null(result->rows, i, "attendee_id"))
            add_attendee(list, result->rows, i);
    }
    json_writer_end(&list->json);
    add_next(list, result->rows);
    add_lists(list, result->rows);

    struct worker *worker = request_worker(request);
    const struct event *event = request_event(request);
    const struct event_counts *counts = list->with_counts ? events_counts_now(worker, event) : NULL;
    if (list->with_counts && !counts)
        events_count(worker, event, on_counted, list);
    else
        finish(list, counts);
}

void list_handle(struct request *request)
{
    const struct event *event = request_event(request);
    struct list *list = arena_alloc(request_arena(request), sizeof *list);
    struct filter filter = {0};
    struct list_page page = {.limit = LIST_LIMIT_DEFAULT};
    *list = (struct list){
        .request = request,
        .with_tickets = request_role(request) & WHO_EDITORS,
        .at_door = request_role(request) & WHO_DOOR,
    };
    const char *wrong = form_read_query(request, &filter_form, event, &filter);
    if (!wrong &&
        (request_role(request) & WHO_DEVICE || (list->at_door && filter.pattern_count > 0))) {
        guests_search(request, &filter);
        return;
    }
    if (!wrong)
        wrong = form_read_query(request, &list_page_form, NULL, &page);
    if (wrong) {
        form_refuse_parameter(request, "attendee", wrong);
        return;
    }
    list->limit = page.limit;
    list->with_counts = filter_is_empty(&filter);

    struct params *params =
        attendee_list_params(&(struct attendee_list){.event_id = &event->id,
                                                     .filter = filter.text,
                                                     .sort = filter.sort,
                                                     .after = page.after,
                                                     .most = (int)list->limit + 1,
                                                     .timezone = "UTC",
                                                     .today = event_day_at(event, clock_now_us()),
                                                     .whole = true});
    db_run(
        request_worker(request)->db,
        &(struct db_query){
            .lane = DB_SLOW, .run = params, .again = true, .on_done = on_listed, .context = list});
}
