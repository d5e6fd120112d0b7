#include "features/door/admissions.h"

#include <jansson.h>
#include <limits.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/search.h"
#include "base/text.h"
#include "db/db.h"
#include "event/answer_text.h"
#include "event/event.h"
#include "event/events.h"
#include "features/door/check_in.h"
#include "features/door/scans.h"
#include "features/feature.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/source.h"
#include "security/secret.h"
#include "statements.h"
#include "view/locale.h"

enum { WORDS_MOST = 8 };

static const char *path_of(struct request *request, const char *rest)
{
    return arena_printf(request_arena(request), "/desk/events/%s/admissions%s",
                        request_event(request)->slug, rest);
}

/* Returns false after it has answered. */
static bool read_nonce(struct request *request, struct id *ret_nonce)
{
    if (id_parse(request_path(request, "nonce"), ret_nonce))
        return true;
    reply_refuse(request, 404, "not_found");
    return false;
}

/* --- Noting ---------------------------------------------------------------------------------- */

struct noting {
    struct request *request;
    struct id nonce;
    const char *name, *reason, *door;
    int64_t admitted_at_us;
};

/* A door that was closed since stands for the device's present one, as for scans. */
static void check_noting(const struct form_place *body, void *values)
{
    struct noting *noting = values;
    const struct event *event = request_event(noting->request);
    const char *own = request_caller(noting->request)->door;
    const struct door *door = event_door(event, noting->door ? noting->door : own);
    if (!door)
        door = event_door(event, own);
    if (!door)
        form_refuse_at(body, "door", "unknown_door", NULL);
    else
        noting->door = door->slug;
    if (noting->admitted_at_us > clock_now_us())
        noting->admitted_at_us = clock_now_us();
}

static const struct form_field noting_fields[] = {
    {"nonce", KIND_ID, FORM_AT(struct noting, nonce), FORM_NEEDED, "missing"},
    {"name", KIND_NAME, FORM_AT(struct noting, name), FORM_NEEDED, "name_needed"},
    {"reason", KIND_TEXT, FORM_AT(struct noting, reason), FORM_NEEDED, "reason_needed",
     .most = SCAN_REASON_MOST},
    {"admitted_at", KIND_TIME, FORM_AT(struct noting, admitted_at_us), FORM_NEEDED, "missing"},
    {"door", KIND_RAW, FORM_AT(struct noting, door)},
};
static const struct form noting_form = FORM(struct noting, noting_fields, .check = check_noting);

static void on_noted(void *context, const struct db_result *result)
{
    struct noting *noting = context;
    struct request *request = noting->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    switch (door_admission_note_outcome(result->rows, 0)) {
    case ADMISSION_NOTE_OUTCOME_NOTED:
        changes_note(request_worker(request), &request_event(request)->id);
        reply_view(request, 201,
                   json_pack("{s:o, s:s}", "nonce", view_id(&noting->nonce), "state",
                             admission_state_name(ADMISSION_STATE_OPEN)));
        return;
    case ADMISSION_NOTE_OUTCOME_TOO_MANY:
        reply_refuse(request, 429, "too_many_admissions");
        return;
    case ADMISSION_NOTE_OUTCOME_NONE:
        reply_refuse(request, 500, "internal");
        return;
    }
}

void admissions_note(struct request *request)
{
    struct noting *noting = arena_alloc(request_arena(request), sizeof *noting);
    const struct caller *caller = request_caller(request);
    *noting = (struct noting){.request = request};
    json_t *errors = form_read_body(request, &noting_form, request, noting);
    if (errors) {
        form_refuse(request, errors);
        return;
    }
    if (!caller_takes(request, PACE_WALK_INS)) {
        reply_refuse(request, 429, "too_many_walk_ins");
        return;
    }
    struct params *params = door_admission_note_params(&(struct door_admission_note){
        .event_id = &request_event(request)->id,
        .nonce = &noting->nonce,
        .door = noting->door,
        .device_id = &caller->id,
        .name = noting->name,
        .search = search_text(request_arena(request), noting->name),
        .reason = noting->reason,
        .admitted_at_us = noting->admitted_at_us,
        .most = ADMISSIONS_OPEN_MOST,
        .actor = caller->label,
    });
    db_ask(request_worker(request)->db, params, on_noted, noting);
}

