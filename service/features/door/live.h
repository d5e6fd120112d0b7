/*
 * The live stream of the doors: server-sent events (HTML, section 9.2). A worker queries the
 * database once for all listeners of an event. It queries when the counts change in this process
 * (event/events.h), and every LIVE_LOOK_MS for scans of other processes. Without listeners it does
 * not query.
 */
#ifndef EINLASS_FEATURES_DOOR_LIVE_H
#define EINLASS_FEATURES_DOOR_LIVE_H

#include "features/feature.h"

struct request;

enum {
    LIVE_LISTENERS_MOST = 2000, /* limit: listeners of a worker */
    LIVE_LISTENERS_OF_ONE = 8,  /* limit: listeners of one caller, of a worker */
    LIVE_TICK_MS = 200,         /* between two looks for changes */
};

/*
 * GET /api/v1/events/{event}/live. A device first gets `device` (devices.h). Every listener gets
 * `counts` {"expected", "admitted", "inside", "now"} at the start and after each change, `scan`
 * (news.h; without names for devices), `conflict` (news.h), `event` when the definition changed,
 * and `revoked` when a ticket was cancelled or replaced. Each scan has an id. Last-Event-ID resumes
 * after that scan. A listener that missed LIVE_SCANS_MOST scans or more gets `missed` instead of
 * them. The stream ends when its token is revoked or its device changes. Answers 503 above
 * LIVE_LISTENERS_MOST.
 */
void live_show(struct request *request);

void live_start(struct worker *worker);
void live_stop(struct worker *worker);
void live_on_notice(struct worker *worker, const char *payload);

/* Ends all streams, because the worker may have missed that a token was revoked. */
void live_on_gap(struct worker *worker);

#endif
