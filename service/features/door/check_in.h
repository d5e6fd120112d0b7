/*
 * Check-ins. The handler checks scans against the cached event. The worker's batcher sends them to
 * the database, and each scan gets a verdict. The database records every scan, refused ones too.
 */
#ifndef EINLASS_FEATURES_DOOR_CHECK_IN_H
#define EINLASS_FEATURES_DOOR_CHECK_IN_H

#include <jansson.h>

#include "features/feature.h"

struct request;

enum {
    CHECK_IN_BODY_BYTES = 2 * 1024 * 1024, /* limit: body of a check-in */
    CHECK_IN_BATCH_MOST = 256,             /* limit: scans of a batch */
    CHECK_IN_WAITING_MOST = 20000,         /* limit: scans that wait, of a worker */
};

/*
 * POST /api/v1/events/{event}/checkins: answers one scan (scans.h) with its verdict, and {"scans":
 * [...]} with {"results": [...]} in the same order. Applies a list in the order of scanned_at.
 * Answers 503 when the queue is full or the database is away. Scans recorded before that stay, and
 * the same nonces get the same answers again.
 */
void check_in_handle(struct request *request);

/* The same for one scan, with answers of the caller's own: `answer` gets the verdict, which is
 * borrowed, `refuse` takes the findings. */
struct check_in_reply {
    void (*answer)(struct request *request, const json_t *result);
    void (*refuse)(struct request *request, json_t *errors);
};
void check_in_begin(struct request *request, const struct check_in_reply *reply);

/* Adds the gauges of the worker's batches. */
void check_in_measure(struct worker *worker, struct gauges *gauges);

#endif
