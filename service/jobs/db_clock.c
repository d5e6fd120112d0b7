#include "jobs/db_clock.h"

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

#define NEVER INT64_C(253402300799000000) /* the end of the year 9999 */

/* When the clock showed `now_us`: between the question and the answer, monotonic. */
struct look {
    int64_t now_us, asked_us, answered_us;
};

struct db_clock {
    struct params *(*ask)(void); /* NULL: nobody watches */
    struct event *timer;
    struct look last;  /* now_us 0: none yet */
    int64_t jumped_us; /* monotonic; 0: never */
    int64_t ahead_us;  /* monotonic, when it jumped ahead; 0: it did not, or was set back since */
};

struct asking {
    struct worker *worker;
    int64_t asked_us;
    void (*run)(struct worker *worker); /* NULL: none */
};

static void *create(struct worker *worker)
{
    (void)worker;
    return memory_alloc(sizeof(struct db_clock));
}

static void destroy(void *state)
{
    struct db_clock *clock = state;
    if (clock->timer)
        event_free(clock->timer);
    free(clock);
}

static const struct worker_slot slot = {
    .name = "database clock", .create = create, .destroy = destroy};

static void note_jump(struct db_clock *clock, int64_t by_us, int64_t at_us)
{
    log_event(LOG_WARNING, "database_clock_jumped", log_number("seconds", by_us / CLOCK_SECOND_US));
    clock->jumped_us = at_us;
    if (by_us < 0)
        clock->ahead_us = 0;
    else if (by_us > DB_CLOCK_AHEAD_S * CLOCK_SECOND_US)
        clock->ahead_us = at_us;
}

static void take(struct db_clock *clock, const struct look *look)
{
    const struct look last = clock->last;
    int64_t went_us = look->now_us - last.now_us;
    int64_t most_us = look->answered_us - last.asked_us + DB_CLOCK_STEP_MOST_S * CLOCK_SECOND_US;
    int64_t least_us = look->asked_us - last.answered_us - DB_CLOCK_STEP_MOST_S * CLOCK_SECOND_US;
    if (look->asked_us < last.asked_us)
        return; /* an answer that was overtaken */
    clock->last = *look;
    if (last.now_us != 0 && (went_us > most_us || went_us < least_us))
        note_jump(clock, went_us - (look->answered_us - last.answered_us), look->answered_us);
}

static bool is_calm(const struct db_clock *clock)
{
    return clock->ahead_us == 0 ||
           clock_monotonic_us() - clock->ahead_us >= DB_CLOCK_PAUSE_S * CLOCK_SECOND_US;
}

static void on_answer(void *context, const struct db_result *result)
{
    struct asking *asking = context;
    const struct asking asked = *asking;
    free(asking);
    if (result->outcome != DB_DONE)
        return;
    struct db_clock *clock = worker_state(asked.worker, &slot);
    take(clock, &(struct look){.now_us = rows_time(result->rows, 0, "now"),
                               .asked_us = asked.asked_us,
                               .answered_us = clock_monotonic_us()});
    if (asked.run && is_calm(clock))
        asked.run(asked.worker);
}

static void look(struct worker *worker, void (*run)(struct worker *worker))
{
    const struct db_clock *clock = worker_state(worker, &slot);
    struct asking *asking = memory_alloc(sizeof *asking);
    *asking = (struct asking){.worker = worker, .asked_us = clock_monotonic_us(), .run = run};
    db_ask(worker->db, clock->ask(), on_answer, asking);
}

static void on_time(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what;
    look(context, NULL);
}

void db_clock_watch(struct worker *worker, struct params *(*ask)(void))
{
    static const struct timeval every = {.tv_sec = DB_CLOCK_LOOK_MS / 1000,
                                         .tv_usec = DB_CLOCK_LOOK_MS % 1000 * 1000};
    struct db_clock *clock = worker_state(worker, &slot);
    clock->ask = ask;
    clock->timer = event_new(worker->loop, -1, EV_PERSIST, on_time, worker);
    event_add(clock->timer, &every);
}

int64_t db_clock_believed_until_us(struct worker *worker, int lease_s)
{
    const struct db_clock *clock = worker_state(worker, &slot);
    int64_t now_us = clock_monotonic_us();
    if (clock->last.now_us == 0)
        return NEVER;
    if (clock->jumped_us != 0 && now_us - clock->jumped_us < lease_s * CLOCK_SECOND_US)
        return 0;
    return clock->last.now_us + now_us - clock->last.asked_us +
           DB_CLOCK_STEP_MOST_S * CLOCK_SECOND_US;
}

void db_clock_run(struct worker *worker, void (*run)(struct worker *worker))
{
    const struct db_clock *clock = worker_state(worker, &slot);
    if (clock->ask)
        look(worker, run);
    else
        run(worker);
}
