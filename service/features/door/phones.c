#include "features/door/phones.h"

#include "base/clock.h"
#include "base/memory.h"
#include "db/db.h"
#include "event/event.h"
#include "features/door/devices.h"
#include "features/door/pairing_codes.h"
#include "features/feature.h"
#include "form/field_view.h"
#include "http/reply.h"
#include "statements.h"
#include "view/locale.h"
#include "view/qr.h"

enum { MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400 };

/* A page to show; lives in its request's arena. */
struct showing {
    struct request *request;
    json_t *errors; /* NULL: none */
};

static const char *path_of(struct request *request, const char *rest)
{
    return arena_printf(request_arena(request), "/desk/events/%s/doors%s",
                        request_event(request)->slug, rest);
}

static const char *path_of_device(struct request *request, const struct id *device_id)
{
    char text[ID_TEXT_BYTES];
    id_format(device_id, text);
    return path_of(request, arena_printf(request_arena(request), "/%s", text));
}

void phones_done(struct request *request, const char *done)
{
    reply_see_other(request,
                    path_of(request, arena_printf(request_arena(request), "?done=door.%s", done)));
}

void phones_go_on(struct request *request, const struct id *device_id)
{
    reply_see_other(request, path_of_device(request, device_id));
}

static const char *title_of(struct request *request, const char *slug)
{
    const struct event *event = request_event(request);
    const struct door *door = event_door(event, slug);
    return door ? event_text(event, &door->title, locale_code(request_locale(request))) : slug;
}

/* --- A phone --------------------------------------------------------------------------------- */

json_t *phones_ago(int64_t at_us)
{
    int64_t seconds = (clock_now_us() - at_us) / CLOCK_SECOND_US;
    if (at_us == 0)
        return json_null();
    if (seconds < 2 * MINUTE_S)
        return json_pack("{s:b}", "now", true);
    if (seconds < 2 * HOUR_S)
        return json_pack("{s:I}", "minutes", (json_int_t)(seconds / MINUTE_S));
    if (seconds < 2 * DAY_S)
        return json_pack("{s:I}", "hours", (json_int_t)(seconds / HOUR_S));
    return json_pack("{s:I}", "days", (json_int_t)(seconds / DAY_S));
}

/* Rounded up; 0: it is over. */
static int64_t minutes_until(int64_t at_us)
{
    int64_t left_us = at_us - clock_now_us(), minute_us = MINUTE_S * CLOCK_SECOND_US;
    return left_us > 0 ? (left_us + minute_us - 1) / minute_us : 0;
}

static json_t *phone_view(struct request *request, const struct rows *rows, int row)
{
    struct id device_id = rows_id(rows, row, "device_id");
    const char *role = rows_text(rows, row, "role");
    json_t *view = devices_item(rows, row);
    json_object_set_new(view, "href", json_string(path_of_device(request, &device_id)));
    json_object_set_new(view, "door_title",
                        json_string(title_of(request, rows_text(rows, row, "door"))));
    json_object_set_new(view, "scanner",
                        json_boolean(device_role_parse(role) == DEVICE_ROLE_SCANNER));
    json_object_set_new(view, "seen", phones_ago(rows_time(rows, row, "seen_at")));
    json_object_set_new(view, "paired", phones_ago(rows_time(rows, row, "paired_at")));
    json_object_set_new(
        view, "minutes_left",
        json_integer((json_int_t)minutes_until(rows_time(rows, row, "pairing_until"))));
    return view;
}

/* --- Forms ----------------------------------------------------------------------------------- */

