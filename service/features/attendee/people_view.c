#include "features/attendee/people_view.h"

#include <string.h>

#include "base/text.h"
#include "event/event.h"
#include "features/attendee/people.h"
#include "http/desk.h"
#include "http/reply.h"
#include "view/locale.h"
#include "view/table.h"
#include "worker.h"

/* --- Links ----------------------------------------------------------------------------------- */

static const char *const parameters[] = {
    "list",     "q",    "sort",     "status",          "present",
    "admitted", "day",  "repeated", "declined_before", "ticket_type",
    "language", "door", "consent",  "no_consent",      "answer",
    NULL};

static bool is_filter(const char *name)
{
    return strcmp(name, "list") != 0 && strcmp(name, "q") != 0 && strcmp(name, "sort") != 0;
}

static void add_pair(struct buffer *out, const char *name, const char *value)
{
    if (*value == '\0')
        return;
    buffer_printf(out, "%c%s=", out->length == 0 ? '?' : '&', name);
    percent_encode(out, value);
}

/* Appends the parameters of the request as people_link() says. */
static void add_query(struct request *request, const char *without, const char *only,
                      const char *set, const char *value, struct buffer *out)
{
    for (const char *const *name = parameters; *name; name++) {
        const char *given;
        if (set && strcmp(*name, set) == 0)
            continue;
        for (int i = 0; (given = request_query_nth(request, *name, i)); i++) {
            bool is_out = without && (strcmp(*name, without) == 0 ||
                                      (strcmp(without, "filters") == 0 && is_filter(*name)));
            if (!is_out || (only && strcmp(given, only) != 0))
                add_pair(out, *name, given);
        }
    }
    if (set && value)
        add_pair(out, set, value);
}

static const char *link_below(struct request *request, const char *rest, const struct buffer *query)
{
    return arena_printf(request_arena(request), "/desk/events/%s/attendees%s%s",
                        request_event(request)->slug, rest, buffer_text(query));
}

const char *people_link(struct request *request, const char *without, const char *only,
                        const char *set, const char *value)
{
    struct buffer query;
    buffer_init(&query);
    add_query(request, without, only, set, value, &query);
    const char *link = link_below(request, "", &query);
    buffer_finish(&query);
    return link;
}

const char *people_query(struct request *request)
{
    struct buffer query;
    const char *cursor = request_query(request, "cursor");
    buffer_init(&query);
    add_query(request, NULL, NULL, NULL, NULL, &query);
    if (cursor)
        add_pair(&query, "cursor", cursor);
    const char *text = arena_copy(request_arena(request), buffer_text(&query));
    buffer_finish(&query);
    return *text ? text + 1 : text;
}

const char *people_here(struct request *request, const char *below)
{
    const char *query = people_query(request);
    return arena_printf(request_arena(request), "/desk/events/%s/attendees%s%s%s",
                        request_event(request)->slug, below, *query ? "?" : "", query);
}

/* --- Rows ------------------------------------------------------------------------------------ */

/* Writes the cells of one row into JSON. */
struct cells {
    struct table table;
    const struct locale *locale;
    json_t *list;
};

static void write_text(struct table *table, const char *text, size_t length)
{
    json_t *list = ((struct cells *)table)->list;
    json_array_append_new(list, length > 0 ? json_stringn(text, length) : json_string(""));
}

/* "13 May 2026, 10:00" */
static void write_time(struct table *table, const char *time, size_t length)
{
    enum { DATE = 10, SECONDS = 19 };
    struct cells *cells = (struct cells *)table;
    struct buffer out;
    char local[32];
    buffer_init(&out);
    snprintf(local, sizeof local, "%.*s", length < SECONDS ? (int)length : SECONDS, time);
    if (length > DATE)
        local[DATE] = 'T';
    if (locale_format_local(cells->locale, local, LOCALE_DATE_SHORT, &out) && length > DATE) {
        buffer_add_text(&out, ", ");
        (void)!locale_format_local(cells->locale, local, LOCALE_CLOCK, &out);
    }
    json_array_append_new(cells->list, json_string(buffer_text(&out)));
    buffer_finish(&out);
}

