/*
 * A few threads for work that would keep an event loop waiting: password hashes, PDF. A loop has an
 * outlet. It submits jobs there; they run on a thread of the pool, any of them, in the order of
 * submission; afterwards the outlet's descriptor becomes readable and pool_outlet_run, called on
 * the loop, ends them. Knows no event library.
 */
#ifndef EINLASS_BASE_POOL_H
#define EINLASS_BASE_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct pool;
struct pool_outlet;

struct pool_job {
    void (*run)(void *context);     /* on a thread of the pool: touches nothing but its context */
    void (*on_done)(void *context); /* on the loop, in pool_outlet_run */
    void (*on_dropped)(void *context); /* instead of on_done, in pool_outlet_destroy */
    void *context;
};

/* `waiting_most`: jobs of all outlets that no thread has begun. */
struct pool *pool_create(int threads, size_t waiting_most);

/* After all its outlets. */
void pool_destroy(struct pool *pool);

/* The outlet and what follows belong to one thread, the loop's. */
struct pool_outlet *pool_outlet_create(struct pool *pool);

/* Waits for its jobs that run, and drops those and all that wait or were not ended yet: no on_done
 * comes any more. */
void pool_outlet_destroy(struct pool_outlet *outlet);

/* Copies the job. False: too many wait; nothing of it will be called. */
MUST_CHECK bool pool_submit(struct pool_outlet *outlet, const struct pool_job *job);

/* Readable while there are jobs to end. */
int pool_outlet_fd(const struct pool_outlet *outlet);

/* Calls on_done of the jobs that have run. It may submit further ones. */
void pool_outlet_run(struct pool_outlet *outlet);

#endif
