#include "features/invitation/invitees.h"

#include <string.h>

#include "base/log.h"
#include "base/search.h"
#include "base/text.h"
#include "event/event.h"
#include "event/events.h"
#include "event/explanation.h"
#include "event/invited.h"
#include "features/invitation/invitation.h"
#include "form/field_view.h"
#include "form/form.h"
#include "http/reply.h"
#include "view/csv.h"
#include "view/locale.h"
#include "worker.h"

/* --- One row --------------------------------------------------------------------------------- */

static const char *look_of(enum invitee_state state)
{
    switch (state) {
    case INVITEE_STATE_REGISTERED:
    case INVITEE_STATE_CAME:
        return "go";
    case INVITEE_STATE_BOUNCED:
        return "stop";
    case INVITEE_STATE_NO_ANSWER:
    case INVITEE_STATE_SENDING:
        return "look";
    case INVITEE_STATE_NOT_SENT:
    case INVITEE_STATE_SAID_NO:
    case INVITEE_STATE_CANCELLED:
    case INVITEE_STATE_WITHDRAWN:
    case INVITEE_STATE_NONE:
        break;
    }
    return "";
}

static void set_text(json_t *view, const char *member, const struct rows *rows, int row,
                     const char *column)
{
    if (!rows_is_null(rows, row, column))
        json_object_set_new(view, member, json_string(rows_text(rows, row, column)));
}

/* What only a page shows. */
static void add_words(struct request *request, const struct rows *rows, int row, json_t *view)
{
    struct arena *arena = request_arena(request);
    enum invitee_state state = invitation_list_state(rows, row);
    const struct explained explained = {
        .state = rows_is_null(rows, row, "mail_state") ? MESSAGE_STATE_NONE
                                                       : invitation_list_mail_state(rows, row),
        .code = (int)rows_number(rows, row, "code"),
        .words = rows_text(rows, row, "words"),
        .has_server = invitation_has_mail(request),
    };
    const char *key = explained.state == MESSAGE_STATE_NONE ? NULL : explanation_key(&explained);
    const char *name = rows_text(rows, row, "name"), *type = rows_text(rows, row, "ticket_type");
    json_object_set_new(view, "title", json_string(*name ? name : rows_text(rows, row, "email")));
    json_object_set_new(
        view, "href",
        json_string(invitation_path(
            request, arena_printf(arena, "/%s", rows_text(rows, row, "invitation_id")))));
    json_object_set_new(
        view, "state_words",
        invitation_word(
            request, arena_printf(arena, "invitation.state.%s", invitee_state_name(state)), NULL));
    if (*look_of(state))
        json_object_set_new(view, "look", json_string(look_of(state)));
    if (state == INVITEE_STATE_BOUNCED)
        json_object_set_new(view, "explained",
                            invitation_word(request, "invitation.bounced_mend", NULL));
    else if (key && state == INVITEE_STATE_SENDING)
        json_object_set_new(
            view, "explained",
            invitation_word(request, arena_printf(arena, "message.explain.%s", key), NULL));
    if (*type)
        json_object_set_new(view, "ticket_type_title",
                            json_string(event_type_title(request_event(request), type,
                                                         request_locale(request), arena)));
    if (!rows_is_null(rows, row, "attendee_id"))
        json_object_set_new(view, "person",
                            json_string(arena_printf(arena, "/desk/events/%s/attendees/%s",
                                                     request_event(request)->slug,
                                                     rows_text(rows, row, "attendee_id"))));
    json_object_set_new(view, "several", json_boolean(rows_number(rows, row, "good_for") > 1));
    set_text(view, "invited_local", rows, row, "invited_local");
    set_text(view, "last_mail_local", rows, row, "last_mail_local");
    set_text(view, "declined_local", rows, row, "declined_local");
    set_text(view, "added_local", rows, row, "added_local");
    set_text(view, "added_by", rows, row, "added_by");
    set_text(view, "invited_by", rows, row, "invited_by");
}