static void end_row(struct table *table)
{
    (void)table;
}

static const struct table_kind cells_kind = {
    .text = write_text, .number = write_text, .time = write_time, .end_row = end_row};

static struct sheet *make_sheet(const struct people *people)
{
    const struct event *event = request_event(people->request);
    struct arena *arena = request_arena(people->request);
    const char **former = arena_alloc(arena, (event->former_question_count + 1) * sizeof *former);
    const char **consents = arena_alloc(arena, people->former_consent_count * sizeof *consents + 1);
    for (size_t i = 0; i < event->former_question_count; i++)
        former[i] = event->former_questions[i].slug;
    for (size_t i = 0; i < people->former_consent_count; i++)
        consents[i] = people->former_consents[i].slug;
    return sheet_create(
        arena, &(struct sheet_options){.event = event,
                                       .locale = request_locale(people->request),
                                       .language = people_language(people),
                                       .choice = people->columns,
                                       .former_questions = former,
                                       .former_question_count = event->former_question_count,
                                       .former_consents = consents,
                                       .former_consent_count = people->former_consent_count,
                                       .is_brief = true});
}

static const char *sign_of(const struct cell *status)
{
    static const char *const signs[] = {
        [REGISTRATION_STATUS_NONE] = "plain",   [REGISTRATION_STATUS_UNVERIFIED] = "look",
        [REGISTRATION_STATUS_PENDING] = "look", [REGISTRATION_STATUS_WAITLISTED] = "look",
        [REGISTRATION_STATUS_CONFIRMED] = "go", [REGISTRATION_STATUS_CANCELLED] = "stop"};
    return signs[registration_status_parse(status->text)];
}

static bool is_true(const struct cell *cell)
{
    return cell->length > 0 && cell->text[0] == 't';
}

static json_t *marks(const struct people *people, const struct row *row)
{
    json_t *list = json_array();
    if (is_true(&row->cells[ROW_REPEATED]))
        json_array_append_new(list, people_say(people, "attendee.people.mark.repeated"));
    if (is_true(&row->cells[ROW_DECLINED_BEFORE]))
        json_array_append_new(list, people_say(people, "attendee.people.mark.declined_before"));
    if (row->cells[ROW_HANDED_ON_TO].text && !sheet_choice_has(&people->columns, "status"))
        json_array_append_new(list, people_say(people, "attendee.people.mark.handed_on"));
    return list;
}

static json_t *name_of(const struct people *people, const struct row *row)
{
    static const char erased[] = "–";
    const size_t length = row->cells[ROW_NAME].length;
    if (length == sizeof erased - 1 && memcmp(row->cells[ROW_NAME].text, erased, length) == 0)
        return people_say(people, "attendee.people.erased");
    return json_stringn(row->cells[ROW_NAME].text, length);
}

/* As on the person's page. */
static json_t *status_of(const struct people *people, const struct rows *rows, int at)
{
    const char *status = rows_text(rows, at, "status");
    bool is_gone = registration_status_parse(status) == REGISTRATION_STATUS_CANCELLED;
    json_t *word = people_say_below(people, "person.status",
                                    !is_gone                                  ? status
                                    : !rows_is_null(rows, at, "handed_on_to") ? "handed_on"
                                    : rows_bool(rows, at, "declined")         ? "declined"
                                                                              : status);
    if (is_gone || !request_event(people->request)->cancelled)
        return word;
    return people_say_with(people, "attendee.status_of_cancelled",
                           json_pack("{s:o}", "status", word));
}

static json_t *language_of(const struct people *people, const struct rows *rows, int at)
{
    const char *code = rows_text(rows, at, "language");
    const struct locale *locale = locale_find(request_worker(people->request)->locales, code);
    return json_string(locale ? locale_name(locale) : code);
}

