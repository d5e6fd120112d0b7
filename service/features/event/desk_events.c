#include "features/event/desk_events.h"

#include <jansson.h>
#include <string.h>

#include "base/text.h"
#include "db/db.h"
#include "event/event.h"
#include "features/event/event_list_page.h"
#include "form/form.h"
#include "http/reply.h"
#include "statements.h"
#include "view/locale.h"
#include "worker.h"

/* Lives in its request's arena. */
struct listing {
    struct request *request;
    const char *search; /* "": all events */
    int64_t page;       /* the first one is 1 */
};

/* --- The list -------------------------------------------------------------------------------- */

static json_t *json_cell(const struct rows *rows, int row, const char *column)
{
    if (rows_is_null(rows, row, column))
        return json_null();
    json_t *value = json_loads(rows_text(rows, row, column), JSON_DECODE_ANY, NULL);
    return value ? value : json_null();
}

static void set_number(json_t *event, const char *name, const struct rows *rows, int row,
                       const char *column)
{
    json_object_set_new(event, name, view_number_of(rows, row, column));
}

/* Returns NULL for an unknown state, which was logged. */
static json_t *event_json(const struct rows *rows, int row)
{
    enum desk_event_state state = event_desk_events_state(rows, row);
    if (state == DESK_EVENT_STATE_NONE)
        return NULL;
    json_t *event = json_pack(
        "{s:s, s:s, s:o, s:o, s:s?, s:s, s:o, s:o, s:{s:s, s:s}, s:s, s:b, s:b}", "organiser",
        rows_text(rows, row, "organiser"), "slug", rows_text(rows, row, "slug"), "title",
        json_cell(rows, row, "title"), "languages", json_cell(rows, row, "languages"), "venue",
        view_text_of(rows, row, "venue"), "timezone", rows_text(rows, row, "timezone"), "starts_at",
        view_time_of(rows, row, "starts_at"), "ends_at", view_time_of(rows, row, "ends_at"),
        "local", "starts_at", rows_text(rows, row, "local_starts_at"), "ends_at",
        rows_text(rows, row, "local_ends_at"), "state", desk_event_state_name(state), "ended",
        rows_bool(rows, row, "ended"), "full", rows_bool(rows, row, "full"));
    set_number(event, "capacity", rows, row, "capacity");
    set_number(event, "taken", rows, row, "taken");
    set_number(event, "coming", rows, row, "confirmed");
    set_number(event, "to_approve", rows, row, "pending");
    set_number(event, "waiting", rows, row, "queued");
    set_number(event, "came", rows, row, "admitted");
    set_number(event, "mails_failed", rows, row, "mails_failed");
    set_number(event, "mails_bounced", rows, row, "mails_bounced");
    set_number(event, "conflicts", rows, row, "conflicts");
    return event;
}

/* --- The page -------------------------------------------------------------------------------- */

static bool is_there(const json_t *event, const char *count)
{
    return json_integer_value(json_object_get(event, count)) > 0;
}

/* Who only checks people in, sees the live page and nothing to mend. */
static void set_links(json_t *item, const struct caller *caller, const struct rows *rows, int row)
{
    const struct scope scope = {.organiser_id = rows_id(rows, row, "organiser_id"),
                                .event_id = rows_id(rows, row, "event_id")};
    bool reads = caller_role_in(caller, &scope, WHO_READERS) & WHO_READERS;
    bool ended = json_is_true(json_object_get(item, "ended"));
    enum desk_event_state state = event_desk_events_state(rows, row);
    bool waits = is_there(item, "waiting"), approve = is_there(item, "to_approve");
    bool draft = state == DESK_EVENT_STATE_DRAFT;
    json_object_set_new(item, "reads", json_boolean(reads));
    json_object_set_new(item, "sign", json_pack("{s:b}", desk_event_state_name(state), true));
    json_object_set_new(item, "places", json_boolean(is_there(item, "capacity") && !ended));
    json_object_set_new(item, "has_come", json_boolean(is_there(item, "came")));
    json_object_set_new(item, "waits_full",
                        json_boolean(waits && json_is_true(json_object_get(item, "full"))));
    json_object_set_new(
        item, "attention",
        json_boolean(reads && !ended &&
                     (draft || approve || waits || is_there(item, "mails_failed") ||
                      is_there(item, "mails_bounced") || is_there(item, "conflicts"))));
}

/* Appends the event to the group of its organiser, which is the last one or new. */
static void add_to_group(json_t *groups, const char *organiser, json_t *item)
{
    json_t *group = json_array_get(groups, json_array_size(groups) - 1);
    if (!group || strcmp(json_string_value(json_object_get(group, "organiser")), organiser) != 0) {
        group = json_pack("{s:s, s:b, s:[], s:b, s:[]}", "organiser", organiser, "has_upcoming",
                          false, "upcoming", "has_past", false, "past");
        json_array_append_new(groups, group);
    }
    bool ended = json_is_true(json_object_get(item, "ended"));
    json_object_set_new(group, ended ? "has_past" : "has_upcoming", json_true());
    json_array_append_new(json_object_get(group, ended ? "past" : "upcoming"), item);
}