json_t *invitation_view(struct request *request, const struct rows *rows, int row)
{
    json_t *view = json_pack("{s:o, s:s, s:s, s:s, s:s, s:I, s:I, s:o, s:I}", "id",
                             view_id_of(rows, row, "invitation_id"), "name",
                             rows_text(rows, row, "name"), "email", rows_text(rows, row, "email"),
                             "language", rows_text(rows, row, "language"), "state",
                             invitee_state_name(invitation_list_state(rows, row)), "good_for",
                             (json_int_t)rows_number(rows, row, "good_for"), "registrations",
                             (json_int_t)rows_number(rows, row, "registrations"), "invited_at",
                             view_time_of(rows, row, "invited_at"), "mails",
                             (json_int_t)rows_number(rows, row, "mails"));
    set_text(view, "ticket_type", rows, row, "ticket_type");
    set_text(view, "word", rows, row, "word");
    if (request_is_desk(request))
        add_words(request, rows, row, view);
    return view;
}

/* --- The list -------------------------------------------------------------------------------- */

struct list {
    struct request *request;
    enum invitee_state state; /* NONE: any */
    const char *query;        /* NULL: any */
    int64_t page;             /* from 1 */
};

static const enum invitee_state tabs[] = {INVITEE_STATE_NOT_SENT,   INVITEE_STATE_NO_ANSWER,
                                          INVITEE_STATE_BOUNCED,    INVITEE_STATE_SAID_NO,
                                          INVITEE_STATE_REGISTERED, INVITEE_STATE_CAME,
                                          INVITEE_STATE_CANCELLED,  INVITEE_STATE_WITHDRAWN};

/* Those whose mail is on its way have not answered. */
static bool has_tab(enum invitee_state state)
{
    return state != INVITEE_STATE_NONE && state != INVITEE_STATE_SENDING;
}

static void read_state(const struct form_place *place, const struct form_field *field, void *values)
{
    struct list *list = values;
    (void)field;
    list->state = invitee_state_parse(json_string_value(place->value));
    if (form_is_given(place) && !has_tab(list->state))
        form_refuse_here(place, "wrong", NULL);
}

static const struct form_field fields[] = {
    {"state", .read = read_state},
    {"q", KIND_TEXT, FORM_AT(struct list, query), .most = INVITATION_QUERY_MOST},
    {"page", KIND_INTEGER, FORM_AT(struct list, page), .least = 1,
     .most = INVITATIONS_MOST / INVITATIONS_PAGE},
};
static const struct form form = FORM(struct list, fields);

static const char *name_of(enum invitee_state state)
{
    return state ? invitee_state_name(state) : "";
}

static const char *href_of(const struct list *list, enum invitee_state state, int64_t page)
{
    struct buffer href;
    buffer_init(&href);
    buffer_add_text(&href, invitation_path(list->request, "?state="));
    buffer_add_text(&href, name_of(state));
    if (list->query) {
        buffer_add_text(&href, "&q=");
        percent_encode(&href, list->query);
    }
    if (page > 1)
        buffer_printf(&href, "&page=%lld", (long long)page);
    const char *copy = arena_copy(request_arena(list->request), buffer_text(&href));
    buffer_finish(&href);
    return copy;
}

static json_int_t count_of(const json_t *counts, enum invitee_state state)
{
    json_int_t count = json_integer_value(json_object_get(counts, name_of(state)));
    if (state == INVITEE_STATE_NO_ANSWER)
        count += json_integer_value(json_object_get(counts, name_of(INVITEE_STATE_SENDING)));
    return count;
}

static json_t *tab(const struct list *list, enum invitee_state state, json_int_t count)
{
    const char *key = arena_printf(request_arena(list->request), "invitation.tab.%s",
                                   state ? invitee_state_name(state) : "all");
    return json_pack("{s:o, s:s, s:I, s:b}", "text", invitation_word(list->request, key, NULL),
                     "href", href_of(list, state, 1), "count", count, "current",
                     state == list->state);
}

