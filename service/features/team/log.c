#include <limits.h>
#include <string.h>

#include "base/text.h"
#include "db/db.h"
#include "event/history.h"
#include "features/team/team.h"
#include "form/form.h"
#include "http/reply.h"
#include "statements.h"
#include "view/locale.h"

enum {
    LOG_PAGE = 50,    /* limit: entries on a page of the log */
    VALUE_MOST = 100, /* characters of a filter */
};

struct filter {
    const char *organiser, *event, *who, *action, *since, *until;
    const char *before; /* the cursor: AT_US.ENTRY */
};

static const struct form_field filter_fields[] = {
    {"organiser", KIND_SLUG, FORM_AT(struct filter, organiser)},
    {"event", KIND_SLUG, FORM_AT(struct filter, event)},
    {"who", KIND_TEXT, FORM_AT(struct filter, who), .most = VALUE_MOST},
    {"action", KIND_TEXT, FORM_AT(struct filter, action), .most = VALUE_MOST},
    {"since", KIND_DATE, FORM_AT(struct filter, since)},
    {"until", KIND_DATE, FORM_AT(struct filter, until)},
    {"before", KIND_TEXT, FORM_AT(struct filter, before), .most = VALUE_MOST},
};
static const struct form filter_form = FORM(struct filter, filter_fields);

/* A page of the log. Lives in its request's arena. */
struct page {
    struct request *request;
    struct filter filter;
    int64_t before_at_us, before_id;
    json_t *view;
};

static bool read_cursor(struct page *page)
{
    long at_us, id;
    const char *text = page->filter.before, *dot = text ? strchr(text, '.') : NULL;
    if (!text)
        return true;
    if (!dot)
        return false;
    const char *at = arena_copy_bytes(request_arena(page->request), text, (size_t)(dot - text));
    if (!text_parse_number(at, 1, LONG_MAX, &at_us) ||
        !text_parse_number(dot + 1, 1, LONG_MAX, &id))
        return false;
    page->before_at_us = at_us;
    page->before_id = id;
    return true;
}

/* --- Entries --------------------------------------------------------------------------------- */

static void add_text(json_t *view, const struct rows *rows, int row, const char *column)
{
    if (!rows_is_null(rows, row, column))
        json_object_set_new(view, column, json_string(rows_text(rows, row, column)));
}

static json_t *loaded(const struct rows *rows, int row, const char *column)
{
    json_t *json = json_loads(rows_text(rows, row, column), 0, NULL);
    return json ? json : json_array();
}

/* The page that tells the changes of an event in the reader's language. */
static void add_comparison(struct page *page, const char *event, json_t *view)
{
    size_t i;
    json_t *change;
    json_array_foreach (json_object_get(view, "changes"), i, change) {
        const char *member = json_string_value(json_object_get(change, "member"));
        json_int_t before = json_integer_value(json_object_get(change, "before")),
                   after = json_integer_value(json_object_get(change, "after"));
        if (member && strcmp(member, "version") == 0 && before > 0 && after > before)
            json_object_set_new(
                view, "comparison",
                json_string(arena_printf(request_arena(page->request),
                                         "/desk/events/%s/publish/versions/%lld?with=%lld", event,
                                         (long long)before, (long long)after)));
    }
}

static json_t *entry_view(struct page *page, const struct rows *rows, int row)
{
    json_t *view =
        json_pack("{s:o, s:s, s:s, s:s, s:o, s:o}", "at", view_time_of(rows, row, "at"), "local_at",
                  rows_text(rows, row, "local_at"), "actor", rows_text(rows, row, "actor"),
                  "action", rows_text(rows, row, "action"), "changes", loaded(rows, row, "changes"),
                  "detail", loaded(rows, row, "detail"));
    add_text(view, rows, row, "actor_name");
    add_text(view, rows, row, "name");
    add_text(view, rows, row, "subject");
    if (!rows_is_null(rows, row, "event")) {
        json_object_set_new(view, "event",
                            json_pack("{s:s, s:s}", "slug", rows_text(rows, row, "event"), "title",
                                      rows_text(rows, row, "title")));
        if (request_is_page(page->request))
            add_comparison(page, rows_text(rows, row, "event"), view);
    }
    if (!rows_is_null(rows, row, "registration_id"))
        json_object_set_new(view, "registration", view_id_of(rows, row, "registration_id"));
    if (!rows_is_null(rows, row, "attendee_id"))
        json_object_set_new(view, "attendee", view_id_of(rows, row, "attendee_id"));
    history_say(view, request_locale(page->request));
    return view;
}

static json_t *entries_view(struct page *page, const struct rows *rows)
{
    json_t *views = json_array();
    for (int row = 0; row < rows_count(rows) && row < LOG_PAGE; row++) {
        if (!rows_is_null(rows, row, "entry_id"))
            json_array_append_new(views, entry_view(page, rows, row));
    }
    return views;
}

/* --- The filter ------------------------------------------------------------------------------ */

static bool is_text(const char *chosen, const char *value)
{
    return chosen && strcmp(chosen, value) == 0;
}

static json_t *actors_view(const struct page *page, const struct rows *rows)
{
    size_t i;
    json_t *entry, *views = json_array(), *known = loaded(rows, 0, "actors");
    json_array_foreach (known, i, entry) {
        const char *actor = json_string_value(json_object_get(entry, "actor"));
        json_array_append_new(views, json_pack("{s:s, s:o, s:b}", "value", actor, "text",
                                               history_who(entry, request_locale(page->request)),
                                               "chosen", is_text(page->filter.who, actor)));
    }
    json_decref(known);
    return views;
}

