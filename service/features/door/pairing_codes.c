#include "features/door/pairing_codes.h"

#include "base/memory.h"
#include "db/db.h"
#include "event/event.h"
#include "features/door/devices.h"
#include "features/door/phones.h"
#include "features/feature.h"
#include "form/form.h"
#include "http/reply.h"
#include "statements.h"

/* --- Reading --------------------------------------------------------------------------------- */

static void read_role(const struct form_place *place, const struct form_field *field, void *values)
{
    struct pairing_order *order = values;
    (void)field;
    order->role = device_role_parse(json_string_value(place->value));
    if (form_is_given(place) && order->role == DEVICE_ROLE_NONE)
        form_refuse_here(place, "device_role", NULL);
}

static void check_door(const struct form_place *body, void *values)
{
    const struct pairing_order *order = values;
    const struct request *request = body->reading->context;
    if (order->door && !event_door(request_event(request), order->door))
        form_refuse_at(body, "door", "unknown_door", NULL);
}

static const struct form_field fields[] = {
    {"door", KIND_RAW, FORM_AT(struct pairing_order, door), FORM_NEEDED},
    {"name", KIND_TEXT, FORM_AT(struct pairing_order, name), .most = DEVICE_NAME_MOST,
     .wrong = "device_name"},
    {"role", .read = read_role},
};
static const struct form form = FORM(struct pairing_order, fields, .check = check_door);

json_t *pairing_codes_read(struct request *request, struct pairing_order *ret_order)
{
    *ret_order = (struct pairing_order){0};
    return form_read_body(request, &form, request, ret_order);
}

/* --- Making ---------------------------------------------------------------------------------- */

/* Lives in its request's arena. */
struct making {
    struct request *request;
    struct pairing_code code;
    void (*made)(struct request *request, enum pair_outcome outcome,
                 const struct pairing_code *code);
};

static void on_made(void *context, const struct db_result *result)
{
    struct making *making = context;
    if (result->outcome != DB_DONE) {
        reply_failed(making->request, result);
        return;
    }
    enum pair_outcome outcome = door_pair_outcome(result->rows, 0);
    making->code.until_us = rows_time(result->rows, 0, "pairing_until");
    if (outcome == PAIR_OUTCOME_NONE)
        reply_refuse(making->request, 500, "internal");
    else if (outcome == PAIR_OUTCOME_NO_EVENT)
        reply_refuse(making->request, 404, "not_found");
    else
        making->made(making->request, outcome, &making->code);
}

void pairing_codes_make(struct request *request, const struct pairing_order *order,
                        void (*made)(struct request *request, enum pair_outcome outcome,
                                     const struct pairing_code *code))
{
    const struct worker *worker = request_worker(request);
    struct making *making = arena_alloc(request_arena(request), sizeof *making);
    unsigned char hash[SECRET_HASH_BYTES];
    *making = (struct making){.request = request, .made = made};
    id_make(&making->code.device_id);
    secret_pairing_code(worker->keyring, &making->code.device_id, making->code.code);
    secret_pairing_hash(worker->keyring, making->code.code, hash);
    db_ask(worker->db,
           door_pair_params(&(struct door_pair){
               .event = request_event(request)->slug,
               .door = order->door,
               .device_id = &making->code.device_id,
               .pairing_hash = {hash, sizeof hash},
               .name = order->name ? order->name : "",
               .minutes = PAIRING_MINUTES,
               .devices_most = DEVICES_OF_EVENT_MOST,
               .role = order->role,
               .replaced = id_is_zero(&order->replaced) ? NULL : &order->replaced,
               .actor = request_caller(request)->label}),
           on_made, making);
}

bool pairing_codes_show(const struct request *request, const struct rows *rows, int row,
                        char ret_code[SECRET_PAIRING_TEXT_BYTES])
{
    const struct keyring *keyring = request_worker(request)->keyring;
    struct id device_id = rows_id(rows, row, "device_id");
    unsigned char hash[SECRET_HASH_BYTES];
    char text[sizeof "\\x" + 2 * SECRET_HASH_BYTES] = "\\x";
    secret_pairing_code(keyring, &device_id, ret_code);
    secret_pairing_hash(keyring, ret_code, hash);
    for (size_t i = 0; i < sizeof hash; i++)
        snprintf(text + 2 + 2 * i, 3, "%02x", hash[i]);
    return strcmp(rows_text(rows, row, "pairing_hash"), text) == 0;
}

const char *pairing_codes_url(struct request *request, const char *code)
{
    return arena_printf(request_arena(request), "%s/door#%s",
                        request_worker(request)->config->public_url, code);
}

/* --- The request
 * ---------------------------------------------------------------------------------- */

static void on_added(struct request *request, enum pair_outcome outcome,
                     const struct pairing_code *code)
{
    const json_t *body = request_body(request);
    const char *name = json_string_value(json_object_get(body, "name"));
    const char *role = json_string_value(json_object_get(body, "role"));
    if (outcome == PAIR_OUTCOME_MADE && request_is_page(request)) {
        phones_go_on(request, &code->device_id);
        return;
    }
    if (outcome != PAIR_OUTCOME_MADE) {
        bool is_full = outcome == PAIR_OUTCOME_TOO_MANY;
        reply_refuse(request, is_full ? 409 : 404, is_full ? "too_many_devices" : "not_found");
        return;
    }
    reply_view(request, 201,
               json_pack("{s:{s:o, s:s, s:s, s:s}, s:s, s:s, s:o}", "device", "id",
                         view_id(&code->device_id), "name", name ? name : "", "door",
                         json_string_value(json_object_get(body, "door")), "role",
                         role ? role : "staff", "code", code->code, "url",
                         pairing_codes_url(request, code->code), "pairing_until",
                         view_time(code->until_us)));
}

void pairing_codes_add(struct request *request)
{
    struct pairing_order order;
    json_t *errors = pairing_codes_read(request, &order);
    if (errors && request_is_page(request))
        phones_list_errors(request, errors);
    else if (errors)
        form_refuse(request, errors);
    else
        pairing_codes_make(request, &order, on_added);
}
