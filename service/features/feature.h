/*
 * A feature is a folder with everything of it: its routes, statements, pages, words, and its state
 * in each worker (worker.h). To add one, add the folder and its name to
 * the list in features/meson.build, which makes all_features from it.
 */
#ifndef EINLASS_FEATURES_FEATURE_H
#define EINLASS_FEATURES_FEATURE_H

#include "command.h"
#include "http/router.h"
#include "jobs/job.h"
#include "jobs/periodic.h"
#include "worker.h"

struct gauges;

struct feature {
    const char *name;
    const struct route *routes;            /* ends with a row without method; NULL: none */
    const struct periodic *periodic;       /* ends with a row without run; NULL: none */
    const struct job_kind *const *jobs;    /* for jobs_start(); NULL: none */
    const struct command *const *commands; /* ends with NULL; NULL: none */

    /* Per worker, on its loop before the first request and after the last. NULL: nothing to do.
     * A state in a slot needs neither: it is made when it is asked for, and ends after all stops.
     */
    void (*start)(struct worker *worker);
    void (*stop)(struct worker *worker);

    /* A notification of the database's channel "einlass": "event ID" (its definition changed),
     * "caller ID" (a token or device was revoked); on_gap: some may have been missed. */
    void (*on_notice)(struct worker *worker, const char *payload);
    void (*on_gap)(struct worker *worker);

    /* Adds the worker's gauges for /metrics, now and then. NULL: it has none. */
    void (*measure)(struct worker *worker, struct gauges *gauges);
};

extern const struct feature *const all_features[]; /* ends with NULL */

#endif
