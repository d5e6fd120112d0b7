/*
 * Checking in, from socket to disk: the handler reads one scan or a list of them against the event
 * in memory, the worker's batcher takes them to the database with the others that came meanwhile,
 * one verdict comes back for each. Every scan is recorded, refused ones too.
 */
#ifndef EINLASS_FEATURES_DOOR_CHECK_IN_H
#define EINLASS_FEATURES_DOOR_CHECK_IN_H

#include "features/feature.h"

struct request;

enum {
    CHECK_IN_BODY_BYTES = 2 * 1024 * 1024, /* limit: body of a check-in */
    CHECK_IN_BATCH_MOST = 256,             /* limit: scans of a batch */
    CHECK_IN_WAITING_MOST = 20000,         /* limit: scans that wait, of a worker */
};

/*
 * POST /api/v1/events/{event}/checkins: one scan (see scans.h), answered by its verdict; or
 * {"scans": [...]}, answered by {"results": [...]} in the order given. A list is applied in the
 * order of scanned_at. Past the queue's bound, or without a database, 503: what was recorded until
 * then stays, and the same nonces sent again give its answers.
 */
void check_in_handle(struct request *request);

/* Adds the gauges of the worker's batches. */
void check_in_measure(struct worker *worker, struct gauges *gauges);

#endif
