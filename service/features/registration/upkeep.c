#include "features/registration/upkeep.h"

#include "base/log.h"
#include "base/memory.h"
#include "db/db.h"
#include "event/events.h"
#include "statements.h"
#include "worker.h"

struct work {
    void (*log)(int64_t count);
    struct params *(*run)(const struct id *event_id); /* gives `count`: what this portion did */
};

/* The work in one event. */
struct portions {
    const struct work *work;
    struct worker *worker;
    struct id event_id;
};

static void run_portion(struct portions *portions);

static void on_done(void *context, const struct db_result *result)
{
    struct portions *portions = context;
    int64_t count = result->outcome == DB_DONE ? rows_number(result->rows, 0, "count") : 0;
    if (count > 0) {
        changes_note(portions->worker, &portions->event_id);
        portions->work->log(count);
        run_portion(portions);
    } else {
        free(portions);
    }
}

static void run_portion(struct portions *portions)
{
    struct params *lock = registration_lock_tally_params();
    registration_lock_tally_add_event(lock, &portions->event_id);
    db_run(portions->worker->db, &(struct db_query){.lane = DB_LOCKING,
                                                    .key = &portions->event_id,
                                                    .lock = lock,
                                                    .run = portions->work->run(&portions->event_id),
                                                    .again = true,
                                                    .on_done = on_done,
                                                    .context = portions});
}

static void start(const struct work *work, struct worker *worker, const struct db_result *result)
{
    for (int row = 0; result->outcome == DB_DONE && row < rows_count(result->rows); row++) {
        struct portions *portions = memory_alloc(sizeof *portions);
        *portions = (struct portions){
            .work = work, .worker = worker, .event_id = rows_id(result->rows, row, "event_id")};
        run_portion(portions);
    }
}

/* --- Holds ----------------------------------------------------------------------------------- */

static struct params *expire(const struct id *event_id)
{
    return registration_expire_params(&(struct registration_expire){.event_id = event_id});
}

static void log_expired(int64_t count)
{
    log_event(LOG_INFO, "holds_ended", log_number("registrations", count));
}

static void on_holds(void *context, const struct db_result *result)
{
    static const struct work work = {.log = log_expired, .run = expire};
    start(&work, context, result);
}

void upkeep_end_holds(struct worker *worker)
{
    const struct registration_expired_holds asked = {.most = UPKEEP_EVENTS_MOST};
    db_ask(worker->db, registration_expired_holds_params(&asked), on_holds, worker);
}

/* --- Moving up ------------------------------------------------------------------------------- */

static struct params *move_on(const struct id *event_id)
{
    return registration_move_on_params(&(struct registration_move_on){.event_id = event_id});
}

static void log_moved(int64_t count)
{
    log_event(LOG_INFO, "moved_up", log_number("registrations", count));
}

static void on_moving(void *context, const struct db_result *result)
{
    static const struct work work = {.log = log_moved, .run = move_on};
    start(&work, context, result);
}

void upkeep_move_up(struct worker *worker)
{
    const struct registration_moving asked = {.most = UPKEEP_EVENTS_MOST};
    db_ask(worker->db, registration_moving_params(&asked), on_moving, worker);
}