/* Tabs for what is rare appear when somebody is in them. */
static bool is_rare(enum invitee_state state)
{
    return state == INVITEE_STATE_BOUNCED || state == INVITEE_STATE_CANCELLED ||
           state == INVITEE_STATE_WITHDRAWN;
}

static json_t *tabs_view(const struct list *list, const json_t *counts)
{
    json_t *views = json_array();
    json_int_t all = 0;
    const char *name;
    json_t *count;
    json_object_foreach ((json_t *)counts, name, count)
        all += json_integer_value(count);
    json_array_append_new(views, tab(list, INVITEE_STATE_NONE, all));
    for (size_t i = 0; i < sizeof tabs / sizeof *tabs; i++) {
        json_int_t here = count_of(counts, tabs[i]);
        if (here > 0 || !is_rare(tabs[i]))
            json_array_append_new(views, tab(list, tabs[i], here));
    }
    return views;
}

/* How many of a form's people were not put on the list, from the query. */
static void add_left_out(struct request *request, json_t *view)
{
    static const char *const names[] = {"known", "registered"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *given = request_query(request, names[i]);
        long number;
        if (given && text_parse_number(given, 1, INVITE_PEOPLE_MOST, &number))
            json_object_set_new(view, arena_printf(request_arena(request), "left_%s", names[i]),
                                json_integer(number));
    }
}

static void add_page(const struct list *list, json_t *view, const json_t *counts, int64_t found)
{
    struct request *request = list->request;
    json_object_set_new(view, "tabs", tabs_view(list, counts));
    json_object_set_new(view, "base", json_string(invitation_path(request, "")));
    json_object_set_new(view, "file", json_string(invitation_path(request, ".csv")));
    json_object_set_new(view, "may_edit", json_boolean(request_role(request) & WHO_EDITORS));
    json_object_set_new(view, "no_server", json_boolean(!invitation_has_mail(request)));
    json_object_set_new(view, "query", json_string(list->query ? list->query : ""));
    json_object_set_new(view, "state", json_string(name_of(list->state)));
    json_object_set_new(view, "is_filtered", json_boolean(list->state || list->query));
    json_object_set_new(view, "is_empty", json_boolean(json_object_size(counts) == 0));
    json_object_set_new(view, "not_sent", json_integer(count_of(counts, INVITEE_STATE_NOT_SENT)));
    json_object_set_new(view, "may_send",
                        json_boolean(count_of(counts, INVITEE_STATE_NOT_SENT) > 0));
    json_object_set_new(view, "may_remind",
                        json_boolean(count_of(counts, INVITEE_STATE_NO_ANSWER) > 0));
    if (list->page > 1)
        json_object_set_new(view, "before_href",
                            json_string(href_of(list, list->state, list->page - 1)));
    if (found > list->page * INVITATIONS_PAGE)
        json_object_set_new(view, "next_href",
                            json_string(href_of(list, list->state, list->page + 1)));
    add_left_out(request, view);
}

static void on_listed(void *context, const struct db_result *result)
{
    const struct list *list = context;
    const struct rows *rows = result->rows;
    if (result->outcome != DB_DONE) {
        reply_failed(list->request, result);
        return;
    }
    json_t *invitations = json_array();
    json_t *counts = json_loads(rows_text(rows, 0, "counts"), 0, NULL);
    for (int row = 0; row < rows_count(rows); row++) {
        if (!rows_is_null(rows, row, "invitation_id"))
            json_array_append_new(invitations, invitation_view(list->request, rows, row));
    }
    int64_t found = rows_number(rows, 0, "found");
    json_t *view = json_pack("{s:o, s:I}", "invitations", invitations, "found", (json_int_t)found);
    if (request_is_desk(list->request)) {
        add_page(list, view, counts, found);
        json_decref(counts);
    } else {
        json_object_set_new(view, "counts", counts);
    }
    reply_view(list->request, 200, view);
}

