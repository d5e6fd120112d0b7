#include "db/lane.h"

#include <event2/event.h>

#include "base/clock.h"
#include "base/memory.h"

/* Deadlines are seconds, so this interval is exact enough. */
enum { TICK_US = 50000 };

TAILQ_HEAD(jobs, job);

/* A connection and its jobs. */
struct berth {
    struct lane *lane;
    struct db_connection *connection;
    struct jobs running;
    int running_count;
    bool was_ready; /* at least once */
};

struct lane {
    struct lane_options options;
    struct jobs waiting; /* by number */
    struct jobs awaited; /* jobs with a deadline, waiting or running, by deadline */
    size_t waiting_count, running_count;
    uint64_t next_number, reconnects;
    struct event *ticking;
    struct berth berths[];
};

static struct berth *freest_berth(struct lane *lane)
{
    struct berth *best = NULL;
    for (int i = 0; i < lane->options.connections; i++) {
        struct berth *berth = &lane->berths[i];
        if (connection_is_ready(berth->connection) &&
            berth->running_count < lane->options.jobs_most_each &&
            (!best || berth->running_count < best->running_count))
            best = berth;
    }
    return best;
}

static void start_waiting(struct lane *lane)
{
    struct job *job;
    struct berth *berth;
    while ((job = TAILQ_FIRST(&lane->waiting)) && (berth = freest_berth(lane))) {
        TAILQ_REMOVE(&lane->waiting, job, place);
        lane->waiting_count--;
        TAILQ_INSERT_TAIL(&berth->running, job, place);
        berth->running_count++;
        lane->running_count++;
        job->berth = berth;
        job->kind->start(job, berth->connection);
    }
}

static void tick_if_needed(struct lane *lane)
{
    if (lane->waiting_count + lane->running_count > 0 && !evtimer_pending(lane->ticking, NULL))
        evtimer_add(lane->ticking, &(struct timeval){.tv_usec = TICK_US});
}

static void take_off_berth(struct lane *lane, struct job *job)
{
    TAILQ_REMOVE(&job->berth->running, job, place);
    job->berth->running_count--;
    lane->running_count--;
    job->berth = NULL;
}

/* The place is nearly always at one of the ends. */
static void put_in_queue(struct lane *lane, struct job *job)
{
    struct job *next = TAILQ_FIRST(&lane->waiting), *last = TAILQ_LAST(&lane->waiting, jobs);
    lane->waiting_count++;
    if (last && last->number < job->number)
        next = NULL;
    while (next && next->number < job->number)
        next = TAILQ_NEXT(next, place);
    if (next)
        TAILQ_INSERT_BEFORE(next, job, place);
    else
        TAILQ_INSERT_TAIL(&lane->waiting, job, place);
}

static void await(struct lane *lane, struct job *job)
{
    job->deadline_us = clock_monotonic_us() + lane->options.deadline_us;
    job->is_awaited = true;
    TAILQ_INSERT_TAIL(&lane->awaited, job, awaited_place);
}

bool lane_add(struct lane *lane, struct job *job)
{
    if (lane->waiting_count + lane->running_count >= lane->options.queue_most)
        return false;
    job->number = lane->next_number++;
    await(lane, job);
    put_in_queue(lane, job);
    start_waiting(lane);
    tick_if_needed(lane);
    return true;
}

void lane_again(struct lane *lane, struct job *job)
{
    take_off_berth(lane, job);
    if (!job->is_awaited)
        await(lane, job);
    put_in_queue(lane, job);
    start_waiting(lane);
}

void lane_forget_deadline(struct lane *lane, struct job *job)
{
    if (job->is_awaited)
        TAILQ_REMOVE(&lane->awaited, job, awaited_place);
    job->is_awaited = false;
}

void lane_leave(struct lane *lane, struct job *job)
{
    lane_forget_deadline(lane, job);
    if (job->berth) {
        take_off_berth(lane, job);
    } else {
        TAILQ_REMOVE(&lane->waiting, job, place);
        lane->waiting_count--;
    }
    start_waiting(lane);
}