static json_t *row_view(const struct people *people, struct sheet *sheet, const struct rows *rows,
                        int at)
{
    struct cells cells = {{&cells_kind}, request_locale(people->request), json_array()};
    struct row row;
    json_t *views = json_array(), *text;
    size_t i;
    row_read(rows, at, &row);
    if (people->columns.count > 0)
        sheet_row(sheet, &row, &cells.table);
    json_array_foreach (cells.list, i, text) {
        const char *key = people->columns.keys[i];
        json_t *view = json_pack("{s:O, s:o}", "text", text, "label", people_label(people, key));
        if (strcmp(key, "status") == 0) {
            json_object_set_new(view, "sign", json_string(sign_of(&row.cells[ROW_STATUS])));
            json_object_set_new(view, "text", status_of(people, rows, at));
        } else if (strcmp(key, "language") == 0) {
            json_object_set_new(view, "text", language_of(people, rows, at));
        } else if (strcmp(key, SHEET_NOTES) == 0) {
            json_object_set_new(view, "has_lines", json_true());
        }
        json_array_append_new(views, view);
    }
    json_decref(cells.list);
    return json_pack("{s:o, s:o, s:o, s:o}", "id", view_id_of(rows, at, "attendee_id"), "name",
                     name_of(people, &row), "marks", marks(people, &row), "cells", views);
}

static json_t *row_views(const struct people *people, const struct rows *rows)
{
    struct sheet *sheet = make_sheet(people);
    json_t *list = json_array();
    for (int at = 0; at < rows_count(rows) && at < PEOPLE_LIMIT; at++) {
        if (!rows_is_null(rows, at, "attendee_id"))
            json_array_append_new(list, row_view(people, sheet, rows, at));
    }
    sheet_finish(sheet);
    return list;
}

/* --- Tabs ------------------------------------------------------------------------------------ */

static bool is_list(const struct people *people, const char *list)
{
    return people->filter.list && strcmp(people->filter.list, list) == 0;
}

static json_t *tabs(const struct people *people, const json_t *counts)
{
    static const char *const lists[] = {"all",     "coming",    "to_approve",
                                        "waiting", "cancelled", "unverified",
                                        "came",    "not_yet",   NULL};
    json_t *tabs = json_array();
    for (const char *const *list = lists; *list; list++) {
        bool is_all = strcmp(*list, "all") == 0;
        bool is_now = is_all ? !people->filter.list : is_list(people, *list);
        const json_t *count = json_object_get(counts, *list);
        if (strcmp(*list, "unverified") == 0 && !is_now && !json_integer_value(count))
            continue;
        json_array_append_new(
            tabs, json_pack("{s:o, s:s, s:b, s:b, s:O?}", "text",
                            people_say_below(people, "attendee.people.list", *list), "href",
                            people_link(people->request, "sort", NULL, "list", is_all ? "" : *list),
                            "current", is_now, "is_counted", count != NULL, "count", count));
    }
    return tabs;
}

/* --- Filters --------------------------------------------------------------------------------- */

struct filters {
    const struct people *people;
    json_t *groups, *chips;
};

static bool is_given(const struct people *people, const char *name, const char *value)
{
    const char *given;
    for (int i = 0; (given = request_query_nth(people->request, name, i)); i++)
        if (strcmp(given, value) == 0)
            return true;
    return false;
}

static json_t *begin_group(struct filters *filters, const char *name, json_t *legend)
{
    json_t *options = json_array();
    json_array_append_new(filters->groups, json_pack("{s:s, s:o, s:o, s:i}", "name", name, "legend",
                                                     legend, "options", options, "group",
                                                     (int)json_array_size(filters->groups)));
    return options;
}

/* Takes the label. */
static void add_option(struct filters *filters, json_t *options, const char *name,
                       const char *value, json_t *label, const json_t *legend)
{
    bool is_on = is_given(filters->people, name, value);
    json_array_append_new(options, json_pack("{s:s, s:O, s:b, s:i}", "value", value, "label", label,
                                             "on", is_on, "number", (int)json_array_size(options)));
    if (is_on)
        json_array_append_new(
            filters->chips,
            json_pack("{s:O?, s:O, s:s}", "of", legend, "text", label, "href",
                      people_link(filters->people->request, name, value, NULL, NULL)));
    json_decref(label);
}