/* The fields door, name and role, as they were sent or as `known` (NULL: a new phone) has them. */
static json_t *form_view(struct showing *showing, const json_t *known)
{
    struct request *request = showing->request;
    const struct event *event = request_event(request);
    const json_t *values = request_body(request) ? request_body(request) : known;
    const char *role = json_string_value(json_object_get(values, "role"));
    json_t *doors = json_array(), *door, *name;
    for (size_t i = 0; i < event->door_count; i++) {
        const char *slug = event->doors[i].slug;
        json_array_append_new(
            doors, json_pack("{s:s, s:s, s:b}", "slug", slug, "label", title_of(request, slug),
                             "chosen", field_view_chosen(json_object_get(values, "door"), slug)));
    }
    door = field_view_plain(showing->errors, "door", json_object_get(values, "door"));
    name = field_view_plain(showing->errors, "name", json_object_get(values, "name"));
    field_view_describe(request_arena(request), door);
    field_view_describe(request_arena(request), name);
    json_object_set_new(door, "options", doors);
    json_t *view = json_pack("{s:o, s:o, s:b}", "door_field", door, "name_field", name, "scanner",
                             device_role_parse(role) == DEVICE_ROLE_SCANNER);
    json_t *problems = field_view_problems(request_arena(request), showing->errors, false);
    json_object_set_new(view, "has_problems", json_boolean(json_array_size(problems) > 0));
    json_object_set_new(view, "problems", problems);
    return view;
}

static void reply(struct showing *showing, const char *template, json_t *view)
{
    int status = showing->errors ? 422 : 200;
    json_decref(showing->errors);
    reply_page(showing->request, status, template, view);
}

/* --- The list -------------------------------------------------------------------------------- */

static json_t *door_view(struct request *request, const struct rows *rows, const struct door *door)
{
    json_t *phones = json_array(), *codes = json_array();
    for (int row = 0; row < rows_count(rows); row++) {
        if (strcmp(rows_text(rows, row, "door"), door->slug) != 0)
            continue;
        bool is_paired = !rows_is_null(rows, row, "paired_at");
        json_array_append_new(is_paired ? phones : codes, phone_view(request, rows, row));
    }
    return json_pack("{s:s, s:s, s:b, s:o, s:o}", "slug", door->slug, "title",
                     title_of(request, door->slug), "empty",
                     json_array_size(phones) + json_array_size(codes) == 0, "phones", phones,
                     "codes", codes);
}

static void on_listed(void *context, const struct db_result *result)
{
    struct showing *showing = context;
    struct request *request = showing->request;
    const struct event *event = request_event(request);
    if (result->outcome != DB_DONE) {
        json_decref(showing->errors);
        reply_failed(request, result);
        return;
    }
    json_t *doors = json_array();
    for (size_t i = 0; i < event->door_count; i++)
        json_array_append_new(doors, door_view(request, result->rows, &event->doors[i]));
    json_t *view = form_view(showing, NULL);
    json_object_set_new(view, "slug", json_string(event->slug));
    json_object_set_new(view, "action", json_string(path_of(request, "")));
    json_object_set_new(view, "has_doors", json_boolean(event->door_count > 0));
    json_object_set_new(view, "several_doors", json_boolean(event->door_count > 1));
    json_object_set_new(view, "doors", doors);
    reply(showing, "features/door/phones.html", view);
}

static void ask(struct request *request, const struct id *device_id, json_t *errors,
                void (*on_done)(void *context, const struct db_result *result))
{
    struct showing *showing = arena_alloc(request_arena(request), sizeof *showing);
    *showing = (struct showing){.request = request, .errors = errors};
    request_locale(request); /* reads headers, which is possible only now */
    db_ask(request_worker(request)->db,
           door_device_list_params(&(struct door_device_list){
               .event_id = &request_event(request)->id, .device_id = device_id}),
           on_done, showing);
}

void phones_list_errors(struct request *request, json_t *errors)
{
    ask(request, NULL, errors, on_listed);
}

void phones_list(struct request *request)
{
    phones_list_errors(request, NULL);
}

/* --- One phone ------------------------------------------------------------------------------- */