static json_t *actions_view(const struct page *page, const struct rows *rows)
{
    size_t i;
    json_t *action, *views = json_array(), *known = loaded(rows, 0, "actions");
    json_array_foreach (known, i, action) {
        const char *name = json_string_value(action);
        json_array_append_new(views, json_pack("{s:s, s:o, s:b}", "value", name, "text",
                                               history_action(name, request_locale(page->request)),
                                               "chosen", is_text(page->filter.action, name)));
    }
    json_decref(known);
    return views;
}

/* The link to the next page keeps the filter. */
static json_t *next_link(const struct page *page, const char *cursor)
{
    json_t *values = form_write(&filter_form, &page->filter, NULL), *value;
    const char *name;
    struct buffer link;
    json_object_set_new(values, "before", json_string(cursor));
    buffer_init(&link);
    buffer_add_text(&link, "/desk/log");
    json_object_foreach (values, name, value) {
        buffer_printf(&link, "%c%s=", strchr(buffer_text(&link), '?') ? '&' : '?', name);
        percent_encode(&link, json_string_value(value));
    }
    json_t *json = json_string(buffer_text(&link));
    buffer_finish(&link);
    json_decref(values);
    return json;
}

static void add_filter(struct page *page, const struct rows *rows)
{
    const struct filter *filter = &page->filter;
    const char *cursor = json_string_value(json_object_get(page->view, "next"));
    json_object_set_new(
        page->view, "filter",
        json_pack(
            "{s:o, s:b, s:o, s:s?, s:s?, s:s?, s:b}", "actors", actors_view(page, rows),
            "has_actors", !rows_is_null(rows, 0, "actors"), "actions", actions_view(page, rows),
            "since", filter->since, "until", filter->until, "event", filter->event, "is_set",
            filter->event || filter->who || filter->action || filter->since || filter->until));
    if (cursor)
        json_object_set_new(page->view, "next_link", next_link(page, cursor));
    json_object_set_new(page->view, "has_entries",
                        json_boolean(json_array_size(json_object_get(page->view, "entries")) > 0));
    json_object_set_new(page->view, "is_later", json_boolean(filter->before != NULL));
}

/* The events of this organiser, and the other organisers. */
static void on_places(struct request *request, json_t *places, void *context)
{
    struct page *page = context;
    const char *own =
        json_string_value(json_object_get(json_object_get(page->view, "organiser"), "slug"));
    json_t *place, *option, *events = json_array();
    size_t i, o;
    json_array_foreach (places, i, place) {
        bool is_own = is_text(own, json_string_value(json_object_get(place, "slug")));
        json_object_set_new(place, "current", json_boolean(is_own));
        json_array_foreach (json_object_get(place, "options"), o, option) {
            const char *value = json_string_value(json_object_get(option, "value"));
            const char *slash = strchr(value, '/');
            if (!is_own || !slash)
                continue;
            json_array_append_new(events, json_pack("{s:s, s:O, s:b}", "value", slash + 1, "text",
                                                    json_object_get(option, "text"), "chosen",
                                                    is_text(page->filter.event, slash + 1)));
        }
    }
    json_object_set_new(json_object_get(page->view, "filter"), "events", events);
    if (json_array_size(places) > 1) {
        json_object_set(page->view, "organisers", places);
        json_object_set_new(page->view, "has_organisers", json_true());
    }
    json_decref(places);
    reply_view(request, 200, page->view);
}

/* --- The page -------------------------------------------------------------------------------- */

static void on_log(void *context, const struct db_result *result)
{
    struct page *page = context;
    struct request *request = page->request;
    const struct rows *rows = result->rows;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    if (rows_count(rows) == 0) {
        reply_refuse(request, 404, "not_found");
        return;
    }
    page->view = json_pack(
        "{s:{s:s, s:s}, s:o}", "organiser", "slug", rows_text(rows, 0, "organiser"), "name",
        rows_text(rows, 0, "organiser_name"), "entries", entries_view(page, rows));
    if (rows_count(rows) > LOG_PAGE)
        json_object_set_new(
            page->view, "next",
            json_string(arena_printf(request_arena(request), "%lld.%lld",
                                     (long long)rows_time(rows, LOG_PAGE - 1, "at"),
                                     (long long)rows_number(rows, LOG_PAGE - 1, "entry_id"))));
    if (!request_is_desk(request)) {
        reply_view(request, 200, page->view);
        return;
    }
    add_filter(page, rows);
    team_load_places(request, WHO_EDITORS, NULL, on_places, page);
}

void log_show(struct request *request)
{
    struct page *page = arena_alloc(request_arena(request), sizeof *page);
    page->request = request;
    const char *wrong = form_read_query(request, &filter_form, NULL, &page->filter);
    if (!wrong && !read_cursor(page))
        wrong = "before";
    if (wrong) {
        form_refuse_parameter(request, "team", wrong);
        return;
    }
    const struct filter *filter = &page->filter;
    struct params *params = team_log_list_params(&(struct team_log_list){
        .organiser = filter->organiser,
        .event = filter->event,
        .actor = filter->who,
        .action = filter->action,
        .since = filter->since,
        .until = filter->until,
        .before_at_us = filter->before ? &page->before_at_us : NULL,
        .before_id = filter->before ? &page->before_id : NULL,
        .language = locale_code(request_locale(request)),
        .most = LOG_PAGE + 1,
    });
    TEAM_ADD_OWN(team_log_list, params, request, WHO_EDITORS);
    db_ask(request_worker(request)->db, params, on_log, page);
}
