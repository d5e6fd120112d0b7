#include "features/door/guest_list.h"

#include <jansson.h>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/memory.h"
#include "base/text.h"
#include "db/db.h"
#include "event/answer_text.h"
#include "event/event.h"
#include "features/feature.h"
#include "form/form.h"
#include "http/work.h"
#include "http/reply.h"
#include "security/secret.h"
#include "security/ticket_seal.h"
#include "statements.h"
#include "view/escape.h"
#include "view/locale.h"

static const char cursor_purpose[] = "guest list cursor";

/* A record before sealing. */
struct guest {
    struct ticket_claims claims;
    char digest[TICKET_DIGEST_TEXT_BYTES];
    char *plain;
    char *person;           /* readable; NULL: the device keeps no names */
    int64_t admitted_at_us; /* on `day`; 0: never */
    char day[sizeof "2026-05-13"];
    bool is_inside;
};

/* A page for a helper thread. It has its own memory, because a deadline may end the request while
 * the thread works. */
struct page_work {
    struct keyring *keyring; /* a copy, because a reload may replace the worker's keyring */
    struct guest guests[GUEST_LIST_PAGE];
    size_t count;
    bool has_more, with_names;
    char as_of[CLOCK_TEXT_BYTES], scans_to[CLOCK_TEXT_BYTES]; /* scans_to "": no scans */
    struct buffer body;
};

/* --- Sealing, on a thread -------------------------------------------------------------------- */

static void add_sealed(struct page_work *work, const struct guest *guest)
{
    for (size_t key = 0; key < keyring_key_count(work->keyring); key++) {
        const unsigned char *kid = keyring_kid(work->keyring, key);
        buffer_printf(&work->body, "%s\"%02x%02x%02x%02x\":\"", key == 0 ? "" : ",", kid[0], kid[1],
                      kid[2], kid[3]);
        ticket_seal(work->keyring, key, &guest->claims, guest->plain, strlen(guest->plain),
                    &work->body);
        buffer_add_char(&work->body, '"');
    }
}

static void add_guest(struct page_work *work, const struct guest *guest)
{
    char admitted_at[CLOCK_TEXT_BYTES] = "";
    const char *quote = guest->admitted_at_us ? "\"" : "";
    if (guest->admitted_at_us)
        clock_format(guest->admitted_at_us, admitted_at);
    buffer_printf(
        &work->body,
        "{\"digest\":\"%s\",\"admitted_at\":%s%s%s,\"day\":%s%s%s,\"inside\":%s,\"sealed\":{",
        guest->digest, quote, guest->admitted_at_us ? admitted_at : "null", quote, quote,
        guest->admitted_at_us ? guest->day : "null", quote, guest->is_inside ? "true" : "false");
    add_sealed(work, guest);
    buffer_add_char(&work->body, '}');
    if (guest->person)
        buffer_printf(&work->body, ",\"person\":%s", guest->person);
    buffer_add_char(&work->body, '}');
}

static int by_digest(const void *a, const void *b)
{
    return strcmp(((const struct guest *)a)->digest, ((const struct guest *)b)->digest);
}

static void seal(void *context)
{
    struct page_work *work = context;
    char next[SECRET_HIDDEN_ID_TEXT_BYTES];
    if (work->has_more)
        secret_hide_id(work->keyring, cursor_purpose, &work->guests[work->count - 1].claims.id,
                       next);
    /* The order of registration would tell who registered early. */
    qsort(work->guests, work->count, sizeof work->guests[0], by_digest);
    buffer_add_text(&work->body, "{\"guests\":[");
    for (size_t i = 0; i < work->count; i++) {
        if (i > 0)
            buffer_add_char(&work->body, ',');
        add_guest(work, &work->guests[i]);
    }
    buffer_add_text(&work->body, "],\"next\":");
    if (work->has_more)
        buffer_printf(&work->body, "\"%s\"", next);
    else
        buffer_add_text(&work->body, "null");
    buffer_printf(&work->body, ",\"as_of\":\"%s\",\"names\":%s,\"scans_to\":", work->as_of,
                  work->with_names ? "true" : "false");
    if (*work->scans_to)
        buffer_printf(&work->body, "\"%s\"}", work->scans_to);
    else
        buffer_add_text(&work->body, "null}");
}

