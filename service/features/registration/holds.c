#include "features/registration/holds.h"

#include "base/log.h"
#include "base/memory.h"
#include "db/db.h"
#include "event/changes.h"
#include "statements.h"
#include "worker.h"

/* An event whose holds are being ended. */
struct ending {
    struct worker *worker;
    struct id event_id;
};

static void on_ended(void *context, const struct db_result *result)
{
    struct ending *ending = context;
    if (result->outcome == DB_DONE && rows_count(result->rows) > 0) {
        changes_note(ending->worker, &ending->event_id);
        log_event(LOG_INFO, "holds_ended",
                  log_number("registrations", rows_number(result->rows, 0, "expired")));
    }
    free(ending);
}

static void end_holds(struct worker *worker, const struct id *event_id)
{
    struct ending *ending = memory_alloc(sizeof *ending);
    struct params *lock = params_create(sql_registration_lock_tally.parameter_count);
    struct params *params = params_create(sql_registration_expire.parameter_count);
    *ending = (struct ending){.worker = worker, .event_id = *event_id};
    params_add_id(lock, 1, event_id);
    params_id(params, 1, event_id);
    db_run(worker->db, &(struct db_query){.lane = DB_HOT,
                                          .first = &sql_registration_lock_tally,
                                          .first_params = lock,
                                          .then = &sql_registration_expire,
                                          .then_params = params,
                                          .again = true,
                                          .on_done = on_ended,
                                          .context = ending});
}

static void on_listed(void *context, const struct db_result *result)
{
    for (int row = 0; result->outcome == DB_DONE && row < rows_count(result->rows); row++) {
        struct id event_id = rows_id(result->rows, row, "event_id");
        end_holds(context, &event_id);
    }
}

void holds_end(struct worker *worker)
{
    struct params *params = params_create(sql_registration_expired_holds.parameter_count);
    params_number(params, 1, HOLDS_EVENTS_MOST);
    db_ask(worker->db, &sql_registration_expired_holds, params, on_listed, worker);
}
