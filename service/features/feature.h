/*
 * A feature is a folder with everything of it: its routes, statements, pages and words. To add one
 * add the folder and a line in all_features (features.c).
 */
#ifndef EINLASS_FEATURES_FEATURE_H
#define EINLASS_FEATURES_FEATURE_H

#include <stdint.h>

#include "base/buffer.h"
#include "config.h"
#include "http/route.h"

struct attempts;
struct batcher;
struct callers;
struct changes;
struct db;
struct event_base;
struct events;
struct gauges;
struct holds;
struct keyring;
struct live;
struct locale_set;
struct outbox;
struct pace;
struct pool_outlet;

/* What became of the messages a worker took from the outbox, for /metrics. */
struct mail_counts {
    uint64_t sent, put_off, failed, obsolete;
};

/*
 * What a feature is given: one worker thread, its loop and all that hangs off it. Nothing here is
 * shared with another worker but what says so.
 */
struct worker {
    int index;
    struct event_base *loop;
    struct db *db;
    const struct config *config;      /* read-only, shared */
    const struct keyring *keyring;    /* read-only, shared */
    const struct locale_set *locales; /* read-only, shared */
    struct changes *changes;          /* shared, atomic: features/event/changes.h */
    struct gauges *gauges;            /* shared, locked: features/operations/gauges.h */
    struct events *events;            /* event definitions in memory: features/event/events.h */
    struct callers *callers;          /* tokens seen lately: features/account/callers.h */
    struct batcher *sign_ups;         /* features/registration/sign_up.h */
    struct batcher *check_ins;        /* features/door/check_in.h */
    struct live *live;                /* features/door/live.h */
    struct holds *holds;              /* features/registration/holds.h */
    struct outbox *outbox;            /* features/message/outbox.h */
    struct mail_counts mails;
    struct pool_outlet *pool;      /* for work that blocks: features/work.h */
    struct attempts *attempts;     /* features/attempts.h */
    struct pace *access_code_pace; /* wrong access codes: features/event/access_code.h */
    struct pace *pairing_pace;     /* wrong pairing codes: features/door/devices.h */
};

struct feature {
    const char *name;
    const struct route *routes; /* ends with a row without method; NULL: none */

    /* Per worker, on its loop before the first request and after the last. NULL: nothing to do. */
    void (*start)(struct worker *worker);
    void (*stop)(struct worker *worker);

    /* A notification of the database's channel "einlass": "event ID" (its definition changed),
     * "caller ID" (a token or device was revoked); on_gap: some may have been missed. */
    void (*on_notice)(struct worker *worker, const char *payload);
    void (*on_gap)(struct worker *worker);
};

extern const struct feature *const all_features[]; /* ends with NULL */

#endif