static void on_sealed(struct request *request, void *context)
{
    struct page_work *work = context;
    if (request)
        reply_json_text(request, 200, work->body.bytes, work->body.length);
    for (size_t i = 0; i < work->count; i++) {
        free(work->guests[i].plain);
        free(work->guests[i].person);
    }
    buffer_finish(&work->body);
    keyring_destroy(work->keyring);
    free(work);
}

/* --- Reading --------------------------------------------------------------------------------- */

/* What the door sees of a guest, a new reference. */
static json_t *plain_json(struct request *request, const struct rows *rows, int row)
{
    const struct event *event = request_event(request);
    const char *slug = rows_text(rows, row, "ticket_type");
    const struct ticket_type *type = event_ticket_type(event, slug);
    const char *language = locale_code(request_locale(request));
    char id_text[ID_TEXT_BYTES];
    struct id id = rows_id(rows, row, "attendee_id");
    id_format(&id, id_text);
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:o}", "id", id_text, "name", rows_text(rows, row, "name"),
        "ticket_type", slug, "ticket_type_title",
        type ? event_text(event, &type->title, language) : slug, "answers",
        event_door_answers(event, rows_text(rows, row, "answers"), request_locale(request)));
}

/* Adds what a phone needs to search by itself. */
static void add_search(struct request *request, const struct rows *rows, int row, json_t *plain)
{
    struct id id = rows_id(rows, row, "attendee_id");
    char number[ID_NUMBER_BYTES];
    id_number(&id, number);
    json_object_set_new(plain, "ticket", view_id_of(rows, row, "ticket_id"));
    json_object_set_new(plain, "number", json_string(number));
    json_object_set_new(
        plain, "known_by",
        json_string(event_door_search(request_arena(request), rows_text(rows, row, "name"),
                                      json_object_get(plain, "answers"), &id)));
}

static void read_guest(struct request *request, const struct rows *rows, int row, bool with_names,
                       struct guest *guest)
{
    json_t *plain = plain_json(request, rows, row);
    guest->claims.id = rows_id(rows, row, "ticket_id");
    ticket_digest(&guest->claims.id, guest->digest);
    guest->claims.expires_at_us = rows_time(rows, row, "expires_at");
    snprintf(guest->claims.event, sizeof guest->claims.event, "%s", request_event(request)->slug);
    guest->admitted_at_us = rows_time(rows, row, "admitted_at");
    snprintf(guest->day, sizeof guest->day, "%s", rows_text(rows, row, "day"));
    guest->is_inside = rows_bool(rows, row, "inside");
    guest->plain = json_dumps(plain, JSON_COMPACT | ESCAPE_REALS);
    guest->person = NULL;
    if (with_names) {
        add_search(request, rows, row, plain);
        guest->person = json_dumps(plain, JSON_COMPACT | ESCAPE_REALS);
    }
    json_decref(plain);
}

/* Names leave the service for a device that keeps them, until the doors of the event close. */
static bool sends_names(struct request *request, const struct rows *rows)
{
    return rows_bool(rows, 0, "with_names") &&
           clock_now_us() < request_event(request)->check_in_closes_at_us;
}

static void on_read(void *context, const struct db_result *result)
{
    struct request *request = context;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    struct page_work *work = memory_alloc(sizeof *work);
    int count = rows_is_null(result->rows, 0, "ticket_id") ? 0 : rows_count(result->rows);
    work->keyring = keyring_copy(request_worker(request)->keyring);
    work->has_more = count > GUEST_LIST_PAGE;
    work->count = work->has_more ? GUEST_LIST_PAGE : (size_t)count;
    clock_format(rows_time(result->rows, 0, "as_of"), work->as_of);
    if (!rows_is_null(result->rows, 0, "scans_to"))
        clock_format(rows_time(result->rows, 0, "scans_to"), work->scans_to);
    work->with_names = sends_names(request, result->rows);
    buffer_init(&work->body);
    for (size_t i = 0; i < work->count; i++)
        read_guest(request, result->rows, (int)i, work->with_names, &work->guests[i]);
    request_work(request, seal, on_sealed, work);
}

