#include "features/registration/holds.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "db/db.h"
#include "event/events.h"
#include "features/registration/registration.h"
#include "http/source.h"
#include "statements.h"
#include "worker.h"

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

/* --- The share of a source -------------------------------------------------------------------- */

/* The source can take all permits again while its first places are still held, so they come back
 * slower than places do. */
static struct pace_key share_of(const struct event *event)
{
    enum { TIMES = 4 };
    return (struct pace_key){
        .limit = PACE_HOLDS, .scope = &event->id, .hours = TIMES * event->verify_hours};
}

static int64_t permits_for(const struct event *event, size_t places)
{
    int64_t most = event->capacity * HOLDS_OF_SOURCE_PERCENT / 100;
    if (event->capacity < 0 || most > HOLDS_OF_SOURCE_MOST)
        most = HOLDS_OF_SOURCE_MOST;
    return most > 0 ? (int64_t)places * PACE_ALL / most : PACE_ALL;
}

bool holds_may_begin(struct request *request, const struct event *event, size_t places)
{
    const struct pace_key key = share_of(event);
    return source_takes(request, &key, permits_for(event, places));
}

void holds_ended(struct request *request, const struct event *event, size_t places)
{
    const struct pace_key key = share_of(event);
    source_gives_back(request, &key, permits_for(event, places));
}

void holds_verified(struct request *request, const struct registration *registration)
{
    const struct pace_key once = {.limit = PACE_VERIFIED, .scope = &registration->id};
    if (registration->status == REGISTRATION_STATUS_UNVERIFIED &&
        pace_take(pace_of(request_worker(request)), &once, 1, clock_monotonic_us()) == 0)
        holds_ended(request, request_event(request), registration->attendee_count);
}
