#include <jansson.h>

#include "base/clock.h"
#include "db/db.h"
#include "event/event.h"
#include "features/door/devices.h"
#include "features/door/phones.h"
#include "features/feature.h"
#include "form/form.h"
#include "http/reply.h"
#include "statements.h"

/* The values of a PATCH, in its request's arena. NULL: unchanged. */
struct change {
    struct request *request;
    struct id device_id;
    const char *name, *door;
    enum device_role role;        /* none: unchanged */
    bool keeps_names, says_names; /* says_names false: unchanged */
};

/* --- The answer ------------------------------------------------------------------------------ */

static void answer(struct request *request, const struct rows *rows)
{
    char now[CLOCK_TEXT_BYTES];
    clock_format(clock_now_us(), now);
    reply_view(request, 200, json_pack("{s:o, s:s}", "device", devices_json(rows), "now", now));
}

static void on_shown(void *context, const struct db_result *result)
{
    struct request *request = context;
    if (result->outcome != DB_DONE)
        reply_failed(request, result);
    else if (rows_count(result->rows) == 0)
        reply_refuse(request, 401, "bad_token");
    else
        answer(request, result->rows);
}

void devices_show_own(struct request *request)
{
    struct params *params = door_device_show_params(&(struct door_device_show){
        .event_id = &request_event(request)->id, .device_id = &request_caller(request)->id});
    db_ask(request_worker(request)->db, params, on_shown, request);
}

/* --- Reading --------------------------------------------------------------------------------- */

static bool is_by_editor(const void *request)
{
    return request_role(request) & WHO_EDITORS;
}

static void read_role(const struct form_place *place, const struct form_field *field, void *values)
{
    struct change *change = values;
    (void)field;
    change->role = device_role_parse(json_string_value(place->value));
    if (form_is_given(place) && change->role == DEVICE_ROLE_NONE)
        form_refuse_here(place, "device_role", NULL);
}

static void check_change(const struct form_place *body, void *values)
{
    struct change *change = values;
    struct form_place keeps_names = form_member(body, "keeps_names");
    change->says_names = form_is_given(&keeps_names);
    if (change->door && !event_door(request_event(change->request), change->door))
        form_refuse_at(body, "door", "unknown_door", NULL);
}

static const struct form_field fields[] = {
    {"name", KIND_TEXT, FORM_AT(struct change, name), .most = DEVICE_NAME_MOST,
     .wrong = "device_name"},
    {"door", KIND_RAW, FORM_AT(struct change, door)},
    {"role", .read = read_role, .shown = is_by_editor},
    {"keeps_names", KIND_BOOLEAN, FORM_AT(struct change, keeps_names), .shown = is_by_editor},
};
static const struct form form = FORM(struct change, fields, .check = check_change);

/* --- Changing -------------------------------------------------------------------------------- */

static const char *done_word(const struct change *change)
{
    return !change->says_names ? "changed" : change->keeps_names ? "names_on" : "names_off";
}

static void on_changed(void *context, const struct db_result *result)
{
    const struct change *change = context;
    struct request *request = change->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    switch (door_device_change_outcome(result->rows, 0)) {
    case DEVICE_CHANGE_OUTCOME_CHANGED:
        if (request_is_page(request))
            phones_done(request, done_word(change));
        else
            answer(request, result->rows);
        return;
    case DEVICE_CHANGE_OUTCOME_SCANS_ONLY:
        reply_refuse(request, 409, "scans_only");
        return;
    case DEVICE_CHANGE_OUTCOME_UNKNOWN_DOOR: /* closed after the form was read */
    case DEVICE_CHANGE_OUTCOME_NOT_FOUND:
        reply_refuse(request, 404, "not_found");
        return;
    case DEVICE_CHANGE_OUTCOME_NONE:
        reply_refuse(request, 500, "internal");
        return;
    }
}

static void ask(struct change *change)
{
    struct params *params = door_device_change_params(&(struct door_device_change){
        .event_id = &request_event(change->request)->id,
        .device_id = &change->device_id,
        .name = change->name,
        .door = change->door,
        .role = change->role,
        .keeps_names = change->says_names ? &change->keeps_names : NULL,
        .actor = request_caller(change->request)->label});
    db_ask(request_worker(change->request)->db, params, on_changed, change);
}

static void change_device(struct request *request, const struct id *device_id)
{
    struct change *change = arena_alloc(request_arena(request), sizeof *change);
    *change = (struct change){.request = request, .device_id = *device_id};
    json_t *errors = form_read_body(request, &form, request, change);
    if (errors && request_is_page(request))
        phones_show_errors(request, errors);
    else if (errors)
        form_refuse(request, errors);
    else if (change->door && request_role(request) == WHO_SCANNER)
        reply_refuse(request, 403, "device_stays");
    else
        ask(change);
}

void devices_change(struct request *request)
{
    struct id device_id;
    if (id_parse(request_path(request, "device"), &device_id))
        change_device(request, &device_id);
    else
        reply_refuse(request, 404, "not_found");
}

void devices_change_own(struct request *request)
{
    change_device(request, &request_caller(request)->id);
}
