#include "features/registration/holds.h"

#include <event2/event.h>

#include "base/log.h"
#include "base/memory.h"
#include "db/db.h"
#include "event/changes.h"
#include "statements.h"

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

static void on_look(evutil_socket_t fd, short what, void *context)
{
    struct worker *worker = context;
    (void)fd, (void)what;
    struct params *params = params_create(sql_registration_expired_holds.parameter_count);
    params_number(params, 1, HOLDS_EVENTS_MOST);
    db_ask(worker->db, &sql_registration_expired_holds, params, on_listed, worker);
}

static void *create_timer(struct worker *worker)
{
    return event_new(worker->loop, -1, EV_PERSIST, on_look, worker);
}

static void destroy_timer(void *state)
{
    event_free(state);
}

static const struct worker_slot timer_slot = {
    .name = "holds", .create = create_timer, .destroy = destroy_timer};

void holds_start(struct worker *worker)
{
    static const struct timeval every = {.tv_sec = HOLDS_LOOK_EVERY_S};
    if (worker->index == 0)
        event_add(worker_state(worker, &timer_slot), &every);
}

void holds_stop(struct worker *worker)
{
    if (worker->index == 0)
        event_del(worker_state(worker, &timer_slot));
}
