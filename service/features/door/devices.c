#include "features/door/devices.h"

#include <jansson.h>

#include "base/memory.h"
#include "base/text.h"
#include "db/db.h"
#include "event/event.h"
#include "features/door/phones.h"
#include "features/feature.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/source.h"
#include "security/secret.h"
#include "statements.h"

/* --- Pairing --------------------------------------------------------------------------------- */

/* A code has 40 random bits and lives for minutes, so nobody guesses one at this rate. */
static const struct pace_key wrong_codes = {.limit = PACE_PAIRING_CODES};

/* Lives in its request's arena. */
struct pairing {
    struct request *request;
    const char *code, *name; /* name NULL: the name of the pairing code */
    char token[SECRET_TEXT_BYTES];
};

bool devices_is_name(const char *text)
{
    return text_is_utf8(text, strlen(text)) && !text_has_control(text, false) &&
           text_length(text) <= DEVICE_NAME_MOST;
}

static const struct form_field pairing_fields[] = {
    {"code", KIND_RAW, FORM_AT(struct pairing, code), FORM_NEEDED, "pairing_code_needed"},
    {"name", KIND_TEXT, FORM_AT(struct pairing, name), .most = DEVICE_NAME_MOST,
     .wrong = "device_name"},
};
static const struct form pairing_form = FORM(struct pairing, pairing_fields);

json_t *devices_json(const struct rows *rows)
{
    return json_pack("{s:o, s:s, s:s, s:s, s:b, s:I}", "id", view_id_of(rows, 0, "device_id"),
                     "name", rows_text(rows, 0, "name"), "door", rows_text(rows, 0, "door"), "role",
                     rows_text(rows, 0, "role"), "keeps_names", rows_bool(rows, 0, "keeps_names"),
                     "version", (json_int_t)rows_number(rows, 0, "version"));
}

static void answer_paired(struct pairing *pairing, const struct rows *rows)
{
    reply_view(pairing->request, 201,
               json_pack("{s:s, s:o, s:s, s:s}", "token", pairing->token, "device",
                         devices_json(rows), "event", rows_text(rows, 0, "event"), "door",
                         rows_text(rows, 0, "door")));
}

static void refuse_code(struct request *request, int status, const char *code)
{
    if (source_guessed_wrong(request, &wrong_codes))
        reply_refuse(request, status, code);
    else
        reply_refuse(request, 429, "too_many_pairing_codes");
}

static void on_paired(void *context, const struct db_result *result)
{
    struct pairing *pairing = context;
    struct request *request = pairing->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    switch (door_device_pair_outcome(result->rows, 0)) {
    case DEVICE_PAIR_OUTCOME_PAIRED:
        answer_paired(pairing, result->rows);
        return;
    case DEVICE_PAIR_OUTCOME_EXPIRED:
        refuse_code(request, 410, "pairing_code_expired");
        return;
    case DEVICE_PAIR_OUTCOME_UNKNOWN:
        refuse_code(request, 404, "pairing_code_unknown");
        return;
    case DEVICE_PAIR_OUTCOME_NONE:
        reply_refuse(request, 500, "internal");
        return;
    }
}

static void ask_for_pairing(struct pairing *pairing)
{
    struct worker *worker = request_worker(pairing->request);
    unsigned char code_hash[SECRET_HASH_BYTES], token_hash[SECRET_HASH_BYTES];
    secret_pairing_hash(worker->keyring, pairing->code, code_hash);
    secret_make(DEVICE_TOKEN_PREFIX, pairing->token);
    secret_hash(pairing->token, token_hash);
    struct params *params = door_device_pair_params(
        &(struct door_device_pair){.pairing_hash = {code_hash, sizeof code_hash},
                                   .token_hash = {token_hash, sizeof token_hash},
                                   .name = pairing->name});
    db_ask(worker->db, params, on_paired, pairing);
}

static bool is_code_shaped(const char *code)
{
    return strlen(code) <= DEVICE_CODE_MOST;
}

