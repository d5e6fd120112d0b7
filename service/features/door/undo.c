#include "features/door/undo.h"

#include "base/clock.h"
#include "db/db.h"
#include "features/door/cells.h"
#include "event/changes.h"
#include "event/event.h"
#include "features/feature.h"
#include "form/parameter.h"
#include "http/reply.h"
#include "statements.h"

static json_t *view(struct request *request, const struct rows *rows)
{
    return json_pack("{s:s, s:{s:o, s:s, s:s, s:s, s:b}, s:{s:I, s:I, s:I}}", "nonce",
                     request_path(request, "nonce"), "attendee", "id",
                     cell_id(rows, 0, "attendee_id"), "name", rows_text(rows, 0, "name"),
                     "ticket_type", rows_text(rows, 0, "ticket_type"), "status",
                     rows_text(rows, 0, "status"), "inside", rows_bool(rows, 0, "is_inside"),
                     "counts", "expected", (json_int_t)rows_number(rows, 0, "expected"), "admitted",
                     (json_int_t)rows_number(rows, 0, "admitted"), "inside",
                     (json_int_t)rows_number(rows, 0, "inside"));
}

static void on_done(void *context, const struct db_result *result)
{
    struct request *request = context;
    if (result->outcome != DB_DONE || rows_count(result->rows) == 0) {
        reply_busy(request, "busy");
        return;
    }
    const char *outcome = rows_text(result->rows, 0, "outcome");
    if (strcmp(outcome, "undone") == 0) {
        changes_note(request_worker(request), &request_event(request)->id);
        reply_view(request, 200, view(request, result->rows));
    } else {
        reply_refuse(request, strcmp(outcome, "not_found") == 0 ? 404 : 409, outcome);
    }
}

/* 0: nobody said. */
static struct params *run_params(struct request *request, const struct id *nonce,
                                 int64_t said_at_us)
{
    const struct caller *caller = request_caller(request);
    struct params *params = params_create(sql_door_undo.parameter_count);
    params_id(params, 1, &request_event(request)->id);
    params_id(params, 2, nonce);
    params_id(params, 3, request_role(request) & WHO_DEVICES ? &caller->id : NULL);
    params_text(params, 4, request_role(request) == WHO_DEVICE ? caller->door : NULL);
    params_text(params, 5, caller->label);
    params_number(params, 6, UNDO_MINUTES);
    if (said_at_us != 0)
        params_time(params, 7, said_at_us);
    return params;
}

void undo_handle(struct request *request)
{
    const char *undone_at = request_query(request, "undone_at");
    struct id nonce;
    int64_t said_at_us = 0;
    if (!id_parse(request_path(request, "nonce"), &nonce)) {
        reply_refuse(request, 404, "not_found");
        return;
    }
    if (undone_at && !clock_parse(undone_at, &said_at_us)) {
        parameter_refuse(request, "door", "undone_at");
        return;
    }
    struct params *lock = params_create(sql_door_check_in_lock.parameter_count);
    params_add_id(lock, 1, &request_event(request)->id);
    db_run(request_worker(request)->db,
           &(struct db_query){.lane = DB_HOT,
                              .first = &sql_door_check_in_lock,
                              .first_params = lock,
                              .then = &sql_door_undo,
                              .then_params = run_params(request, &nonce, said_at_us),
                              .again = true,
                              .on_done = on_done,
                              .context = request});
}
