/*
 * What happens at the doors, as it happens: server-sent events (HTML, section 9.2). A worker asks
 * the database about an event that somebody listens to, once for all who do: when its counts have
 * moved, which it hears from the process's other workers at once (event/events.h), and
 * every LIVE_LOOK_MS besides, for scans of other processes. Nothing is asked while nobody listens.
 */
#ifndef EINLASS_FEATURES_DOOR_LIVE_H
#define EINLASS_FEATURES_DOOR_LIVE_H

#include "features/feature.h"

struct request;

enum {
    LIVE_LISTENERS_MOST = 2000, /* limit: listeners of a worker */
    LIVE_LISTENERS_OF_ONE = 8,  /* limit: listeners of one caller, of a worker */
    LIVE_TICK_MS = 200,         /* how soon a change is noticed */
};

/*
 * GET /api/v1/events/{event}/live. Events: `counts` {"expected", "admitted", "inside", "now"}, at
 * first and when they change; `scan` (news.h; devices see no names); `conflict` (news.h); `event`
 * when the definition changed; `revoked` when a ticket was cancelled or replaced; for a device
 * first of all `device` (devices.h). Each scan has an id, and Last-Event-ID goes on behind it; who
 * missed LIVE_SCANS_MOST is told `missed` instead. Ends when the token is revoked or the device
 * changed: who comes again learns how it stands. 503 past LIVE_LISTENERS_MOST.
 */
void live_show(struct request *request);

void live_start(struct worker *worker);
void live_stop(struct worker *worker);
void live_on_notice(struct worker *worker, const char *payload);

/* Somebody's token may have gone unnoticed: all streams end, who may comes again. */
void live_on_gap(struct worker *worker);

#endif