/* --- The list -------------------------------------------------------------------------------- */

static json_t *attendee_json(const struct rows *rows, int row)
{
    if (rows_is_null(rows, row, "attendee_id"))
        return json_null();
    return json_pack("{s:o, s:s}", "id", view_id_of(rows, row, "attendee_id"), "name",
                     rows_text(rows, row, "attendee_name"));
}

static json_t *item(const struct rows *rows, int row)
{
    return json_pack("{s:o, s:s, s:s, s:s, s:s?, s:o, s:o, s:s, s:o, s:o}", "nonce",
                     view_id_of(rows, row, "nonce"), "name", rows_text(rows, row, "name"), "reason",
                     rows_text(rows, row, "reason"), "door", rows_text(rows, row, "door"), "device",
                     view_text_of(rows, row, "device"), "admitted_at",
                     view_time_of(rows, row, "admitted_at"), "received_at",
                     view_time_of(rows, row, "received_at"), "state", rows_text(rows, row, "state"),
                     "attendee", attendee_json(rows, row), "settled_at",
                     view_time_of(rows, row, "settled_at"));
}

/* The same for a page: titles, local times, and the state as a section. */
static json_t *page_item(struct request *request, const struct rows *rows, int row)
{
    const struct event *event = request_event(request);
    const struct door *door = event_door(event, rows_text(rows, row, "door"));
    const char *language = locale_code(request_locale(request));
    json_t *view = item(rows, row);
    json_object_set_new(view, "door_title",
                        json_string(door ? event_text(event, &door->title, language)
                                         : rows_text(rows, row, "door")));
    json_object_set_new(view, "at", json_string(rows_text(rows, row, "local_time")));
    json_object_set_new(view, "is", json_pack("{s:b}", rows_text(rows, row, "state"), true));
    json_object_set_new(view, "reads", json_boolean(request_role(request) & WHO_READERS));
    json_object_set_new(view, "settles",
                        json_boolean(request_role(request) & (WHO_DOOR | WHO_EDITORS)));
    return view;
}

/* The cursor behind a row: "STATE.MICROSECONDS.NONCE". Its state is told, because somebody may
 * settle it before the next page is asked for. */
static const char *cursor_of(struct request *request, const struct rows *rows, int row)
{
    char nonce[ID_TEXT_BYTES];
    struct id id = rows_id(rows, row, "nonce");
    id_format(&id, nonce);
    return arena_printf(request_arena(request), "%s.%lld.%s",
                        door_admission_list_state(rows, row) == ADMISSION_STATE_OPEN ? "open"
                                                                                     : "settled",
                        (long long)rows_time(rows, row, "admitted_at"), nonce);
}

/* Where a page starts. */
struct cursor {
    bool is_settled;
    int64_t at_us;
    struct id nonce;
};

static bool read_cursor(struct request *request, const char *text, struct cursor *ret_cursor)
{
    const char *at = strchr(text, '.'), *nonce = at ? strchr(at + 1, '.') : NULL;
    long at_us;
    if (!nonce ||
        !text_parse_number(
            arena_copy_bytes(request_arena(request), at + 1, (size_t)(nonce - at - 1)), 0, LONG_MAX,
            &at_us) ||
        !id_parse(nonce + 1, &ret_cursor->nonce))
        return false;
    ret_cursor->at_us = at_us;
    ret_cursor->is_settled = strncmp(text, "settled.", sizeof "settled." - 1) == 0;
    return ret_cursor->is_settled || strncmp(text, "open.", sizeof "open." - 1) == 0;
}

static void add_next(struct request *request, const struct rows *rows, json_t *view)
{
    if (rows_count(rows) > ADMISSIONS_SHOWN_MOST)
        json_object_set_new(view, "next",
                            json_string(cursor_of(request, rows, ADMISSIONS_SHOWN_MOST - 1)));
}