static struct params *list_params(const struct list *list, const struct id *only, int first,
                                  int most)
{
    struct arena *arena = request_arena(list->request);
    const struct event *event = request_event(list->request);
    struct params *params = invitation_list_params(
        &(struct invitation_list){.event_id = &event->id,
                                  .state = list->state ? name_of(list->state) : NULL,
                                  .invitation_id = only,
                                  .first = first,
                                  .most = most,
                                  .timezone = event->timezone});
    const char *words[INVITATION_QUERY_MOST];
    size_t count = list->query ? search_words(arena, list->query, INVITATION_QUERY_MOST, words) : 0;
    for (size_t i = 0; i < count && i < INVITATION_QUERY_MOST; i++)
        invitation_list_add_searched(params, words[i]);
    return params;
}

static void run(struct request *request, struct params *params, db_done *on_done, void *context)
{
    db_run(
        request_worker(request)->db,
        &(struct db_query){
            .lane = DB_SLOW, .run = params, .again = true, .on_done = on_done, .context = context});
}

/* Returns NULL after it has refused the request. */
static struct list *begin(struct request *request)
{
    struct list *list = arena_alloc(request_arena(request), sizeof *list);
    *list = (struct list){.request = request, .page = 1};
    request_locale(request); /* reads headers, which is possible only now */
    const char *wrong = form_read_query(request, &form, NULL, list);
    list->request = request;
    if (!wrong)
        return list;
    form_refuse_parameter(request, "invitation", wrong);
    return NULL;
}

void invitees_list(struct request *request)
{
    struct list *list = begin(request);
    if (list)
        run(request,
            list_params(list, NULL, (int)((list->page - 1) * INVITATIONS_PAGE), INVITATIONS_PAGE),
            on_listed, list);
}

/* --- A file ---------------------------------------------------------------------------------- */

static void add_cell(struct csv *csv, const char *text)
{
    table_text(&csv->table, text, strlen(text));
}

static void add_word_cell(struct csv *csv, struct request *request, const char *key)
{
    json_t *word = invitation_word(request, key, NULL);
    add_cell(csv, json_string_value(word));
    json_decref(word);
}

static void add_row(struct csv *csv, struct request *request, const struct rows *rows, int row)
{
    static const char *const texts[] = {"name", "email", "ticket_type"};
    const char *good_for = rows_text(rows, row, "good_for");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        add_cell(csv, rows_text(rows, row, texts[i]));
    table_number(&csv->table, good_for, strlen(good_for));
    add_word_cell(csv, request,
                  arena_printf(request_arena(request), "invitation.state.%s",
                               invitee_state_name(invitation_list_state(rows, row))));
    add_cell(csv, rows_text(rows, row, "word"));
    const char *invited = rows_text(rows, row, "invited_local");
    if (*invited)
        table_time(&csv->table, invited, strlen(invited));
    else
        add_cell(csv, "");
    table_end_row(&csv->table);
}

static void on_file(void *context, const struct db_result *result)
{
    static const char *const headings[] = {"name",  "email", "ticket_type", "good_for",
                                           "state", "word",  "invited"};
    const struct list *list = context;
    struct request *request = list->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    struct buffer bytes;
    struct csv csv;
    bool is_german = strcmp(locale_code(request_locale(request)), "de") == 0;
    buffer_init(&bytes);
    csv_begin(&csv, is_german ? CSV_EXCEL_DE : CSV_COMMA, &bytes);
    for (size_t i = 0; i < sizeof headings / sizeof *headings; i++)
        add_word_cell(&csv, request,
                      arena_printf(request_arena(request), "invitation.column.%s", headings[i]));
    table_end_row(&csv.table);
    for (int row = 0; row < rows_count(result->rows); row++) {
        if (!rows_is_null(result->rows, row, "invitation_id"))
            add_row(&csv, request, result->rows, row);
    }
    reply_file_name(
        request, REPLY_ATTACHMENT,
        arena_printf(request_arena(request), "%s-invitations.csv", request_event(request)->slug));
    reply_bytes(request, 200, "text/csv; charset=utf-8", bytes.bytes, bytes.length);
    buffer_finish(&bytes);
}

void invitees_file(struct request *request)
{
    struct list *list = begin(request);
    if (list)
        run(request, list_params(list, NULL, 0, INVITATIONS_MOST), on_file, list);
}

