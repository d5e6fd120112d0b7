#include "features/import/result.h"

#include "base/clock.h"
#include "base/text.h"
#include "db/db.h"
#include "event/event.h"
#include "features/import/upload.h"
#include "form/field_view.h"
#include "form/form.h"
#include "http/reply.h"
#include "statements.h"
#include "view/locale.h"
#include "worker.h"

struct showing {
    struct request *request;
    struct id import_id;
    enum import_outcome outcome; /* only lines that have it; NONE: all that were not added */
    long after;
    json_t *errors; /* of what was sent; NULL: none */
    json_t *headings;
    json_t *view;
};

static json_t *say(struct request *request, const char *key, json_t *data)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(request_locale(request), key, data, &text);
    json_t *json = json_string(buffer_text(&text));
    buffer_finish(&text);
    json_decref(data);
    return json;
}

/* --- Reasons --------------------------------------------------------------------------------- */

static void add_reason(const struct locale *locale, const json_t *headings, const json_t *reason,
                       struct buffer *out)
{
    const json_t *column = json_object_get(reason, "column");
    size_t index = (size_t)json_integer_value(column);
    const char *heading =
        json_is_integer(column) ? json_string_value(json_array_get(headings, index)) : NULL;
    if (heading && *heading) {
        json_t *data = json_pack("{s:s}", "column", heading);
        locale_text(locale, "import.in_column", data, out);
        buffer_add_char(out, ' ');
        json_decref(data);
    }
    buffer_add_text(out, json_string_value(json_object_get(reason, "text")));
}

void result_add_reasons(const struct locale *locale, const json_t *headings,
                        const struct rows *rows, int row, struct buffer *out)
{
    json_t *reasons = json_loads(rows_text(rows, row, "reasons"), 0, NULL);
    char key[64];
    size_t i;
    json_t *reason;
    json_array_foreach (reasons, i, reason) {
        if (i > 0)
            buffer_add_char(out, ' ');
        add_reason(locale, headings, reason, out);
    }
    if (json_array_size(reasons) == 0) {
        json_t *data = json_pack("{s:I}", "line", (json_int_t)rows_number(rows, row, "other_line"));
        snprintf(key, sizeof key, "import.why.%s", rows_text(rows, row, "outcome"));
        if (locale_has(locale, key))
            locale_text(locale, key, data, out);
        json_decref(data);
    }
    json_decref(reasons);
}

/* --- The lines ------------------------------------------------------------------------------- */

static json_t *line_view(const struct showing *showing, const struct rows *rows, int row)
{
    struct request *request = showing->request;
    json_t *cells = json_loads(rows_text(rows, row, "cells"), 0, NULL);
    json_t *reasons = rows_is_null(rows, row, "reasons")
                          ? json_array()
                          : json_loads(rows_text(rows, row, "reasons"), 0, NULL);
    json_t *view = json_pack(
        "{s:o, s:s, s:o, s:o, s:o, s:o}", "line", view_number_of(rows, row, "line"), "outcome",
        rows_text(rows, row, "outcome"), "cells", cells, "reasons", reasons, "other_line",
        view_number_of(rows, row, "other_line"), "attendee", view_id_of(rows, row, "attendee_id"));
    if (!request_is_desk(request))
        return view;
    struct buffer text;
    buffer_init(&text);
    result_add_reasons(request_locale(request), showing->headings, rows, row, &text);
    json_object_set_new(view, "why", json_string(buffer_text(&text)));
    buffer_clear(&text);
    size_t i;
    json_t *cell;
    json_array_foreach (cells, i, cell) {
        const char *value = json_string_value(cell);
        if (*value && text.length > 0)
            buffer_add_text(&text, " · ");
        buffer_add_text(&text, value);
    }
    json_object_set_new(view, "values", json_string(buffer_text(&text)));
    buffer_finish(&text);
    return view;
}

static void answer(struct showing *showing)
{
    struct request *request = showing->request;
    int status = showing->errors ? 422 : 200;
    json_decref(showing->errors);
    json_decref(showing->headings);
    if (request_is_desk(request))
        reply_page(request, status, "features/import/result.html", showing->view);
    else
        reply_view(request, 200, showing->view);
}