static void add_questions(struct filters *filters)
{
    const struct people *people = filters->people;
    const struct event *event = request_event(people->request);
    struct arena *arena = request_arena(people->request);
    for (size_t i = 0; i < event->question_count; i++) {
        const struct question *question = &event->questions[i];
        bool is_yes_no = question->kind == KIND_YES_NO;
        if (!is_yes_no && question->choice_count == 0)
            continue;
        json_t *legend = people_own_text(people, &question->label);
        json_t *options = begin_group(filters, "answer", json_incref(legend));
        for (size_t c = 0; c < (is_yes_no ? 2 : question->choice_count); c++) {
            const char *slug = is_yes_no ? (c == 0 ? "true" : "false") : question->choices[c].slug;
            json_t *label = is_yes_no ? people_say(people, c == 0 ? "attendee.people.yes"
                                                                  : "attendee.people.no")
                                      : people_own_text(people, &question->choices[c].label);
            add_option(filters, options, "answer",
                       arena_printf(arena, "%s:%s", question->slug, slug), label, legend);
        }
        json_decref(legend);
    }
}

static void add_consents(struct filters *filters, const char *name)
{
    const struct event *event = request_event(filters->people->request);
    if (event->consent_count == 0)
        return;
    json_t *legend = people_say_below(filters->people, "attendee.people.filter", name);
    json_t *options = begin_group(filters, name, json_incref(legend));
    for (size_t i = 0; i < event->consent_count; i++)
        add_option(filters, options, name, event->consents[i].slug,
                   people_own_text(filters->people, &event->consents[i].label), legend);
    json_decref(legend);
}

static void add_event_lists(struct filters *filters)
{
    const struct people *people = filters->people;
    const struct event *event = request_event(people->request);
    json_t *options;
    if (event->ticket_type_count > 1) {
        options = begin_group(filters, "ticket_type",
                              people_say(people, "attendee.people.filter.ticket_type"));
        for (size_t i = 0; i < event->ticket_type_count; i++)
            add_option(filters, options, "ticket_type", event->ticket_types[i].slug,
                       people_own_text(people, &event->ticket_types[i].title), NULL);
    }
    if (event->door_count > 1) {
        options = begin_group(filters, "door", people_say(people, "attendee.people.filter.door"));
        for (size_t i = 0; i < event->door_count; i++)
            add_option(filters, options, "door", event->doors[i].slug,
                       people_own_text(people, &event->doors[i].title), NULL);
    }
    if (event->language_count > 1) {
        options =
            begin_group(filters, "language", people_say(people, "attendee.people.filter.language"));
        for (size_t i = 0; i < event->language_count; i++) {
            const struct locale *locale =
                locale_find(request_worker(people->request)->locales, event->languages[i]);
            add_option(filters, options, "language", event->languages[i],
                       json_string(locale ? locale_name(locale) : event->languages[i]), NULL);
        }
    }
}

static void add_truth(struct filters *filters, const char *name)
{
    json_t *options = begin_group(
        filters, name, people_say_below(filters->people, "attendee.people.filter", name));
    add_option(filters, options, name, "true",
               people_say_below(filters->people, "attendee.people.mark", name), NULL);
}

/* Groups with many options become drop-down lists. */
static void mark_long_groups(json_t *groups)
{
    size_t i;
    json_t *group;
    json_array_foreach (groups, i, group) {
        bool is_long = json_array_size(json_object_get(group, "options")) > PEOPLE_CHOICES_MOST;
        json_object_set_new(group, "is_long", json_boolean(is_long));
    }
}

static void add_filters(const struct people *people, json_t *view)
{
    struct filters filters = {people, json_array(), json_array()};
    add_event_lists(&filters);
    add_questions(&filters);
    add_consents(&filters, "consent");
    add_consents(&filters, "no_consent");
    add_truth(&filters, "repeated");
    add_truth(&filters, "declined_before");
    mark_long_groups(filters.groups);
    size_t count = json_array_size(filters.chips);
    json_object_set_new(view, "filters", filters.groups);
    json_object_set_new(view, "filter_count", json_integer((json_int_t)count));
    json_object_set_new(view, "chips", filters.chips);
    json_object_set_new(view, "clear",
                        json_string(people_link(people->request, "filters", NULL, NULL, NULL)));
}