static void ask(struct request *request, struct params *params, db_done *on_done)
{
    db_run(
        request_worker(request)->db,
        &(struct db_query){
            .lane = DB_SLOW, .run = params, .again = true, .on_done = on_done, .context = request});
}

struct page_query {
    struct id after;
    int64_t since_us; /* 0: not given */
};

static void read_cursor(const struct form_place *place, const struct form_field *field,
                        void *values)
{
    const struct keyring *keyring = place->reading->context;
    struct page_query *query = values;
    (void)field;
    if (form_is_given(place) &&
        !secret_show_id(keyring, cursor_purpose, json_string_value(place->value), &query->after))
        form_refuse_here(place, "wrong", NULL);
}

static const struct form_field page_fields[] = {
    {"cursor", .read = read_cursor},
    {"since", KIND_TIME, FORM_AT(struct page_query, since_us), .keeps_blank = true},
};
static const struct form page_form = FORM(struct page_query, page_fields);

void guest_list_show(struct request *request)
{
    struct page_query query = {.since_us = 0};
    const char *wrong =
        form_read_query(request, &page_form, request_worker(request)->keyring, &query);
    if (wrong) {
        form_refuse_parameter(request, "door", wrong);
        return;
    }
    ask(request,
        door_guest_list_params(
            &(struct door_guest_list){.event_id = &request_event(request)->id,
                                      .after = &query.after,
                                      .since_us = query.since_us != 0 ? &query.since_us : NULL,
                                      .most = GUEST_LIST_PAGE + 1,
                                      .device_id = &request_caller(request)->id}),
        on_read);
}

/* --- Revoked tickets ------------------------------------------------------------------------- */

struct revoked_query {
    struct request *request;
    int64_t since, cursor; /* numbers of revoked tickets; 0: not given */
};

static void on_revoked_read(void *context, const struct db_result *result)
{
    const struct revoked_query *query = context;
    struct request *request = query->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    const struct rows *rows = result->rows;
    int count = rows_count(rows), most = count > REVOKED_PAGE ? REVOKED_PAGE : count;
    int64_t last = most > 0 ? rows_number(rows, most - 1, "number") : query->since;
    char as_of[TEXT_NUMBER_BYTES];
    struct buffer body;
    struct json_writer json;
    text_format_number(last, as_of);
    buffer_init(&body);
    json_writer_init(&json, &body);
    json_writer_object(&json, NULL);
    json_writer_list(&json, "tickets");
    for (int row = 0; row < most; row++) {
        json_writer_object(&json, NULL);
        json_writer_text(&json, "id", rows_text(rows, row, "ticket_id"));
        json_writer_text(&json, "state", rows_text(rows, row, "state"));
        json_writer_end(&json);
    }
    json_writer_end(&json);
    json_writer_text(&json, "as_of", as_of);
    json_writer_text(&json, "next", count > most ? as_of : NULL);
    json_writer_end(&json);
    reply_json(request, 200, &body);
}

static const struct form_field revoked_fields[] = {
    {"since", KIND_INTEGER, FORM_AT(struct revoked_query, since), .most = INT32_MAX,
     .keeps_blank = true},
    {"cursor", KIND_INTEGER, FORM_AT(struct revoked_query, cursor), .most = INT32_MAX,
     .keeps_blank = true},
};
static const struct form revoked_form = FORM(struct revoked_query, revoked_fields);

void guest_list_revoked(struct request *request)
{
    struct revoked_query *query = arena_alloc(request_arena(request), sizeof *query);
    *query = (struct revoked_query){.request = request};
    const char *wrong = form_read_query(request, &revoked_form, NULL, query);
    if (wrong) {
        form_refuse_parameter(request, "door", wrong);
        return;
    }
    if (query->cursor > 0)
        query->since = query->cursor;
    struct params *params = door_revoked_tickets_params(&(struct door_revoked_tickets){
        .event_id = &request_event(request)->id, .since = query->since, .most = REVOKED_PAGE + 1});
    db_ask(request_worker(request)->db, params, on_revoked_read, query);
}