static void on_lines(void *context, const struct db_result *result)
{
    struct showing *showing = context;
    const struct rows *rows = result->rows;
    if (result->outcome != DB_DONE) {
        json_decref(showing->view);
        json_decref(showing->errors);
        json_decref(showing->headings);
        reply_failed(showing->request, result);
        return;
    }
    json_t *lines = json_array();
    bool has_more = rows_count(rows) > RESULT_PAGE;
    for (int row = 0; row < rows_count(rows) && row < RESULT_PAGE; row++)
        json_array_append_new(lines, line_view(showing, rows, row));
    json_object_set_new(showing->view, "has_lines", json_boolean(json_array_size(lines) > 0));
    json_object_set_new(showing->view, "lines", lines);
    json_object_set_new(showing->view, "next",
                        has_more ? view_number_of(rows, RESULT_PAGE - 1, "line") : json_null());
    answer(showing);
}

/* --- The list -------------------------------------------------------------------------------- */

static bool is_closed(const struct event *event)
{
    return event->cancelled || clock_now_us() >= event->tickets_expire_at_us;
}

static json_t *outcome_view(const struct showing *showing, const struct rows *rows, int row)
{
    const char *name = rows_text(rows, row, "kind");
    json_t *count = view_number_of(rows, row, "count");
    json_t *view = json_pack("{s:s, s:O}", "outcome", name, "count", count);
    if (request_is_desk(showing->request)) {
        const char *key = arena_printf(request_arena(showing->request), "import.outcome.%s", name);
        json_object_set_new(view, "sentence",
                            say(showing->request, key, json_pack("{s:O}", "n", count)));
        enum import_outcome outcome = import_show_kind(rows, row);
        json_object_set_new(view, "chosen", json_boolean(outcome == showing->outcome));
        json_object_set_new(
            view, "is_good",
            json_boolean(outcome == IMPORT_OUTCOME_GOOD || outcome == IMPORT_OUTCOME_ADDED));
    }
    json_decref(count);
    return view;
}

static int64_t count_of(const struct rows *rows, enum import_outcome outcome)
{
    for (int row = 0; row < rows_count(rows); row++) {
        if (!rows_is_null(rows, row, "kind") && import_show_kind(rows, row) == outcome)
            return rows_number(rows, row, "count");
    }
    return 0;
}

static const char *title_of(enum import_state state, bool is_started)
{
    switch (state) {
    case IMPORT_STATE_TO_CHECK:
    case IMPORT_STATE_CHECKING:
        return "import.title.checking";
    case IMPORT_STATE_CHECKED:
        return "import.title.checked";
    case IMPORT_STATE_TO_ADD:
    case IMPORT_STATE_ADDING:
        return "import.title.adding";
    case IMPORT_STATE_DONE:
        return "import.title.done";
    case IMPORT_STATE_FAILED:
        return is_started ? "import.title.stopped" : "import.title.unreadable";
    case IMPORT_STATE_DRAFT:
    case IMPORT_STATE_NONE:
        break;
    }
    return "import.title.checking";
}

static json_t *lines_title(const struct showing *showing)
{
    size_t i;
    json_t *outcome;
    json_array_foreach (json_object_get(showing->view, "outcomes"), i, outcome) {
        if (json_is_true(json_object_get(outcome, "chosen")))
            return json_incref(json_object_get(outcome, "sentence"));
    }
    return say(showing->request, "import.lines", NULL);
}