/* --- Bulk, downloads and the whole page ------------------------------------------------------ */

/* What can be done to many of a list. */
static json_t *verbs(const struct people *people)
{
    static const struct {
        const char *list, *verbs[5];
    } of_lists[] = {
        {"coming", {"write", "resend", "cancel"}},
        {"to_approve", {"approve", "decline", "write"}},
        {"waiting", {"move_up", "write", "cancel"}},
        {"cancelled", {"write"}},
        {"unverified", {"approve", "write", "resend", "cancel"}},
        {"came", {"write", "resend"}},
        {"not_yet", {"write", "resend", "cancel"}},
    };
    static const char *const all[] = {"approve", "decline", "move_up", "write",
                                      "resend",  "cancel",  NULL};
    const char *const *verb = all;
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof of_lists / sizeof *of_lists; i++)
        if (is_list(people, of_lists[i].list))
            verb = of_lists[i].verbs;
    for (; *verb; verb++)
        json_array_append_new(
            list, json_pack("{s:s, s:o, s:b}", "verb", *verb, "text",
                            people_say_below(people, "attendee.people.verb", *verb), "danger",
                            strcmp(*verb, "cancel") == 0 || strcmp(*verb, "decline") == 0));
    return list;
}

/* The columns for a file: the name and what the page shows; at most so many. */
static const char *file_columns(const struct people *people, size_t most)
{
    const char *text = "name";
    for (size_t i = 0; i < people->columns.count && i + 1 < most; i++)
        text = arena_printf(request_arena(people->request), "%s,%s", text, people->columns.keys[i]);
    return text;
}

static void add_download(const struct people *people, json_t *list, const char *what,
                         const char *ending, const char *more, size_t columns_most)
{
    struct buffer query;
    buffer_init(&query);
    add_query(people->request, NULL, NULL, NULL, NULL, &query);
    if (columns_most > 0)
        add_pair(&query, "columns", file_columns(people, columns_most));
    if (more)
        buffer_printf(&query, "%c%s", query.length == 0 ? '?' : '&', more);
    json_array_append_new(list,
                          json_pack("{s:o, s:s}", "text",
                                    people_say_below(people, "attendee.people.download", what),
                                    "href", link_below(people->request, ending, &query)));
    buffer_finish(&query);
}

static json_t *downloads(const struct people *people)
{
    json_t *list = json_array();
    add_download(people, list, "xlsx", ".xlsx", NULL, SHEET_COLUMNS_MOST);
    add_download(people, list, "excel_de", ".csv", "dialect=excel-de", SHEET_COLUMNS_MOST);
    add_download(people, list, "csv", ".csv", NULL, SHEET_COLUMNS_MOST);
    add_download(people, list, "names", ".pdf", "layout=names", PEOPLE_PDF_COLUMNS);
    add_download(people, list, "sign_in", ".pdf", "layout=sign-in", 0);
    add_download(people, list, "jsonl", ".jsonl", NULL, 0);
    return list;
}

/* The parameters that the search box keeps. */
static json_t *kept(const struct people *people, bool with_filters)
{
    json_t *list = json_array();
    const char *value;
    for (const char *const *name = parameters; *name; name++) {
        bool is_kept = with_filters ? strcmp(*name, "q") != 0 : !is_filter(*name);
        for (int i = 0; is_kept && (value = request_query_nth(people->request, *name, i)); i++)
            json_array_append_new(list, json_pack("{s:s, s:s}", "name", *name, "value", value));
    }
    return list;
}