static void on_listed(void *context, const struct db_result *result)
{
    struct request *request = context;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    bool is_page = request_is_page(request);
    json_t *open = json_array(), *settled = json_array(), *all = json_array();
    for (int row = 0; row < rows_count(result->rows) && row < ADMISSIONS_SHOWN_MOST; row++) {
        bool is_open = door_admission_list_state(result->rows, row) == ADMISSION_STATE_OPEN;
        if (is_page)
            json_array_append_new(is_open ? open : settled, page_item(request, result->rows, row));
        else
            json_array_append_new(all, item(result->rows, row));
    }
    json_t *view =
        is_page ? json_pack("{s:s, s:O, s:b, s:O, s:b, s:b}", "slug", request_event(request)->slug,
                            "open", open, "has_open", json_array_size(open) > 0, "settled", settled,
                            "has_settled", json_array_size(settled) > 0, "is_later",
                            request_query(request, "cursor") != NULL)
                : json_pack("{s:O}", "admissions", all);
    json_decref(open);
    json_decref(settled);
    json_decref(all);
    add_next(request, result->rows, view);
    reply_view(request, 200, view);
}

void admissions_list(struct request *request)
{
    const char *text = request_query(request, "cursor");
    struct cursor cursor;
    if (text && !read_cursor(request, text, &cursor)) {
        form_refuse_parameter(request, "door", "cursor");
        return;
    }
    request_locale(request); /* reads headers, which is possible only now */
    db_ask(request_worker(request)->db,
           door_admission_list_params(
               &(struct door_admission_list){.event_id = &request_event(request)->id,
                                             .most = ADMISSIONS_SHOWN_MOST + 1,
                                             .before_settled = text ? &cursor.is_settled : NULL,
                                             .before_at_us = text ? &cursor.at_us : NULL,
                                             .before_nonce = text ? &cursor.nonce : NULL}),
           on_listed, request);
}

/* --- One of them, and who it may be ---------------------------------------------------------- */

struct showing {
    struct request *request;
    const char *query; /* NULL: the name */
    json_t *view;      /* owned until the answer */
};

static json_t *person(struct request *request, const struct rows *rows, int row)
{
    const struct event *event = request_event(request);
    const struct locale *locale = request_locale(request);
    return json_pack("{s:o, s:s, s:s, s:{s:b}, s:b, s:b, s:o}", "id",
                     view_id_of(rows, row, "attendee_id"), "name", rows_text(rows, row, "name"),
                     "type",
                     event_type_title(event, rows_text(rows, row, "ticket_type"), locale,
                                      request_arena(request)),
                     "is", rows_text(rows, row, "status"), true, "inside",
                     rows_bool(rows, row, "inside"), "came", rows_bool(rows, row, "came"),
                     "answers", event_door_answers(event, rows_text(rows, row, "answers"), locale));
}

static void on_people(void *context, const struct db_result *result)
{
    struct showing *showing = context;
    if (result->outcome != DB_DONE) {
        json_decref(showing->view);
        reply_failed(showing->request, result);
        return;
    }
    json_t *people = json_array();
    for (int row = 0; row < rows_count(result->rows); row++)
        json_array_append_new(people, person(showing->request, result->rows, row));
    json_object_set_new(showing->view, "has_people", json_boolean(json_array_size(people) > 0));
    json_object_set_new(showing->view, "people", people);
    reply_view(showing->request, 200, showing->view);
}

static void ask_people(struct showing *showing)
{
    struct arena *arena = request_arena(showing->request);
    const char *words[WORDS_MOST];
    size_t count = search_words(arena, showing->query, WORDS_MOST, words);
    struct params *params = door_admission_people_params(&(struct door_admission_people){
        .event_id = &request_event(showing->request)->id, .most = ADMISSION_PEOPLE_MOST});
    for (size_t i = 0; i < count; i++)
        door_admission_people_add_pattern(params, search_pattern(arena, words[i]));
    if (count == 0)
        door_admission_people_add_pattern(params, "\n"); /* finds nobody */
    db_run(request_worker(showing->request)->db, &(struct db_query){.lane = DB_SLOW,
                                                                    .run = params,
                                                                    .again = true,
                                                                    .on_done = on_people,
                                                                    .context = showing});
}

static json_t *ticket_types(struct request *request)
{
    const struct event *event = request_event(request);
    json_t *list = json_array();
    for (size_t i = 0; i < event->ticket_type_count; i++) {
        const char *slug = event->ticket_types[i].slug;
        json_array_append_new(list, json_pack("{s:s, s:s}", "slug", slug, "title",
                                              event_type_title(event, slug, request_locale(request),
                                                               request_arena(request))));
    }
    return list;
}