/* What the page says of the whole list. */
static void add_texts(struct showing *showing, const struct rows *rows)
{
    struct request *request = showing->request;
    json_t *view = showing->view;
    enum import_state state = import_show_state(rows, 0);
    bool is_started = rows_bool(rows, 0, "is_started");
    bool is_checking = state == IMPORT_STATE_TO_CHECK || state == IMPORT_STATE_CHECKING;
    bool is_adding = state == IMPORT_STATE_TO_ADD || state == IMPORT_STATE_ADDING;
    bool is_checked = state == IMPORT_STATE_CHECKED, is_failed = state == IMPORT_STATE_FAILED;
    int64_t good = count_of(rows, IMPORT_OUTCOME_GOOD),
            added = count_of(rows, IMPORT_OUTCOME_ADDED);
    int64_t shown = is_checked                   ? good
                    : state == IMPORT_STATE_DONE ? added
                                                 : rows_number(rows, 0, "total");
    const char *reason =
        arena_printf(request_arena(request), "import.failed.%s", rows_text(rows, 0, "reason"));
    const json_t *typed = showing->errors ? request_body(request) : NULL;
    bool is_over = typed && json_object_get(typed, "over_capacity");
    json_object_set_new(view, "title",
                        say(request, title_of(state, is_started),
                            json_pack("{s:I, s:b}", "n", (json_int_t)shown, "nobody", shown == 0)));
    json_object_set_new(view, "is_under_way", json_boolean(is_checking || is_adding));
    json_object_set_new(view, "is_checking", json_boolean(is_checking));
    json_object_set_new(view, "is_adding", json_boolean(is_adding));
    json_object_set_new(view, "is_done", json_boolean(state == IMPORT_STATE_DONE));
    json_object_set_new(view, "is_unreadable", json_boolean(is_failed && !is_started));
    json_object_set_new(view, "is_stopped", json_boolean(is_failed && is_started));
    json_object_set_new(
        view, "failed",
        say(request, locale_has(request_locale(request), reason) ? reason : "import.failed.other",
            NULL));
    json_object_set_new(view, "may_change", json_boolean(!is_started && !is_checking));
    json_object_set_new(view, "is_closed",
                        json_boolean(is_checked && is_closed(request_event(request))));
    json_object_set_new(view, "may_start",
                        json_boolean(is_checked && good > 0 && !is_closed(request_event(request))));
    json_object_set_new(view, "good", json_integer(good));
    json_object_set_new(view, "lines_title", lines_title(showing));
    json_object_set_new(view, "button",
                        say(request, "import.add", json_pack("{s:I}", "n", (json_int_t)good)));
    json_object_set_new(view, "tells",
                        json_boolean(!typed || json_object_get(typed, "tells") != NULL));
    json_object_set_new(view, "is_over", json_boolean(is_over));
    json_object_set_new(
        view, "reason_field",
        field_view_plain(showing->errors, "reason", json_object_get(typed, "reason")));
    json_t *problems = field_view_problems(request_arena(request), showing->errors, false);
    json_object_set_new(view, "has_problems", json_boolean(json_array_size(problems) > 0));
    json_object_set_new(view, "problems", problems);
    json_object_set_new(view, "base", json_string(upload_link(request, &showing->import_id, "")));
    json_object_set_new(
        view, "list",
        json_string(arena_printf(request_arena(request), "/desk/events/%s/attendees",
                                 request_event(request)->slug)));
}

static void find_lines(struct showing *showing)
{
    struct request *request = showing->request;
    db_run(request_worker(request)->db,
           &(struct db_query){.lane = DB_SLOW,
                              .run = import_people_params(&(struct import_people){
                                  .event_id = &request_event(request)->id,
                                  .import_id = &showing->import_id,
                                  .outcome = showing->outcome == IMPORT_OUTCOME_NONE
                                                 ? NULL
                                                 : import_outcome_name(showing->outcome),
                                  .after = (int)showing->after,
                                  .most = RESULT_PAGE + 1}),
                              .again = true,
                              .on_done = on_lines,
                              .context = showing});
}

static void on_shown(void *context, const struct db_result *result)
{
    struct showing *showing = context;
    struct request *request = showing->request;
    const struct rows *rows = result->rows;
    if (result->outcome != DB_DONE || rows_count(rows) == 0) {
        json_decref(showing->errors);
        if (result->outcome != DB_DONE)
            reply_failed(request, result);
        else
            reply_refuse(request, 404, "not_found");
        return;
    }
    enum import_state state = import_show_state(rows, 0);
    if (state == IMPORT_STATE_DRAFT && request_is_desk(request)) {
        json_decref(showing->errors);
        reply_see_other(request, upload_link(request, &showing->import_id, "columns"));
        return;
    }
    json_t *rules = json_loads(rows_text(rows, 0, "rules"), 0, NULL), *outcomes = json_array();
    showing->headings = json_incref(json_object_get(rules, "headings"));
    json_decref(rules);
    for (int row = 0; row < rows_count(rows) && !rows_is_null(rows, row, "kind"); row++)
        json_array_append_new(outcomes, outcome_view(showing, rows, row));
    showing->view = json_pack(
        "{s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "id", view_id(&showing->import_id), "name",
        rows_text(rows, 0, "name"), "state", import_state_name(state), "size",
        view_number_of(rows, 0, "size"), "read", view_number_of(rows, 0, "read_to"), "total",
        view_number_of(rows, 0, "total"), "done", view_number_of(rows, 0, "done_to"),
        "without_place", view_number_of(rows, 0, "without_place"), "outcomes", outcomes);
    if (request_is_desk(request))
        add_texts(showing, rows);
    find_lines(showing);
}

