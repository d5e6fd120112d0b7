#include "jobs/periodic.h"

#include <event2/event.h>
#include <sys/queue.h>

#include "base/memory.h"
#include "jobs/db_clock.h"

/* A row with its timer on a worker. */
struct beat {
    SLIST_ENTRY(beat) next;
    const struct periodic *row;
    struct worker *worker;
    struct event *timer;
};

SLIST_HEAD(beats, beat);

static void *create(struct worker *worker)
{
    (void)worker;
    return memory_alloc(sizeof(struct beats));
}

static void destroy(void *state)
{
    struct beats *beats = state;
    struct beat *beat;
    while ((beat = SLIST_FIRST(beats))) {
        SLIST_REMOVE_HEAD(beats, next);
        event_free(beat->timer);
        free(beat);
    }
    free(beats);
}

static const struct worker_slot slot = {
    .name = "periodic work", .create = create, .destroy = destroy};

static void on_beat(evutil_socket_t fd, short what, void *context)
{
    const struct beat *beat = context;
    (void)fd, (void)what;
    if (beat->row->waits_after_jump)
        db_clock_run(beat->worker, beat->row->run);
    else
        beat->row->run(beat->worker);
}

void periodic_start(struct worker *worker, const struct periodic *rows)
{
    struct beats *beats = worker_state(worker, &slot);
    for (const struct periodic *row = rows; row && row->run; row++) {
        if (worker->index != 0 && !row->on_all_workers)
            continue;
        const struct timeval every = {.tv_sec = row->every_ms / 1000,
                                      .tv_usec = row->every_ms % 1000 * 1000};
        struct beat *beat = memory_alloc(sizeof *beat);
        beat->row = row;
        beat->worker = worker;
        beat->timer = event_new(worker->loop, -1, EV_PERSIST, on_beat, beat);
        event_add(beat->timer, &every);
        SLIST_INSERT_HEAD(beats, beat, next);
    }
}