static void on_shown(void *context, const struct db_result *result)
{
    struct showing *showing = context;
    struct request *request = showing->request;
    const struct rows *rows = result->rows;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    if (rows_count(rows) == 0) {
        reply_refuse(request, 404, "not_found");
        return;
    }
    if (door_admission_list_state(rows, 0) != ADMISSION_STATE_OPEN) {
        reply_see_other(request, path_of(request, ""));
        return;
    }
    if (!showing->query)
        showing->query = arena_copy(request_arena(request), rows_text(rows, 0, "name"));
    const char *refused = request_query(request, "refused");
    showing->view = json_pack(
        "{s:s, s:s, s:o, s:s, s:b, s:o, s:o}", "list", path_of(request, ""), "path",
        path_of(request,
                arena_printf(request_arena(request), "/%s", request_path(request, "nonce"))),
        "admission", page_item(request, rows, 0), "query", showing->query, "several_types",
        request_event(request)->ticket_type_count > 1, "types", ticket_types(request), "refused",
        refused ? json_pack("{s:b}", "not_found", true) : json_null());
    ask_people(showing);
}

void admissions_show(struct request *request)
{
    struct showing *showing = arena_alloc(request_arena(request), sizeof *showing);
    struct id *nonce = arena_alloc(request_arena(request), sizeof *nonce);
    if (!read_nonce(request, nonce))
        return;
    *showing = (struct showing){.request = request, .query = request_query(request, "q")};
    request_locale(request); /* reads headers, which is possible only now */
    db_ask(request_worker(request)->db,
           door_admission_list_params(&(struct door_admission_list){
               .event_id = &request_event(request)->id, .nonce = nonce, .most = 1}),
           on_shown, showing);
}

/* --- What became of it ----------------------------------------------------------------------- */

/* Lives in its request's arena. */
struct settling {
    struct request *request;
    struct id nonce, attendee_id, registration_id, ticket_id;
    enum admission_state state;
};

static void done(struct request *request, const char *key)
{
    if (request_is_page(request))
        reply_see_other(
            request, path_of(request, arena_printf(request_arena(request), "?done=door.%s", key)));
    else
        reply_no_content(request);
}

static const char *done_key(enum admission_state state)
{
    switch (state) {
    case ADMISSION_STATE_MATCHED:
        return "admission_matched";
    case ADMISSION_STATE_WALK_IN:
        return "admission_walk_in";
    case ADMISSION_STATE_DISMISSED:
    case ADMISSION_STATE_OPEN:
    case ADMISSION_STATE_NONE:
        break;
    }
    return "admission_dismissed";
}

/* Somebody else was faster: the page lists what became of it. */
static void refuse_settled(struct request *request)
{
    if (request_is_page(request))
        done(request, "admission_already");
    else
        reply_refuse(request, 409, "admission_settled");
}

static void on_settled(void *context, const struct db_result *result)
{
    struct settling *settling = context;
    struct request *request = settling->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    switch (door_admission_settle_outcome(result->rows, 0)) {
    case ADMISSION_SETTLE_OUTCOME_SETTLED:
        changes_note(request_worker(request), &request_event(request)->id);
        done(request, done_key(settling->state));
        return;
    case ADMISSION_SETTLE_OUTCOME_NOT_FOUND:
        reply_refuse(request, 404, "not_found");
        return;
    case ADMISSION_SETTLE_OUTCOME_ALREADY:
        refuse_settled(request);
        return;
    case ADMISSION_SETTLE_OUTCOME_NONE:
        reply_refuse(request, 500, "internal");
        return;
    }
}

static void settle(struct settling *settling)
{
    struct request *request = settling->request;
    bool is_dismissed = settling->state == ADMISSION_STATE_DISMISSED;
    db_ask(request_worker(request)->db,
           door_admission_settle_params(&(struct door_admission_settle){
               .event_id = &request_event(request)->id,
               .nonce = &settling->nonce,
               .state = settling->state,
               .attendee_id = is_dismissed ? NULL : &settling->attendee_id,
               .actor = request_caller(request)->label}),
           on_settled, settling);
}