static void look(struct showing *showing)
{
    struct request *request = showing->request;
    db_run(request_worker(request)->db,
           &(struct db_query){
               .lane = DB_SLOW,
               .run = import_show_params(&(struct import_show){
                   .event_id = &request_event(request)->id, .import_id = &showing->import_id}),
               .again = true,
               .on_done = on_shown,
               .context = showing});
}

/* NULL: there is no such list, and the request is answered. */
static struct showing *find(struct request *request)
{
    struct showing *showing = arena_alloc(request_arena(request), sizeof *showing);
    showing->request = request;
    request_locale(request);
    if (id_parse(request_path(request, "import"), &showing->import_id))
        return showing;
    reply_refuse(request, 404, "not_found");
    return NULL;
}

void result_show(struct request *request)
{
    struct showing *showing = find(request);
    if (!showing)
        return;
    const char *outcome = request_query(request, "outcome"),
               *after = request_query(request, "after");
    if (outcome)
        showing->outcome = import_outcome_parse(outcome);
    if (!after || !text_parse_number(after, 0, INT32_MAX, &showing->after))
        showing->after = 0;
    look(showing);
}

/* --- Adding ---------------------------------------------------------------------------------- */

struct confirmation {
    bool tells, over_capacity;
    const char *reason;
};

static void need_reason(const struct form_place *body, void *values)
{
    const struct confirmation *confirmation = values;
    const struct form_place reason = form_member(body, "reason");
    if (confirmation->over_capacity && !form_is_given(&reason))
        form_refuse_here(&reason, "reason_needed", NULL);
}

static const struct form_field confirmation_fields[] = {
    {"tells", KIND_BOOLEAN, FORM_AT(struct confirmation, tells)},
    {"over_capacity", KIND_BOOLEAN, FORM_AT(struct confirmation, over_capacity)},
    {"reason", KIND_TEXT, FORM_AT(struct confirmation, reason), .most = RESULT_REASON_MOST},
};
static const struct form confirmation_form =
    FORM(struct confirmation, confirmation_fields, .check = need_reason);

static void on_started(void *context, const struct db_result *result)
{
    struct showing *showing = context;
    struct request *request = showing->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    switch (import_start_outcome(result->rows, 0)) {
    case IMPORT_START_OUTCOME_STARTED:
        if (request_is_desk(request))
            reply_see_other(request, upload_link(request, &showing->import_id, "people"));
        else
            look(showing);
        return;
    case IMPORT_START_OUTCOME_NOT_CHECKED:
        reply_refuse(request, 409, "import_not_checked");
        return;
    case IMPORT_START_OUTCOME_NOT_FOUND:
    case IMPORT_START_OUTCOME_NONE:
        reply_refuse(request, 404, "not_found");
        return;
    }
}

void result_start(struct request *request)
{
    struct showing *showing = find(request);
    /* A page's form leaves out a box that is not ticked. */
    struct confirmation confirmation = {.tells = !request_body_is_form(request)};
    if (!showing)
        return;
    json_t *errors = form_read_body(request, &confirmation_form, NULL, &confirmation);
    if (errors && request_is_desk(request)) {
        showing->errors = errors;
        look(showing);
        return;
    }
    if (errors) {
        form_refuse(request, errors);
        return;
    }
    db_ask(request_worker(request)->db,
           import_start_params(&(struct import_start){
               .event_id = &request_event(request)->id,
               .import_id = &showing->import_id,
               .actor = request_caller(request)->label,
               .tells = confirmation.tells,
               .over_capacity = confirmation.over_capacity ? confirmation.reason : NULL}),
           on_started, showing);
}
