/*
 * Natural batching. When the lane of a kind is free an element goes at once, as a batch of one;
 * while a batch is in flight the next elements gather; when it returns they go together. No timer.
 *
 * A batch is one transaction of two statements in one round trip: `lock` takes the rows that
 * decide, in key order; `run` then sees fresh data and gives exactly one row per element, with
 * its `ordinal` (from 1). Both must be safe to send again: a batch whose connection died is sent
 * again with the same ids. A batch that the database refuses is run again once, element by
 * element, so that one bad element does not spoil its neighbours.
 */
#ifndef EINLASS_DB_BATCH_H
#define EINLASS_DB_BATCH_H

#include "db/db.h"

struct batcher;

struct batch_kind {
    const char *name; /* for metrics: "sign_up" */

    /* Make the params of both statements, without rows yet. lock NULL: there is none. */
    struct params *(*lock)(void), *(*run)(void);

    size_t elements_most; /* in one batch */
    size_t waiting_most;  /* gathered while batches are in flight; past it submit refuses */
    int in_flight_most;   /* batches at once; 1 keeps one event's order of arrival */

    /* Appends the element's rows to the params of both statements. */
    void (*add)(void *element, int ordinal, struct params *lock, struct params *run);

    /* The element's outcome: with DB_DONE its row in the rows. Once per element; it may submit. */
    void (*on_done)(void *element, const struct db_result *result, int row);
};

struct batcher *batcher_create(struct db *db, const struct batch_kind *kind);

/* Call before db_destroy; elements still waiting end with DB_STOPPING. Takes NULL. */
void batcher_destroy(struct batcher *batcher);

/* Hands in an element, which the caller keeps alive until on_done. False: the queue is full. */
MUST_CHECK bool batcher_submit(struct batcher *batcher, void *element);

enum { BATCH_SIZE_BUCKETS = 10 }; /* batches of 1, 2, up to 4, 8, … 256, more */

struct batch_state {
    uint64_t batches, elements, reruns;
    uint64_t sizes[BATCH_SIZE_BUCKETS];
    size_t waiting, in_flight;
};
void batcher_state(const struct batcher *batcher, struct batch_state *ret_state);
const struct batch_kind *batcher_kind(const struct batcher *batcher);

#endif
