/*
 * A thread pool for work that would block an event loop: password hashes, PDF. Each loop has an
 * outlet and submits its jobs there. The pool's threads start the jobs in the order of submission.
 * When a job is done, the outlet's descriptor becomes readable; the loop then calls
 * pool_outlet_run, which calls on_done. The pool needs no event library.
 */
#ifndef EINLASS_BASE_POOL_H
#define EINLASS_BASE_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct pool;
struct pool_outlet;

struct pool_job {
    void (*run)(void *context);        /* on a thread of the pool; may use its context only */
    void (*on_done)(void *context);    /* on the loop, in pool_outlet_run */
    void (*on_dropped)(void *context); /* instead of on_done, in pool_outlet_destroy */
    void *context;
};

/* `waiting_most` limits the jobs of all outlets that no thread has started. */
struct pool *pool_create(int threads, size_t waiting_most);

/* Destroy all outlets first. */
void pool_destroy(struct pool *pool);

/* Only the loop's thread may use the outlet and call the functions below. */
struct pool_outlet *pool_outlet_create(struct pool *pool);

/* Waits for running jobs, then calls on_dropped for every job whose on_done was not called. */
void pool_outlet_destroy(struct pool_outlet *outlet);

/* Copies the job. False: the queue is full, and none of its callbacks will run. */
MUST_CHECK bool pool_submit(struct pool_outlet *outlet, const struct pool_job *job);

/* Readable while pool_outlet_run has work. */
int pool_outlet_fd(const struct pool_outlet *outlet);

/* Calls on_done of all finished jobs. on_done may submit new jobs. */
void pool_outlet_run(struct pool_outlet *outlet);

#endif