void devices_pair(struct request *request)
{
    struct pairing *pairing = arena_alloc(request_arena(request), sizeof *pairing);
    pairing->request = request;
    json_t *errors = form_read_body(request, &pairing_form, NULL, pairing);
    if (errors)
        form_refuse(request, errors);
    else if (!request_is_by_machine(request) && !source_may_guess(request, &wrong_codes))
        reply_refuse(request, 429, "too_many_pairing_codes");
    else if (!is_code_shaped(pairing->code))
        refuse_code(request, 404, "pairing_code_unknown");
    else
        ask_for_pairing(pairing);
}

/* --- The list -------------------------------------------------------------------------------- */

json_t *devices_item(const struct rows *rows, int row)
{
    return json_pack(
        "{s:o, s:s, s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "id",
        view_id_of(rows, row, "device_id"), "name", rows_text(rows, row, "name"), "door",
        rows_text(rows, row, "door"), "role", rows_text(rows, row, "role"), "keeps_names",
        rows_bool(rows, row, "keeps_names"), "created_at", view_time_of(rows, row, "created_at"),
        "paired_at", view_time_of(rows, row, "paired_at"), "pairing_until",
        view_time_of(rows, row, "pairing_until"), "seen_at", view_time_of(rows, row, "seen_at"),
        "waiting", view_number_of(rows, row, "waiting"), "battery",
        view_number_of(rows, row, "battery"));
}

static void on_listed(void *context, const struct db_result *result)
{
    struct request *request = context;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    const struct rows *rows = result->rows;
    json_t *devices = json_array();
    for (int row = 0; row < rows_count(rows); row++)
        json_array_append_new(devices, devices_item(rows, row));
    reply_view(request, 200, json_pack("{s:o}", "devices", devices));
}

void devices_list(struct request *request)
{
    struct params *params = door_device_list_params(
        &(struct door_device_list){.event_id = &request_event(request)->id});
    db_ask(request_worker(request)->db, params, on_listed, request);
}

/* --- Revoking -------------------------------------------------------------------------------- */

static void on_revoked(void *context, const struct db_result *result)
{
    struct request *request = context;
    if (result->outcome != DB_DONE)
        reply_failed(request, result);
    else if (rows_count(result->rows) == 0)
        reply_refuse(request, 404, "not_found");
    else if (request_is_page(request))
        phones_done(request, "revoked");
    else
        reply_no_content(request);
}

static void revoke(struct request *request, const struct id *device_id)
{
    struct params *params = door_device_revoke_params(
        &(struct door_device_revoke){.event_id = &request_event(request)->id,
                                     .device_id = device_id,
                                     .actor = request_caller(request)->label});
    db_ask(request_worker(request)->db, params, on_revoked, request);
}

void devices_revoke(struct request *request)
{
    struct id device_id;
    if (id_parse(request_path(request, "device"), &device_id))
        revoke(request, &device_id);
    else
        reply_refuse(request, 404, "not_found");
}

void devices_revoke_own(struct request *request)
{
    revoke(request, &request_caller(request)->id);
}

/* --- What a phone tells ---------------------------------------------------------------------- */

enum { WAITING_MOST = 1000000 };

struct report {
    int64_t waiting, battery; /* battery -1: unknown */
};

static const struct form_field report_fields[] = {
    {"waiting", KIND_INTEGER, FORM_AT(struct report, waiting), FORM_NEEDED, .most = WAITING_MOST},
    {"battery", KIND_INTEGER, FORM_AT(struct report, battery), .most = 100},
};
static const struct report no_report = {.battery = -1};
static const struct form report_form = FORM(struct report, report_fields, .initial = &no_report);

static void on_reported(void *context, const struct db_result *result)
{
    struct request *request = context;
    if (result->outcome != DB_DONE)
        reply_failed(request, result);
    else if (rows_count(result->rows) == 0)
        reply_refuse(request, 401, "bad_token");
    else
        reply_no_content(request);
}

void devices_report(struct request *request)
{
    struct report report = no_report;
    json_t *errors = form_read_body(request, &report_form, NULL, &report);
    if (errors) {
        form_refuse(request, errors);
        return;
    }
    struct params *params = door_device_report_params(
        &(struct door_device_report){.event_id = &request_event(request)->id,
                                     .device_id = &request_caller(request)->id,
                                     .waiting = report.waiting,
                                     .battery = report.battery < 0 ? NULL : &report.battery});
    db_ask(request_worker(request)->db, params, on_reported, request);
}