static void expire_late(struct lane *lane, int64_t now_us)
{
    struct job *job;
    while ((job = TAILQ_FIRST(&lane->awaited)) && job->deadline_us <= now_us) {
        if (job->berth)
            lane_forget_deadline(lane, job);
        else
            lane_leave(lane, job);
        job->kind->on_late(job);
    }
}

/* statement_timeout makes a live server answer. A silent one is frozen or unreachable. */
static void drop_silent(struct lane *lane, int64_t now_us)
{
    for (int i = 0; i < lane->options.connections; i++) {
        struct db_connection *connection = lane->berths[i].connection;
        if (lane->options.silence_most_us > 0 &&
            connection_silence_us(connection, now_us) > lane->options.silence_most_us)
            connection_drop(connection, "the server has fallen silent");
    }
}

static void on_tick(evutil_socket_t socket, short what, void *context)
{
    struct lane *lane = context;
    (void)socket, (void)what;
    int64_t now_us = clock_monotonic_us();
    expire_late(lane, now_us);
    drop_silent(lane, now_us);
    tick_if_needed(lane);
}

static void on_ready(void *context, struct db_connection *connection)
{
    struct berth *berth = context;
    (void)connection;
    if (berth->was_ready)
        berth->lane->reconnects++;
    berth->was_ready = true;
    start_waiting(berth->lane);
}

/* Oldest first, so repeated jobs keep their order. */
static void on_lost(void *context, struct db_connection *connection)
{
    struct berth *berth = context;
    struct job *job;
    (void)connection;
    while ((job = TAILQ_FIRST(&berth->running)))
        job->kind->on_lost(job);
}

static void on_fatal(void *context, const char *sentence)
{
    struct berth *berth = context;
    berth->lane->options.on_fatal(berth->lane->options.context, sentence);
}

struct lane *lane_create(const struct lane_options *options)
{
    struct lane *lane =
        memory_alloc(sizeof *lane + (size_t)options->connections * sizeof(struct berth));
    lane->options = *options;
    TAILQ_INIT(&lane->waiting);
    TAILQ_INIT(&lane->awaited);
    lane->ticking = evtimer_new(options->loop, on_tick, lane);
    struct connection_options connection = options->connection;
    connection.on_ready = on_ready;
    connection.on_lost = on_lost;
    connection.on_fatal = on_fatal;
    for (int i = 0; i < options->connections; i++) {
        connection.context = &lane->berths[i];
        lane->berths[i].lane = lane;
        TAILQ_INIT(&lane->berths[i].running);
        lane->berths[i].connection = connection_create(&connection);
    }
    return lane;
}

void lane_destroy(struct lane *lane)
{
    if (!lane)
        return;
    struct jobs all = TAILQ_HEAD_INITIALIZER(all);
    for (int i = 0; i < lane->options.connections; i++) {
        connection_destroy(lane->berths[i].connection);
        TAILQ_CONCAT(&all, &lane->berths[i].running, place);
    }
    TAILQ_CONCAT(&all, &lane->waiting, place);
    struct job *job;
    while ((job = TAILQ_FIRST(&all))) {
        TAILQ_REMOVE(&all, job, place);
        job->kind->on_stopping(job);
    }
    event_free(lane->ticking);
    free(lane);
}

int lane_ready_connections(const struct lane *lane)
{
    int ready = 0;
    for (int i = 0; i < lane->options.connections; i++)
        ready += connection_is_ready(lane->berths[i].connection);
    return ready;
}

int lane_schema_version(const struct lane *lane)
{
    int newest = 0;
    for (int i = 0; i < lane->options.connections; i++) {
        int version = connection_schema_version(lane->berths[i].connection);
        newest = version > newest ? version : newest;
    }
    return newest;
}

bool lane_waits_for_schema(const struct lane *lane)
{
    for (int i = 0; i < lane->options.connections; i++) {
        if (connection_waits_for_schema(lane->berths[i].connection))
            return true;
    }
    return false;
}

size_t lane_waiting(const struct lane *lane)
{
    return lane->waiting_count;
}

size_t lane_running(const struct lane *lane)
{
    return lane->running_count;
}

uint64_t lane_reconnects(const struct lane *lane)
{
    return lane->reconnects;
}

struct db_connection *lane_connection(const struct job *job)
{
    return job->berth->connection;
}