static void add_pages(const struct people *people, const struct rows *rows, json_t *view)
{
    if (people->page.after)
        json_object_set_new(view, "first",
                            json_string(people_link(people->request, NULL, NULL, NULL, NULL)));
    if (rows_count(rows) <= PEOPLE_LIMIT)
        return;
    const char *cursor = list_cursor(request_arena(people->request), rows, PEOPLE_LIMIT - 1);
    json_object_set_new(view, "next",
                        json_string(people_link(people->request, NULL, NULL, "cursor", cursor)));
}

/* How many match, as far as that is known. */
static void add_found(const struct people *people, const struct rows *rows, const json_t *counts,
                      json_t *view)
{
    const json_t *count =
        json_object_get(counts, people->filter.list ? people->filter.list : "all");
    const json_t *more_than = json_object_get(counts, "more_than");
    if (!count && !people->page.after && rows_count(rows) <= PEOPLE_LIMIT)
        count = json_object_get(view, "shown");
    bool is_above = !count && more_than && !people->filter.list;
    json_object_set_new(
        view, "found",
        count ? people_say_with(people, "attendee.people.found", json_pack("{s:O}", "n", count))
        : is_above ? people_say_with(people, "attendee.people.found_more",
                                     json_pack("{s:O}", "n", more_than))
                   : people_say(people, "attendee.people.found_many"));
    json_object_set_new(view, "is_uncounted", json_boolean(!count && !people->page.after));
    json_object_set_new(
        view, "all_of_them",
        count ? people_say_with(people, "attendee.people.all", json_pack("{s:O}", "n", count))
              : people_say(people, "attendee.people.all_matching"));
}

/* More than 10,000 are not sorted by answers (functions/attendee_search.sql). */
static bool is_unsorted(const struct people *people, const struct rows *rows)
{
    return filter_sorts_answers(request_event(people->request), people->filter.sort) &&
           rows_count(rows) > 0 && !rows_is_null(rows, 0, "attendee_id") &&
           rows_is_null(rows, 0, "key");
}

json_t *people_view(struct people *people, const struct rows *rows)
{
    struct request *request = people->request;
    struct arena *arena = request_arena(request);
    const struct event *event = request_event(request);
    people->is_unsorted = is_unsorted(people, rows);
    json_t *counts = rows_count(rows) > 0 ? json_loads(rows_text(rows, 0, "lists"), 0, NULL) : NULL;
    json_t *people_list = row_views(people, rows);
    size_t shown = json_array_size(people_list);
    const char *q = request_query(request, "q");
    bool is_editor = request_role(request) & WHO_EDITORS;
    json_t *verb_list = is_editor ? verbs(people) : json_array();
    struct buffer query;
    buffer_init(&query);
    add_query(request, NULL, NULL, NULL, NULL, &query);
    bool is_filtered = query.length > 0;
    json_t *view = json_pack(
        "{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:s?, s:b, s:b, s:b, s:s, s:s, s:I, s:o, s:o}",
        "base", arena_printf(arena, "/desk/events/%s/attendees", event->slug), "event_page",
        arena_printf(arena, "/events/%s", event->slug), "name_head", people_head(people, "name"),
        "heads", people_heads(people), "people", people_list, "tabs", tabs(people, counts),
        "columns", people_column_choices(people), "downloads", downloads(people), "q", q,
        "is_editor", is_editor, "nobody", shown == 0 && !is_filtered, "nothing_found",
        shown == 0 && is_filtered, "bulk_action", people_here(request, "/bulk"), "columns_action",
        people_here(request, "/columns"), "shown", (json_int_t)shown, "kept", kept(people, true),
        "kept_beside_filters", kept(people, false));
    buffer_finish(&query);
    json_object_set_new(view, "can_choose",
                        json_boolean(shown > 0 && json_array_size(verb_list) > 0));
    json_object_set_new(view, "verbs", verb_list);
    json_object_set_new(view, "from",
                        json_string(desk_came_from(request, "", people_query(request))));
    json_object_set_new(view, "is_unsorted", json_boolean(people->is_unsorted));
    if (people->problem)
        json_object_set_new(view, "problem", people_say(people, people->problem));
    add_filters(people, view);
    add_found(people, rows, counts, view);
    add_pages(people, rows, view);
    json_decref(counts);
    return view;
}