static struct settling *begin(struct request *request, enum admission_state state)
{
    struct settling *settling = arena_alloc(request_arena(request), sizeof *settling);
    *settling = (struct settling){.request = request, .state = state};
    return read_nonce(request, &settling->nonce) ? settling : NULL;
}

void admissions_dismiss(struct request *request)
{
    struct settling *settling = begin(request, ADMISSION_STATE_DISMISSED);
    if (settling)
        settle(settling);
}

/* --- The check-in of who it was -------------------------------------------------------------- */

static void refuse_attendee(struct request *request)
{
    if (request_is_page(request))
        reply_see_other(request,
                        path_of(request, arena_printf(request_arena(request), "/%s?refused=1",
                                                      request_path(request, "nonce"))));
    else
        reply_refuse(request, 404, "attendee_not_found");
}

/* The answer names the attendee of the recorded check-in, also if an earlier try chose another. */
static void on_checked_in(struct request *request, const json_t *result, enum admission_state state)
{
    const json_t *attendee = json_object_get(result, "attendee");
    const char *id = json_string_value(json_object_get(attendee, "id"));
    const char *verdict = json_string_value(json_object_get(result, "verdict"));
    struct settling *settling = begin(request, state);
    if (id && verdict_parse(verdict) == VERDICT_ADMITTED && id_parse(id, &settling->attendee_id))
        settle(settling);
    else
        refuse_attendee(request);
}

static void on_matched(struct request *request, const json_t *result)
{
    on_checked_in(request, result, ADMISSION_STATE_MATCHED);
}

static void on_walked_in(struct request *request, const json_t *result)
{
    on_checked_in(request, result, ADMISSION_STATE_WALK_IN);
}

/* A scan of the past by force: the person came in, whatever their registration says. */
static void check_in(const struct settling *settling, const struct rows *rows)
{
    static const struct check_in_reply matched = {on_matched, form_refuse};
    static const struct check_in_reply walked_in = {on_walked_in, form_refuse};
    struct request *request = settling->request;
    const struct event *event = request_event(request);
    const struct door *door = event_door(event, rows_text(rows, 0, "door"));
    char attendee[ID_TEXT_BYTES], admitted_at[CLOCK_TEXT_BYTES];
    bool is_typed = request_body_is_form(request);
    json_t *body = request_body(request);
    id_format(&settling->attendee_id, attendee);
    clock_format(rows_time(rows, 0, "admitted_at"), admitted_at);
    json_object_clear(body);
    json_object_update_new(body,
                           json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:s}", "attendee", attendee,
                                     "nonce", request_path(request, "nonce"), "scanned_at",
                                     admitted_at, "decided", verdict_name(VERDICT_ADMITTED), "door",
                                     door ? door->slug : event->doors[0].slug, "force",
                                     is_typed ? json_string("true") : json_true(), "reason",
                                     rows_text(rows, 0, "reason")));
    check_in_begin(request, settling->state == ADMISSION_STATE_MATCHED ? &matched : &walked_in);
}

static void on_known(void *context, const struct db_result *result)
{
    const struct settling *settling = context;
    if (result->outcome != DB_DONE)
        reply_failed(settling->request, result);
    else if (rows_count(result->rows) == 0)
        reply_refuse(settling->request, 404, "not_found");
    else if (door_admission_match_state(result->rows, 0) != ADMISSION_STATE_OPEN)
        refuse_settled(settling->request);
    else if (rows_is_null(result->rows, 0, "attendee_id"))
        refuse_attendee(settling->request);
    else
        check_in(settling, result->rows);
}

static const struct form_field match_fields[] = {
    {"attendee", KIND_ID, FORM_AT(struct settling, attendee_id), FORM_NEEDED, "missing"},
};
static const struct form match_form = FORM(struct settling, match_fields);

void admissions_match(struct request *request)
{
    struct settling *settling = begin(request, ADMISSION_STATE_MATCHED);
    struct settling given = {0};
    if (!settling)
        return;
    json_t *errors = form_read_body(request, &match_form, NULL, &given);
    if (errors) {
        form_refuse(request, errors);
        return;
    }
    settling->attendee_id = given.attendee_id;
    db_ask(request_worker(request)->db,
           door_admission_match_params(
               &(struct door_admission_match){.event_id = &request_event(request)->id,
                                              .nonce = &settling->nonce,
                                              .attendee_id = &settling->attendee_id}),
           on_known, settling);
}