/* Who manages all events of an organiser makes new ones. */
static bool may_make(const struct caller *caller)
{
    for (size_t i = 0; i < caller->membership_count; i++) {
        const struct membership *membership = &caller->memberships[i];
        if ((membership->role & WHO_EDITORS) && id_is_zero(&membership->event_id))
            return true;
    }
    return false;
}

static json_t *page_json(const struct listing *listing, const json_t *view, const struct rows *rows)
{
    struct request *request = listing->request;
    const char *language = locale_code(request_locale(request));
    json_t *groups = json_array(), *event, *next = json_object_get(view, "next");
    size_t i;
    json_array_foreach (json_object_get(view, "events"), i, event) {
        json_t *item = event_list_item(event, language);
        set_links(item, request_caller(request), rows, (int)i);
        add_to_group(groups, rows_text(rows, (int)i, "organiser"), item);
    }
    struct buffer query;
    buffer_init(&query);
    percent_encode(&query, listing->search);
    json_t *page =
        json_pack("{s:b, s:b, s:b, s:s, s:s, s:O, s:b, s:o}", "none", i == 0 && !*listing->search,
                  "none_found", i == 0 && *listing->search, "searchable",
                  *listing->search || json_is_integer(next) || i > 5, "search", listing->search,
                  "query", buffer_text(&query), "next", next, "mail_kept",
                  i > 0 && *request_worker(request)->config->smtp == '\0', "groups", groups);
    if (listing->page > 1)
        json_object_set_new(page, "previous", json_integer(listing->page - 1));
    json_object_set_new(page, "several", json_boolean(json_array_size(groups) > 1));
    json_object_set_new(page, "may_make", json_boolean(may_make(request_caller(request))));
    buffer_finish(&query);
    return page;
}

static void on_listed(void *context, const struct db_result *result)
{
    const struct listing *listing = context;
    const struct rows *rows = result->rows;
    if (result->outcome != DB_DONE) {
        reply_failed(listing->request, result);
        return;
    }
    bool more = rows_count(rows) > DESK_EVENTS_MOST;
    int count = more ? DESK_EVENTS_MOST : rows_count(rows);
    json_t *events = json_array();
    for (int row = 0; row < count; row++)
        json_array_append_new(events, event_json(rows, row));
    json_t *view = json_pack("{s:o, s:s, s:I, s:o}", "events", events, "search", listing->search,
                             "page", (json_int_t)listing->page, "next",
                             more ? json_integer(listing->page + 1) : json_null());
    if (json_array_size(events) != (size_t)count) {
        json_decref(view);
        view = NULL;
    }
    if (view && request_is_page(listing->request)) {
        json_t *page = page_json(listing, view, rows);
        json_decref(view);
        view = page;
    }
    reply_view(listing->request, 200, view);
}

static const struct form_field query_fields[] = {
    {"q", KIND_TEXT, FORM_AT(struct listing, search), .most = DESK_EVENTS_SEARCH_MOST},
    {"page", KIND_INTEGER, FORM_AT(struct listing, page), .least = 1,
     .most = DESK_EVENTS_PAGES_MOST, .keeps_blank = true},
};
static const struct form query_form = FORM(struct listing, query_fields);

void desk_events_show(struct request *request)
{
    struct listing *listing = arena_alloc(request_arena(request), sizeof *listing);
    const struct caller *caller = request_caller(request);
    *listing = (struct listing){.request = request, .page = 1};
    request_locale(request); /* headers can be read before a wait only */
    if (form_read_query(request, &query_form, NULL, listing)) {
        reply_refuse(request, 400, "bad_event_filter");
        return;
    }
    if (!listing->search)
        listing->search = "";
    struct params *params = event_desk_events_params(
        &(struct event_desk_events){.search = *listing->search ? listing->search : NULL,
                                    .skip = (listing->page - 1) * DESK_EVENTS_MOST,
                                    .most = DESK_EVENTS_MOST + 1});
    for (size_t i = 0; i < caller->membership_count; i++) {
        const struct membership *membership = &caller->memberships[i];
        if (id_is_zero(&membership->event_id) && !id_is_zero(&membership->organiser_id))
            event_desk_events_add_organiser(params, &membership->organiser_id);
        else if (!id_is_zero(&membership->event_id))
            event_desk_events_add_event(params, &membership->event_id);
    }
    db_run(request_worker(request)->db, &(struct db_query){.lane = DB_SLOW,
                                                           .run = params,
                                                           .again = true,
                                                           .on_done = on_listed,
                                                           .context = listing});
}
