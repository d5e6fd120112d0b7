#include "base/pool.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/memory.h"

struct entry {
    TAILQ_ENTRY(entry) next; /* in pool->waiting or outlet->finished */
    struct pool_outlet *outlet;
    struct pool_job job;
};

TAILQ_HEAD(entries, entry);

struct pool {
    pthread_mutex_t lock; /* guards all members below and the marked ones of the outlets */
    pthread_cond_t on_work, on_finished;
    struct entries waiting;
    size_t waiting_count, waiting_most;
    bool is_stopping;
    int thread_count;
    pthread_t threads[];
};

struct pool_outlet {
    struct pool *pool;
    int fd;
    struct entries finished; /* pool->lock */
    int running;             /* pool->lock */
};

static void wake(int fd)
{
    uint64_t one = 1;
    while (write(fd, &one, sizeof one) < 0 && errno == EINTR)
        continue;
}

static void rest(int fd)
{
    uint64_t count;
    while (read(fd, &count, sizeof count) < 0 && errno == EINTR)
        continue;
}

/* --- The threads ----------------------------------------------------------------------------- */

/* Called with the lock held; returns with it held. */
static void run_next(struct pool *pool)
{
    struct entry *entry = TAILQ_FIRST(&pool->waiting);
    struct pool_outlet *outlet = entry->outlet;
    TAILQ_REMOVE(&pool->waiting, entry, next);
    pool->waiting_count--;
    outlet->running++;
    pthread_mutex_unlock(&pool->lock);
    entry->job.run(entry->job.context);
    pthread_mutex_lock(&pool->lock);
    outlet->running--;
    TAILQ_INSERT_TAIL(&outlet->finished, entry, next);
    wake(outlet->fd); /* keep the lock: pool_outlet_destroy waits for it before it closes fd */
    pthread_cond_broadcast(&pool->on_finished);
}

static void *run_thread(void *context)
{
    struct pool *pool = context;
    pthread_mutex_lock(&pool->lock);
    while (!pool->is_stopping) {
        if (TAILQ_EMPTY(&pool->waiting))
            pthread_cond_wait(&pool->on_work, &pool->lock);
        else
            run_next(pool);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* The new threads block all signals; the main thread handles them. */
static void start_threads(struct pool *pool)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (int i = 0; i < pool->thread_count; i++) {
        if (pthread_create(&pool->threads[i], NULL, run_thread, pool) != 0) {
            fputs("out of threads\n", stderr);
            abort();
        }
        pthread_setname_np(pool->threads[i], "pool");
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

struct pool *pool_create(int threads, size_t waiting_most)
{
    struct pool *pool = memory_alloc(sizeof *pool + (size_t)threads * sizeof *pool->threads);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->on_work, NULL);
    pthread_cond_init(&pool->on_finished, NULL);
    TAILQ_INIT(&pool->waiting);
    pool->waiting_most = waiting_most;
    pool->thread_count = threads;
    start_threads(pool);
    return pool;
}

void pool_destroy(struct pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->is_stopping = true;
    pthread_cond_broadcast(&pool->on_work);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 0; i < pool->thread_count; i++)
        pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->on_finished);
    pthread_cond_destroy(&pool->on_work);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

/* --- The loop -------------------------------------------------------------------------------- */

struct pool_outlet *pool_outlet_create(struct pool *pool)
{
    struct pool_outlet *outlet = memory_alloc(sizeof *outlet);
    outlet->pool = pool;
    outlet->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    TAILQ_INIT(&outlet->finished);
    return outlet;
}

/* Moves the outlet's waiting jobs to its finished ones. Called with the lock held. */
static void take_back(struct pool_outlet *outlet)
{
    struct pool *pool = outlet->pool;
    struct entry *entry, *next;
    for (entry = TAILQ_FIRST(&pool->waiting); entry; entry = next) {
        next = TAILQ_NEXT(entry, next);
        if (entry->outlet != outlet)
            continue;
        TAILQ_REMOVE(&pool->waiting, entry, next);
        pool->waiting_count--;
        TAILQ_INSERT_TAIL(&outlet->finished, entry, next);
    }
}

void pool_outlet_destroy(struct pool_outlet *outlet)
{
    struct entry *entry;
    if (!outlet)
        return;
    pthread_mutex_lock(&outlet->pool->lock);
    take_back(outlet);
    while (outlet->running > 0)
        pthread_cond_wait(&outlet->pool->on_finished, &outlet->pool->lock);
    pthread_mutex_unlock(&outlet->pool->lock);
    while ((entry = TAILQ_FIRST(&outlet->finished))) {
        TAILQ_REMOVE(&outlet->finished, entry, next);
        entry->job.on_dropped(entry->job.context);
        free(entry);
    }
    close(outlet->fd);
    free(outlet);
}

bool pool_submit(struct pool_outlet *outlet, const struct pool_job *job)
{
    struct pool *pool = outlet->pool;
    pthread_mutex_lock(&pool->lock);
    bool has_room = pool->waiting_count < pool->waiting_most;
    if (has_room) {
        struct entry *entry = memory_alloc(sizeof *entry);
        entry->outlet = outlet;
        entry->job = *job;
        TAILQ_INSERT_TAIL(&pool->waiting, entry, next);
        pool->waiting_count++;
        pthread_cond_signal(&pool->on_work);
    }
    pthread_mutex_unlock(&pool->lock);
    return has_room;
}

int pool_outlet_fd(const struct pool_outlet *outlet)
{
    return outlet->fd;
}

void pool_outlet_run(struct pool_outlet *outlet)
{
    struct entries finished;
    struct entry *entry;
    TAILQ_INIT(&finished);
    rest(outlet->fd);
    pthread_mutex_lock(&outlet->pool->lock);
    TAILQ_CONCAT(&finished, &outlet->finished, next);
    pthread_mutex_unlock(&outlet->pool->lock);
    while ((entry = TAILQ_FIRST(&finished))) {
        TAILQ_REMOVE(&finished, entry, next);
        entry->job.on_done(entry->job.context);
        free(entry);
    }
}