/* --- A walk-in ------------------------------------------------------------------------------- */

static void on_made(void *context, const struct db_result *result)
{
    struct settling *settling = context;
    struct request *request = settling->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    switch (door_admission_walk_in_outcome(result->rows, 0)) {
    case WALK_IN_MADE_OUTCOME_MADE:
        check_in(settling, result->rows);
        return;
    case WALK_IN_MADE_OUTCOME_SETTLED:
        refuse_settled(request);
        return;
    case WALK_IN_MADE_OUTCOME_NOT_FOUND:
    case WALK_IN_MADE_OUTCOME_UNKNOWN_TICKET_TYPE: /* closed after the form was read */
        reply_refuse(request, 404, "not_found");
        return;
    case WALK_IN_MADE_OUTCOME_NONE:
        reply_refuse(request, 500, "internal");
        return;
    }
}

struct chosen {
    struct request *request;
    const char *ticket_type;
};

static void check_chosen(const struct form_place *body, void *values)
{
    struct chosen *chosen = values;
    const struct event *event = request_event(chosen->request);
    if (!chosen->ticket_type && event->ticket_type_count == 1)
        chosen->ticket_type = event->ticket_types[0].slug;
    if (!chosen->ticket_type)
        form_refuse_at(body, "ticket_type", "ticket_type_needed", NULL);
    else if (!event_ticket_type(event, chosen->ticket_type))
        form_refuse_at(body, "ticket_type", "unknown_ticket_type", NULL);
}

static const struct form_field chosen_fields[] = {
    {"ticket_type", KIND_RAW, FORM_AT(struct chosen, ticket_type)},
};
static const struct form chosen_form = FORM(struct chosen, chosen_fields, .check = check_chosen);

/* The same for each try, so that trying again makes no second one. */
static void make_id(const struct settling *settling, const char *of, struct id *ret_id)
{
    const struct event *event = request_event(settling->request);
    char nonce[ID_TEXT_BYTES];
    struct id hash;
    id_format(&settling->nonce, nonce);
    secret_id_for_key(&event->id,
                      arena_printf(request_arena(settling->request), "admission %s %s", of, nonce),
                      &hash);
    id_from_hash_in(event->number, hash.bytes, ret_id);
}

void admissions_walk_in(struct request *request)
{
    struct settling *settling = begin(request, ADMISSION_STATE_WALK_IN);
    struct chosen chosen = {.request = request};
    if (!settling)
        return;
    json_t *errors = form_read_body(request, &chosen_form, request, &chosen);
    if (errors) {
        form_refuse(request, errors);
        return;
    }
    const struct event *event = request_event(request);
    make_id(settling, "registration", &settling->registration_id);
    make_id(settling, "attendee", &settling->attendee_id);
    id_make_in(event->number, &settling->ticket_id);
    struct params *lock = door_check_in_lock_params();
    door_check_in_lock_add_event(lock, &event->id);
    db_run(request_worker(request)->db,
           &(struct db_query){.lane = DB_LOCKING,
                              .key = &event->id,
                              .lock = lock,
                              .run = door_admission_walk_in_params(&(struct door_admission_walk_in){
                                  .event_id = &event->id,
                                  .nonce = &settling->nonce,
                                  .registration_id = &settling->registration_id,
                                  .attendee_id = &settling->attendee_id,
                                  .ticket_id = &settling->ticket_id,
                                  .ticket_type = chosen.ticket_type,
                                  .language = event->languages[0],
                                  .actor = request_caller(request)->label}),
                              .again = true,
                              .on_done = on_made,
                              .context = settling});
}

/* --- Forgetting ------------------------------------------------------------------------------ */

static void on_forgotten(void *context, const struct db_result *result)
{
    (void)context;
    int64_t count = result->outcome == DB_DONE ? rows_number(result->rows, 0, "count") : 0;
    if (count > 0)
        log_event(LOG_INFO, "admissions_forgotten", log_number("people", count));
}

void admissions_forget(struct worker *worker)
{
    db_run(worker->db, &(struct db_query){.lane = DB_SLOW,
                                          .run = door_admission_forget_params(),
                                          .again = true,
                                          .on_done = on_forgotten});
}