/* --- One invitation -------------------------------------------------------------------------- */

struct showing {
    struct request *request;
    struct id id;
    json_t *errors; /* of a correction, a reference; NULL: none */
};

static bool may_correct(enum invitee_state state)
{
    return state == INVITEE_STATE_NOT_SENT || state == INVITEE_STATE_BOUNCED;
}

static json_t *correction(const struct showing *showing, const struct rows *rows)
{
    static const char *const names[] = {"name", "email"};
    json_t *body = request_body(showing->request), *view = json_object();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        json_t *stored = json_string(rows_text(rows, 0, names[i]));
        json_object_set_new(
            view, arena_printf(request_arena(showing->request), "%s_field", names[i]),
            field_view_email(request_arena(showing->request), request_kept_emails(showing->request),
                             showing->errors, names[i],
                             body ? json_object_get(body, names[i]) : stored));
        json_decref(stored);
    }
    return view;
}

static void add_actions(const struct showing *showing, const struct rows *rows, json_t *view)
{
    struct request *request = showing->request;
    struct arena *arena = request_arena(request);
    enum invitee_state state = invitation_list_state(rows, 0);
    bool is_editor = request_role(request) & WHO_EDITORS;
    bool may_mail = is_editor && request_event(request)->published;
    bool is_over = state == INVITEE_STATE_WITHDRAWN || state == INVITEE_STATE_CAME;
    if (is_editor && state != INVITEE_STATE_WITHDRAWN)
        json_object_set_new(
            view, "link",
            json_string(link_decline(request_worker(request), request_event(request), &showing->id,
                                     rows_text(rows, 0, "language"), arena)));
    if (is_editor && may_correct(state))
        json_object_set_new(view, "correction", correction(showing, rows));
    json_object_set_new(view, "list", json_string(invitation_path(request, "")));
    json_object_set_new(view, "may_send",
                        json_boolean(may_mail && state == INVITEE_STATE_NOT_SENT));
    json_object_set_new(view, "may_remind",
                        json_boolean(may_mail && rows_bool(rows, 0, "may_be_reminded")));
    json_object_set_new(view, "may_withdraw", json_boolean(is_editor && !is_over));
    json_t *problems = field_view_problems(arena, showing->errors, false);
    json_object_set_new(view, "has_problems", json_boolean(json_array_size(problems) > 0));
    json_object_set_new(view, "problems", problems);
}

static void on_shown(void *context, const struct db_result *result)
{
    struct showing *showing = context;
    struct request *request = showing->request;
    const struct rows *rows = result->rows;
    if (result->outcome != DB_DONE || rows_count(rows) == 0 ||
        rows_is_null(rows, 0, "invitation_id")) {
        json_decref(showing->errors);
        if (result->outcome != DB_DONE)
            reply_failed(request, result);
        else
            reply_refuse(request, 404, "not_found");
        return;
    }
    json_t *view = invitation_view(request, rows, 0);
    int status = showing->errors ? 422 : 200;
    if (request_is_desk(request))
        add_actions(showing, rows, view);
    json_decref(showing->errors);
    reply_view(request, status, view);
}

static void show(struct showing *showing)
{
    const struct list list = {.request = showing->request};
    run(showing->request, list_params(&list, &showing->id, 0, 1), on_shown, showing);
}

/* Returns NULL after it has refused the request. */
static struct showing *begin_one(struct request *request)
{
    struct showing *showing = arena_alloc(request_arena(request), sizeof *showing);
    showing->request = request;
    request_locale(request); /* reads headers, which is possible only now */
    return invitation_read_id(request, &showing->id) ? showing : NULL;
}

void invitees_show(struct request *request)
{
    struct showing *showing = begin_one(request);
    if (showing)
        show(showing);
}

/* --- Correcting ------------------------------------------------------------------------------ */

struct corrected {
    const char *name;
    struct email email;
};

