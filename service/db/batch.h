/*
 * Batches elements without a timer. If no batch of a kind is in flight, an element is sent at once.
 * Else elements wait; when the batch returns, all waiting elements are sent as the next batch.
 *
 * A batch is one transaction of two statements in one round trip: `lock` locks the deciding rows in
 * key order; `run` then sees fresh data and returns exactly one row per element, with its `ordinal`
 * (from 1). Both must be safe to send again, because a batch is sent again with the same ids after
 * a lost connection. If the database refuses a batch, its elements run once more one by one, so one
 * bad element does not fail the others.
 *
 * A batch holds elements of several keys (events). If the row of one of them stays locked, the
 * elements of the batch go on by key, each key in a line of its own on the locking lane. So a
 * locked key holds up itself alone. New elements of a key join its line until the line is empty.
 */
#ifndef EINLASS_DB_BATCH_H
#define EINLASS_DB_BATCH_H

#include "base/id.h"
#include "db/db.h"

struct batcher;

struct batch_kind {
    const char *name; /* for metrics: "sign_up" */

    /* Make the params of both statements, without rows. `lock` may be NULL. */
    struct params *(*lock)(void), *(*run)(void);

    size_t elements_most; /* in one batch */
    size_t bytes_most;    /* in one batch of several elements; 0: any */
    size_t waiting_most;  /* size of the queue */
    int in_flight_most;   /* batches of several keys at once; 1 keeps the order of arrival */

    /* Appends the element's rows to the params of both statements. */
    void (*add)(void *element, int ordinal, struct params *lock, struct params *run);

    /* About what the element adds to the params. NULL: without bytes_most. */
    size_t (*bytes)(const void *element);

    /* The key whose row `lock` locks for the element. */
    const struct id *(*key)(const void *element);

    /* Gets the element's outcome and, with DB_DONE, its row. Called once per element. It may submit
     * new elements. */
    void (*on_done)(void *element, const struct db_result *result, int row);
};

struct batcher *batcher_create(struct db *db, const struct batch_kind *kind);

/* Call it before db_destroy. Waiting elements end with DB_STOPPING. Takes NULL. */
void batcher_destroy(struct batcher *batcher);

/* Queues an element, which must live until on_done. False: the queue is full. */
MUST_CHECK bool batcher_submit(struct batcher *batcher, void *element);

enum { BATCH_SIZE_BUCKETS = 10 }; /* batches of 1, 2, up to 4, 8, … 256, more */

struct batch_state {
    uint64_t batches, elements, reruns, splits;
    uint64_t sizes[BATCH_SIZE_BUCKETS];
    size_t waiting, in_flight, lines;
};
void batcher_state(const struct batcher *batcher, struct batch_state *ret_state);
const struct batch_kind *batcher_kind(const struct batcher *batcher);

#endif
