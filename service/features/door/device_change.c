#include <jansson.h>

#include "base/clock.h"
#include "base/text.h"
#include "db/db.h"
#include "features/door/devices.h"
#include "event/event.h"
#include "features/feature.h"
#include "form/findings.h"
#include "http/reply.h"
#include "statements.h"

/* What a PATCH asks for; lives in its request's arena. NULL: stays as it is. */
struct change {
    struct request *request;
    struct id device_id;
    const char *name, *door;
    enum device_role role; /* none: stays as it is */
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

static bool may_give_role(const struct change *change)
{
    return request_role(change->request) & WHO_EDITORS;
}

static void read_fields(const struct change *change, struct findings *findings)
{
    json_t *value;
    const char *name;
    json_object_foreach (request_body(change->request), name, value) {
        bool is_known = strcmp(name, "name") == 0 || strcmp(name, "door") == 0 ||
                        (strcmp(name, "role") == 0 && may_give_role(change));
        const char *pointer = arena_printf(request_arena(change->request), "/%s", name);
        if (!is_known)
            findings_add(findings, pointer, "unknown_field", NULL);
        else if (!json_is_string(value) && !json_is_null(value))
            findings_add(findings, pointer, "text_expected", NULL);
    }
}

static void read_change(struct change *change, struct findings *findings)
{
    json_t *body = request_body(change->request);
    const char *name = json_string_value(json_object_get(body, "name"));
    const char *role = json_string_value(json_object_get(body, "role"));
    read_fields(change, findings);
    change->name = name ? text_clean(request_arena(change->request), name) : NULL;
    change->door = json_string_value(json_object_get(body, "door"));
    change->role = device_role_parse(role);
    if (change->name && !devices_is_name(change->name))
        findings_add(findings, "/name", "device_name",
                     json_pack("{s:i}", "most", DEVICE_NAME_MOST));
    if (change->door && !event_door(request_event(change->request), change->door))
        findings_add(findings, "/door", "unknown_door", NULL);
    if (role && change->role == DEVICE_ROLE_NONE)
        findings_add(findings, "/role", "device_role", NULL);
}

/* --- Changing -------------------------------------------------------------------------------- */

static void on_changed(void *context, const struct db_result *result)
{
    struct request *request = context;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    switch (door_device_change_outcome(result->rows, 0)) {
    case DEVICE_CHANGE_OUTCOME_CHANGED:
        answer(request, result->rows);
        return;
    case DEVICE_CHANGE_OUTCOME_UNKNOWN_DOOR: /* it was closed this moment */
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
    struct params *params = door_device_change_params(
        &(struct door_device_change){.event_id = &request_event(change->request)->id,
                                     .device_id = &change->device_id,
                                     .name = change->name,
                                     .door = change->door,
                                     .role = change->role,
                                     .actor = request_caller(change->request)->label});
    db_ask(request_worker(change->request)->db, params, on_changed, change->request);
}

static void change_device(struct request *request, const struct id *device_id)
{
    struct change *change = arena_alloc(request_arena(request), sizeof *change);
    struct findings findings;
    *change = (struct change){.request = request, .device_id = *device_id};
    findings_init(&findings, request_locale(request));
    read_change(change, &findings);
    if (findings_any(&findings))
        reply_problem(request, &(struct problem){.status = 422,
                                                 .code = "invalid",
                                                 .errors = findings_take(&findings)});
    else if (change->door && request_role(request) == WHO_SCANNER)
        reply_refuse(request, 403, "device_stays");
    else
        ask(change);
    findings_finish(&findings);
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