static const struct form_field corrected_fields[] = {
    {"name", KIND_NAME, FORM_AT(struct corrected, name)},
    {"email", KIND_EMAIL, FORM_AT(struct corrected, email), FORM_NEEDED, "email_needed"},
};
static const struct form corrected_form = FORM(struct corrected, corrected_fields);

static void refuse_correction(struct showing *showing)
{
    if (request_is_desk(showing->request))
        show(showing);
    else
        form_refuse(showing->request, showing->errors);
}

static void on_corrected(void *context, const struct db_result *result)
{
    struct showing *showing = context;
    struct request *request = showing->request;
    struct findings findings;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    switch (invitation_correct_outcome(result->rows, 0)) {
    case CORRECT_INVITATION_OUTCOME_CORRECTED:
        if (request_is_desk(request))
            reply_see_other(
                request,
                invitation_path(request, arena_printf(request_arena(request),
                                                      "/%s?done=invitation.corrected",
                                                      request_path(request, "invitation"))));
        else
            show(showing);
        return;
    case CORRECT_INVITATION_OUTCOME_KNOWN:
        findings_init(&findings, request_locale(request));
        findings_add(&findings, "/email", "invitee_known",
                     json_pack("{s:O?}", "email", json_object_get(request_body(request), "email")));
        showing->errors = findings_take(&findings);
        refuse_correction(showing);
        return;
    case CORRECT_INVITATION_OUTCOME_NOT_POSSIBLE:
        reply_refuse(request, 409, "invitation_has_gone_out");
        return;
    case CORRECT_INVITATION_OUTCOME_GONE:
        reply_refuse(request, 404, "not_found");
        return;
    case CORRECT_INVITATION_OUTCOME_NONE:
        break;
    }
    reply_refuse(request, 500, "internal");
}

void invitees_correct(struct request *request)
{
    struct showing *showing = begin_one(request);
    struct corrected corrected = {0};
    if (!showing)
        return;
    showing->errors = form_read_body(request, &corrected_form, NULL, &corrected);
    if (showing->errors) {
        refuse_correction(showing);
        return;
    }
    struct arena *arena = request_arena(request);
    const char *name = corrected.name ? corrected.name : "";
    const char *both = arena_printf(arena, "%s\n%s", name, corrected.email.address);
    invitation_run_locked(request,
                          invitation_correct_params(&(struct invitation_correct){
                              .event_id = &request_event(request)->id,
                              .invitation_id = &showing->id,
                              .name = name,
                              .email = corrected.email.address,
                              .email_key = corrected.email.key,
                              .search = search_text(arena, both),
                              .actor = request_caller(request)->label}),
                          on_corrected, showing);
}

/* --- Withdrawing ----------------------------------------------------------------------------- */

static void on_withdrawn(void *context, const struct db_result *result)
{
    struct request *request = context;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    if (rows_count(result->rows) == 0 || !rows_bool(result->rows, 0, "is_known")) {
        reply_refuse(request, 404, "not_found");
        return;
    }
    changes_note(request_worker(request), &request_event(request)->id);
    if (request_is_desk(request))
        reply_see_other(request, invitation_path(request, "?done=invitation.withdrawn"));
    else
        reply_no_content(request);
}

void invitees_withdraw(struct request *request)
{
    struct id id;
    if (invitation_read_id(request, &id))
        invitation_run_locked(request,
                              invitation_withdraw_params(&(struct invitation_withdraw){
                                  .event_id = &request_event(request)->id,
                                  .invitation_id = &id,
                                  .actor = request_caller(request)->label}),
                              on_withdrawn, request);
}

/* --- Retention ------------------------------------------------------------------------------- */

static void on_forgotten(void *context, const struct db_result *result)
{
    (void)context;
    int64_t count = result->outcome == DB_DONE ? rows_number(result->rows, 0, "count") : 0;
    if (count > 0)
        log_event(LOG_INFO, "invitations_forgotten", log_number("invitations", count));
}

void invitees_forget(struct worker *worker)
{
    db_run(worker->db, &(struct db_query){.lane = DB_SLOW,
                                          .run = invitation_forget_params(),
                                          .again = true,
                                          .on_done = on_forgotten});
}
