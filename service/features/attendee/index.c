#include "features/attendee/index.h"

#include "base/clock.h"
#include "base/gauges.h"
#include "base/memory.h"
#include "db/db.h"
#include "statements.h"
#include "worker.h"

/* Of the first worker. */
struct index {
    bool is_looking;
    int64_t waiting;
    int64_t rests_until_us; /* on the monotonic clock */
};

/* One look at what is missing. It ends after the slots of its worker if the process stops. */
struct look {
    struct worker *worker;
    size_t event_count, at;
    int64_t started_us;
    bool is_rush; /* people sign up meanwhile */
    struct id events[INDEX_EVENTS_MOST];
    int64_t newest[INDEX_EVENTS_MOST]; /* registration of the event, as last seen */
};

static const struct worker_slot slot;

static void run_portion(struct look *look);

static void go_on(struct look *look)
{
    if (look->at < look->event_count) {
        run_portion(look);
        return;
    }
    struct index *index = worker_state(look->worker, &slot);
    index->is_looking = false;
    int64_t now_us = clock_monotonic_us();
    if (look->is_rush)
        index->rests_until_us = now_us + INDEX_RESTS * (now_us - look->started_us);
    free(look);
}

static void on_indexed(void *context, const struct db_result *result)
{
    struct look *look = context;
    if (result->outcome == DB_STOPPING) {
        free(look);
        return;
    }
    bool is_full = false, grows = false;
    if (result->outcome == DB_DONE && rows_count(result->rows) > 0) {
        int64_t newest = rows_number(result->rows, 0, "newest");
        is_full = rows_number(result->rows, 0, "count") >= INDEX_PORTION;
        grows = newest > look->newest[look->at];
        look->newest[look->at] = newest;
    }
    look->is_rush |= is_full && grows;
    look->at += !is_full || grows;
    go_on(look);
}

static void run_portion(struct look *look)
{
    const struct id *event_id = &look->events[look->at];
    const struct attendee_index_lock lock = {.event_id = event_id};
    const struct attendee_index portion = {.event_id = event_id, .most = INDEX_PORTION};
    db_run(look->worker->db, &(struct db_query){.lane = DB_SLOW,
                                                .lock = attendee_index_lock_params(&lock),
                                                .run = attendee_index_params(&portion),
                                                .again = true,
                                                .on_done = on_indexed,
                                                .context = look});
}

static void on_looked(void *context, const struct db_result *result)
{
    struct look *look = context;
    if (result->outcome == DB_STOPPING) {
        free(look);
        return;
    }
    struct index *index = worker_state(look->worker, &slot);
    index->waiting = 0;
    for (int row = 0; result->outcome == DB_DONE && row < rows_count(result->rows); row++) {
        look->events[look->event_count] = rows_id(result->rows, row, "event_id");
        look->newest[look->event_count++] = rows_number(result->rows, row, "newest");
        index->waiting += rows_number(result->rows, row, "waiting");
    }
    go_on(look);
}

void index_attendees(struct worker *worker)
{
    struct index *index = worker_state(worker, &slot);
    if (index->is_looking || clock_monotonic_us() < index->rests_until_us)
        return;
    index->is_looking = true;
    struct look *look = memory_alloc(sizeof *look);
    look->worker = worker;
    look->started_us = clock_monotonic_us();
    const struct attendee_index_waiting asked = {.most = INDEX_EVENTS_MOST};
    db_ask(worker->db, attendee_index_waiting_params(&asked), on_looked, look);
}

void index_measure(struct worker *worker, struct gauges *gauges)
{
    static const struct gauge waiting = {"attendees_not_indexed", "gauge",
                                         "Registrations and changes that the index of the attendee "
                                         "list did not have at the last look.",
                                         .is_greatest = true};
    const struct index *index = worker_state(worker, &slot);
    gauges_add(gauges, &waiting, (uint64_t)index->waiting, "%s", "");
}

static void *create(struct worker *worker)
{
    (void)worker;
    return memory_alloc(sizeof(struct index));
}

static const struct worker_slot slot = {.name = "attendee index", .create = create};