static json_t *qr_json(struct request *request, const char *url)
{
    struct buffer title, svg;
    buffer_init(&title);
    buffer_init(&svg);
    locale_text(request_locale(request), "door.phones.qr", NULL, &title);
    bool drawn = qr_svg(url, buffer_text(&title), &svg);
    json_t *json = drawn ? json_string(buffer_text(&svg)) : json_null();
    buffer_finish(&title);
    buffer_finish(&svg);
    return json;
}

/* Adds "code", "url" and "qr" while the code is good. */
static void add_code(struct request *request, const struct rows *rows, json_t *view)
{
    char code[SECRET_PAIRING_TEXT_BYTES];
    if (rows_time(rows, 0, "pairing_until") <= clock_now_us() ||
        !pairing_codes_show(request, rows, 0, code))
        return;
    json_object_set_new(view, "code", json_string(code));
    json_object_set_new(view, "door_address",
                        json_string(arena_printf(request_arena(request), "%s/door",
                                                 request_worker(request)->config->public_url)));
    json_object_set_new(view, "qr", qr_json(request, pairing_codes_url(request, code)));
}

static void on_shown(void *context, const struct db_result *result)
{
    struct showing *showing = context;
    struct request *request = showing->request;
    const struct rows *rows = result->rows;
    if (result->outcome != DB_DONE || rows_count(rows) == 0) {
        json_decref(showing->errors);
        if (result->outcome != DB_DONE)
            reply_failed(request, result);
        else
            reply_refuse(request, 404, "not_found");
        return;
    }
    json_t *phone = phone_view(request, rows, 0);
    json_t *view = form_view(showing, phone);
    json_object_set_new(view, "list", json_string(path_of(request, "")));
    json_object_set_new(view, "is_paired", json_boolean(!rows_is_null(rows, 0, "paired_at")));
    if (rows_is_null(rows, 0, "paired_at"))
        add_code(request, rows, phone);
    json_object_set_new(view, "phone", phone);
    reply(showing, "features/door/phone.html", view);
}

static void show(struct request *request, json_t *errors)
{
    struct id *device_id = arena_alloc(request_arena(request), sizeof *device_id);
    if (id_parse(request_path(request, "device"), device_id)) {
        ask(request, device_id, errors, on_shown);
        return;
    }
    json_decref(errors);
    reply_refuse(request, 404, "not_found");
}

void phones_show_errors(struct request *request, json_t *errors)
{
    show(request, errors);
}

void phones_show(struct request *request)
{
    show(request, NULL);
}

/* --- A new code ------------------------------------------------------------------------------ */

static void on_renewed(struct request *request, enum pair_outcome outcome,
                       const struct pairing_code *code)
{
    struct id device_id;
    if (outcome == PAIR_OUTCOME_MADE)
        phones_go_on(request, &code->device_id);
    else if (outcome == PAIR_OUTCOME_USED && id_parse(request_path(request, "device"), &device_id))
        phones_go_on(request, &device_id);
    else
        phones_done(request, "door_gone");
}

static void on_looked_up(void *context, const struct db_result *result)
{
    struct request *request = context;
    const struct rows *rows = result->rows;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    if (rows_count(rows) == 0) {
        reply_refuse(request, 404, "not_found");
        return;
    }
    struct arena *arena = request_arena(request);
    const struct pairing_order order = {
        .door = arena_copy(arena, rows_text(rows, 0, "door")),
        .name = arena_copy(arena, rows_text(rows, 0, "name")),
        .role = device_role_parse(rows_text(rows, 0, "role")),
        .replaced = rows_id(rows, 0, "device_id"),
    };
    pairing_codes_make(request, &order, on_renewed);
}

void phones_renew(struct request *request)
{
    struct id device_id;
    if (!id_parse(request_path(request, "device"), &device_id)) {
        reply_refuse(request, 404, "not_found");
        return;
    }
    db_ask(request_worker(request)->db,
           door_device_list_params(&(struct door_device_list){
               .event_id = &request_event(request)->id, .device_id = &device_id}),
           on_looked_up, request);
}
