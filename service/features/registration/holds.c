#include "features/registration/holds.h"

#include "base/log.h"
#include "base/memory.h"
#include "db/db.h"
#include "event/events.h"
#include "statements.h"
#include "worker.h"

struct ending {
    struct worker *worker;
    struct id event_id;
};

static void on_ended(void *context, const struct db_result *result)
{
    struct ending *ending = context;
    db_log_refused(result, NULL);
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
    struct params *lock = registration_lock_tally_params();
    *ending = (struct ending){.worker = worker, .event_id = *event_id};
    registration_lock_tally_add_event(lock, event_id);
    db_run(worker->db, &(struct db_query){.lane = DB_HOT,
                                          .lock = lock,
                                          .run = registration_expire_params(
                                              &(struct registration_expire){.event_id = event_id}),
                                          .again = true,
                                          .on_done = on_ended,
                                          .context = ending});
}

static void on_listed(void *context, const struct db_result *result)
{
    db_log_refused(result, NULL);
    for (int row = 0; result->outcome == DB_DONE && row < rows_count(result->rows); row++) {
        struct id event_id = rows_id(result->rows, row, "event_id");
        end_holds(context, &event_id);
    }
}

void holds_end(struct worker *worker)
{
    db_ask(worker->db,
           registration_expired_holds_params(
               &(struct registration_expired_holds){.most = HOLDS_EVENTS_MOST}),
           on_listed, worker);
}
