/*
 * A worker is a thread with an event loop. Every module may use the members here. Two workers share
 * only the members marked as shared.
 *
 * A module that needs state per worker declares a slot and gets its state with worker_state(). The
 * worker knows no module.
 */
#ifndef EINLASS_WORKER_H
#define EINLASS_WORKER_H

#include "config.h"

struct db;
struct event_base;
struct keyring;
struct listener;
struct locale_set;
struct pool_outlet;
struct worker;
struct worker_shared;

enum { WORKER_SLOTS_MOST = 32 };

/* The state of a module. Declare it `static const`: its address is its name. */
struct worker_slot {
    const char *name;
    /* True: all workers of the process share one state, which must be thread-safe. */
    bool shared;
    /* Makes the state, never NULL. `worker` is NULL for a shared state. It may ask for states of
     * other modules; those are destroyed after this one. */
    void *(*create)(struct worker *worker);
    /* NULL: free(). */
    void (*destroy)(void *state);
};

struct worker {
    int index; /* 0 for the first worker of the process */
    struct event_base *loop;
    struct db *db;
    const struct config *config;      /* shared, read-only */
    const struct keyring *keyring;    /* shared, read-only; a reload replaces it */
    const struct locale_set *locales; /* shared, read-only */
    struct pool_outlet *pool;         /* for work that blocks, see http/work.h */
    struct listener *listener;

    struct worker_shared *shared;
    struct {
        const struct worker_slot *slot;
        void *state;
    } states[WORKER_SLOTS_MOST]; /* in the order they were made */
    int state_count;
};

/* The module's state in this worker, made by the first call. Call it on the worker's thread. */
void *worker_state(struct worker *worker, const struct worker_slot *slot);

/* Destroys the worker's own states, the newest first. Shared ones stay. */
void worker_end_states(struct worker *worker);

/* The shared states of one process. Destroy them after all workers. */
struct worker_shared *worker_shared_create(void);
void worker_shared_destroy(struct worker_shared *shared); /* takes NULL */

#endif
