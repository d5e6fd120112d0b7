#include "features/import/rest.h"

#include <string.h>

#include "db/db.h"
#include "event/event.h"
#include "features/import/result.h"
#include "http/reply.h"
#include "statements.h"
#include "view/csv.h"
#include "view/locale.h"
#include "worker.h"

enum { LINES_AT_ONCE = 500 };

/* A download; outlives its request. */
struct rest {
    struct request *request; /* NULL: the answer has begun */
    struct reply_stream *answer;
    struct worker *worker;
    const struct locale *locale;
    struct id event_id, import_id;
    json_t *headings;
    struct buffer bytes;
    struct csv csv;
    int64_t after;
    bool is_asking, is_gone;
};

static void destroy(struct rest *rest)
{
    json_decref(rest->headings);
    buffer_finish(&rest->bytes);
    free(rest);
}

static void ask(struct rest *rest);

static void on_room(void *context)
{
    ask(context);
}

static void on_gone(void *context)
{
    struct rest *rest = context;
    reply_stream_end(rest->answer);
    rest->is_gone = true;
    if (!rest->is_asking)
        destroy(rest);
}

static void add_cell(struct rest *rest, const char *text)
{
    table_text(&rest->csv.table, text, strlen(text));
}

static void add_word(struct rest *rest, const char *key)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(rest->locale, key, NULL, &text);
    add_cell(rest, buffer_text(&text));
    buffer_finish(&text);
}

static void add_heading(struct rest *rest)
{
    size_t i;
    json_t *heading;
    bool is_german = strcmp(locale_code(rest->locale), "de") == 0;
    csv_begin(&rest->csv, is_german ? CSV_EXCEL_DE : CSV_COMMA, &rest->bytes);
    add_word(rest, "import.line");
    add_word(rest, "import.reason_column");
    json_array_foreach (rest->headings, i, heading)
        add_cell(rest, json_string_value(heading));
    table_end_row(&rest->csv.table);
}

static void add_line(struct rest *rest, const struct rows *rows, int row)
{
    struct buffer why;
    size_t i;
    json_t *cells = json_loads(rows_text(rows, row, "cells"), 0, NULL), *cell;
    buffer_init(&why);
    result_add_reasons(rest->locale, rest->headings, rows, row, &why);
    const char *line = rows_text(rows, row, "line");
    table_number(&rest->csv.table, line, strlen(line));
    add_cell(rest, buffer_text(&why));
    json_array_foreach (cells, i, cell)
        add_cell(rest, csv_bare(json_string_value(cell)));
    table_end_row(&rest->csv.table);
    buffer_finish(&why);
    json_decref(cells);
}

static void on_lines(void *context, const struct db_result *result)
{
    struct rest *rest = context;
    const struct rows *rows = result->rows;
    rest->is_asking = false;
    if (rest->is_gone || result->outcome != DB_DONE) {
        if (!rest->is_gone)
            reply_stream_abort(rest->answer);
        destroy(rest);
        return;
    }
    for (int row = 0; row < rows_count(rows); row++) {
        add_line(rest, rows, row);
        rest->after = rows_number(rows, row, "line");
    }
    reply_stream_write(rest->answer, buffer_text(&rest->bytes), rest->bytes.length);
    buffer_clear(&rest->bytes);
    if (rows_count(rows) < LINES_AT_ONCE) {
        reply_stream_end(rest->answer);
        destroy(rest);
        return;
    }
    if (reply_stream_has_room(rest->answer))
        ask(rest);
}

static void ask(struct rest *rest)
{
    if (rest->is_asking)
        return;
    rest->is_asking = true;
    db_run(rest->worker->db, &(struct db_query){.lane = DB_SLOW,
                                                .run = import_people_params(&(struct import_people){
                                                    .event_id = &rest->event_id,
                                                    .import_id = &rest->import_id,
                                                    .after = (int)rest->after,
                                                    .most = LINES_AT_ONCE}),
                                                .again = true,
                                                .on_done = on_lines,
                                                .context = rest});
}

static void on_list(void *context, const struct db_result *result)
{
    struct rest *rest = context;
    struct request *request = rest->request;
    if (result->outcome != DB_DONE || rows_count(result->rows) == 0) {
        if (result->outcome != DB_DONE)
            reply_failed(request, result);
        else
            reply_refuse(request, 404, "not_found");
        destroy(rest);
        return;
    }
    json_t *rules = json_loads(rows_text(result->rows, 0, "rules"), 0, NULL);
    rest->headings = json_incref(json_object_get(rules, "headings"));
    json_decref(rules);
    const struct reply_stream_options options = {
        .content_type = "text/csv; charset=utf-8",
        .file_name =
            arena_printf(request_arena(request), "%s-import.csv", request_event(request)->slug),
        .on_room = on_room,
        .on_gone = on_gone,
        .context = rest,
    };
    if (reply_stream_is_head(request, &options)) {
        destroy(rest);
        return;
    }
    rest->answer = reply_stream_start(request, &options);
    rest->request = NULL;
    if (!rest->answer) {
        destroy(rest);
        return;
    }
    add_heading(rest);
    ask(rest);
}

void rest_download(struct request *request)
{
    struct id import_id;
    if (!id_parse(request_path(request, "import"), &import_id)) {
        reply_refuse(request, 404, "not_found");
        return;
    }
    struct rest *rest = memory_alloc(sizeof *rest);
    rest->request = request;
    rest->worker = request_worker(request);
    rest->locale = request_locale(request);
    rest->event_id = request_event(request)->id;
    rest->import_id = import_id;
    buffer_init(&rest->bytes);
    db_ask(rest->worker->db,
           import_show_params(
               &(struct import_show){.event_id = &rest->event_id, .import_id = &rest->import_id}),
           on_list, rest);
}
