#include "jobs/job.h"

#include <event2/event.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "jobs/db_clock.h"

enum { RENEWALS_OF_A_LEASE = 4 };

struct job {
    LIST_ENTRY(job) others;
    struct job_queue *queue;
    struct arena arena;
    void *data;
    int tries;
    int64_t created_at_us;
    struct job_note note;        /* has the job's state; LEASED while the job runs */
    struct event *on_note_again; /* timer of the retry; NULL: no note has failed */
};

struct job_queue {
    LIST_ENTRY(job_queue) others; /* of jobs_start() */
    struct worker *worker;
    const struct job_kind *kind;
    struct event *on_poll, *on_renew;
    LIST_HEAD(, job) jobs;
    int under_way;
    bool is_claiming, is_stopping, is_destroyed;
    int64_t not_before_us; /* monotonic; no claims before, the other side is unreachable */
    uint64_t counts[JOB_STATES];
};

static struct timeval after_ms(int64_t ms)
{
    return (struct timeval){.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
}

static bool is_idle(const struct job_queue *queue)
{
    return queue->under_way == 0 && !queue->is_claiming;
}

/* Ends the loop in job_queue_drain(), or frees the queue after job_queue_destroy(). */
static void leave_if_idle(struct job_queue *queue)
{
    if (!queue->is_stopping || !is_idle(queue))
        return;
    if (queue->is_destroyed)
        free(queue);
    else
        event_base_loopbreak(queue->worker->loop);
}

static void destroy(struct job *job)
{
    struct job_queue *queue = job->queue;
    LIST_REMOVE(job, others);
    if (job->on_note_again)
        event_free(job->on_note_again);
    arena_finish(&job->arena);
    free(job);
    queue->under_way--;
}

/* --- Claiming -------------------------------------------------------------------------------- */

static void begin(struct job_queue *queue, const struct rows *rows, int *row)
{
    struct job *job = memory_alloc(sizeof *job);
    job->queue = queue;
    job->note.state = JOB_LEASED;
    job->tries = (int)rows_number(rows, *row, "tries");
    job->created_at_us = rows_time(rows, *row, "created_at");
    arena_init(&job->arena);
    job->data = queue->kind->read(&job->arena, rows, row);
    LIST_INSERT_HEAD(&queue->jobs, job, others);
    queue->under_way++;
    if (queue->is_stopping)
        job_put_back(job);
    else
        queue->kind->run(job);
}

static void on_claimed(void *context, const struct db_result *result)
{
    struct job_queue *queue = context;
    queue->is_claiming = false;
    for (int row = 0; result->outcome == DB_DONE && row < rows_count(result->rows);)
        begin(queue, result->rows, &row);
    leave_if_idle(queue);
}

static void claim(struct job_queue *queue)
{
    int slots_free = queue->kind->slots - queue->under_way;
    if (queue->is_claiming || queue->is_stopping || slots_free <= 0 ||
        clock_monotonic_us() < queue->not_before_us)
        return;
    const struct job_claim what = {
        .most = slots_free,
        .lease_s = queue->kind->lease_s,
        .believed_until_us = db_clock_believed_until_us(queue->worker, queue->kind->lease_s)};
    queue->is_claiming = true;
    db_run(queue->worker->db, &(struct db_query){.lane = DB_HOT,
                                                 .run = queue->kind->claim(&what),
                                                 .on_done = on_claimed,
                                                 .context = queue});
}

static void on_poll(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what;
    claim(context);
}

/* --- Noting ---------------------------------------------------------------------------------- */

static void write_note(struct job *job);

static void on_note_again(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what;
    write_note(context);
}

static void on_noted(void *context, const struct db_result *result)
{
    const struct timeval pause = after_ms(JOB_NOTE_AGAIN_MS);
    struct job *job = context;
    struct job_queue *queue = job->queue;
    if (result->outcome != DB_DONE && result->outcome != DB_STOPPING && !queue->is_destroyed) {
        if (!job->on_note_again)
            job->on_note_again = evtimer_new(queue->worker->loop, on_note_again, job);
        event_add(job->on_note_again, &pause);
        return;
    }
    destroy(job);
    if (queue->under_way <= queue->kind->slots / 2)
        claim(queue);
    leave_if_idle(queue);
}

static void write_note(struct job *job)
{
    db_ask(job->queue->worker->db, job->queue->kind->note(job, &job->note), on_noted, job);
}

/* Renewals are frequent enough that one may fail. */
static void on_renewed(void *context, const struct db_result *result)
{
    (void)context, (void)result;
}

static void on_renew(evutil_socket_t fd, short what, void *context)
{
    struct job_queue *queue = context;
    const struct job_note renewal = {.state = JOB_LEASED, .due_s = queue->kind->lease_s};
    const struct job *job;
    (void)fd, (void)what;
    LIST_FOREACH(job, &queue->jobs, others)
    {
        db_ask(queue->worker->db, queue->kind->note(job, &renewal), on_renewed, NULL);
    }
}

/* --- Ending a run ---------------------------------------------------------------------------- */

/* The only way out of JOB_LEASED. */
static void enter(struct job *job, const struct job_note *what)
{
    struct job_queue *queue = job->queue;
    job->note = *what;
    job->note.words = arena_copy(&job->arena, what->words);
    queue->counts[what->state]++;
    if (what->state == JOB_FAILED)
        log_event(LOG_WARNING, "job_failed", log_text("kind", queue->kind->name),
                  log_number("code", what->code), log_number("tries", job->tries));
    write_note(job);
}

static int backoff_s(const struct job_kind *kind, int tries)
{
    int at = 0;
    while (at < tries - 1 && at + 1 < JOB_BACKOFFS_MOST && kind->backoff_s[at + 1] > 0)
        at++;
    return kind->backoff_s[at];
}

static bool is_too_old(const struct job *job)
{
    return clock_now_us() > job->created_at_us + job->queue->kind->give_up_s * CLOCK_SECOND_US;
}

void job_end(struct job *job, const struct job_end *end)
{
    const struct job_kind *kind = job->queue->kind;
    struct job_note what = {.state = end->state, .code = end->code, .words = end->words};
    if (end->is_unreachable)
        job->queue->not_before_us =
            clock_monotonic_us() + kind->unreachable_pause_s * CLOCK_SECOND_US;
    if (what.state == JOB_QUEUED && is_too_old(job)) {
        what.state = JOB_FAILED;
    } else if (what.state == JOB_QUEUED) {
        int pause_s = backoff_s(kind, job->tries);
        what.due_s = pause_s > end->pause_s ? pause_s : end->pause_s;
    }
    enter(job, &what);
}

void job_put_back(struct job *job)
{
    enter(job, &(struct job_note){.state = JOB_QUEUED, .words = "the service stops"});
}

void *job_data(const struct job *job)
{
    return job->data;
}

struct arena *job_arena(struct job *job)
{
    return &job->arena;
}

struct worker *job_worker(const struct job *job)
{
    return job->queue->worker;
}

int job_tries(const struct job *job)
{
    return job->tries;
}

bool job_is_stopping(const struct job *job)
{
    return job->queue->is_stopping;
}

/* --- The queue ------------------------------------------------------------------------------- */

static struct event *start_timer(struct job_queue *queue, event_callback_fn on_time, int every_ms)
{
    const struct timeval every = after_ms(every_ms);
    struct event *timer = event_new(queue->worker->loop, -1, EV_PERSIST, on_time, queue);
    event_add(timer, &every);
    return timer;
}

struct job_queue *job_queue_create(struct worker *worker, const struct job_kind *kind)
{
    struct job_queue *queue = memory_alloc(sizeof *queue);
    queue->worker = worker;
    queue->kind = kind;
    LIST_INIT(&queue->jobs);
    queue->on_poll = start_timer(queue, on_poll, kind->poll_ms);
    queue->on_renew = start_timer(queue, on_renew, kind->lease_s * 1000 / RENEWALS_OF_A_LEASE);
    return queue;
}

static void on_drain_over(evutil_socket_t fd, short what, void *context)
{
    struct job_queue *queue = context;
    (void)fd, (void)what;
    event_base_loopbreak(queue->worker->loop);
}

void job_queue_drain(struct job_queue *queue)
{
    queue->is_stopping = true;
    event_del(queue->on_poll);
    if (is_idle(queue))
        return;
    const struct timeval longest = after_ms(queue->kind->drain_s * INT64_C(1000));
    struct event *over = evtimer_new(queue->worker->loop, on_drain_over, queue);
    event_add(over, &longest);
    event_base_loop(queue->worker->loop, EVLOOP_NO_EXIT_ON_EMPTY);
    event_free(over);
}

void job_queue_destroy(struct job_queue *queue)
{
    if (!queue)
        return;
    event_free(queue->on_poll);
    event_free(queue->on_renew);
    for (struct job *job = LIST_FIRST(&queue->jobs), *next; job; job = next) {
        next = LIST_NEXT(job, others);
        if (job->on_note_again && evtimer_pending(job->on_note_again, NULL))
            destroy(job);
    }
    queue->is_stopping = queue->is_destroyed = true;
    leave_if_idle(queue);
}

/* The queues of jobs_start(), the newest first. */
struct queues {
    LIST_HEAD(, job_queue) all;
};

static void *create_queues(struct worker *worker)
{
    (void)worker;
    return memory_alloc(sizeof(struct queues));
}

static const struct worker_slot slot = {.name = "jobs", .create = create_queues};

void jobs_start(struct worker *worker, const struct job_kind *const *kinds)
{
    struct queues *queues = worker_state(worker, &slot);
    for (; worker->index == 0 && kinds && *kinds; kinds++) {
        struct job_queue *queue = job_queue_create(worker, *kinds);
        LIST_INSERT_HEAD(&queues->all, queue, others);
    }
}

void jobs_stop(struct worker *worker)
{
    struct queues *queues = worker_state(worker, &slot);
    struct job_queue *queue;
    while ((queue = LIST_FIRST(&queues->all))) {
        LIST_REMOVE(queue, others);
        job_queue_drain(queue);
        job_queue_destroy(queue);
    }
}

uint64_t job_queue_count(const struct job_queue *queue, enum job_state state)
{
    return queue ? queue->counts[state] : 0;
}
