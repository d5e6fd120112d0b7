/*
 * What goes on inside all workers of the process, for /metrics: each worker publishes its own
 * state now and then, any worker writes the page. Shared by all threads, locked.
 */
#ifndef EINLASS_FEATURES_OPERATIONS_GAUGES_H
#define EINLASS_FEATURES_OPERATIONS_GAUGES_H

#include "base/buffer.h"
#include "features/feature.h"

struct gauges;
struct listener;

enum { GAUGES_PUBLISH_EVERY_MS = 250 };

struct gauges *gauges_create(int workers);
void gauges_destroy(struct gauges *gauges);

/* The worker's requests are counted there; before the first request, NULL after the last. */
void gauges_set_listener(struct gauges *gauges, int worker, struct listener *listener);

/* Keeps a copy of what the worker's database connections and batches do now. On its thread. */
void gauges_publish(const struct worker *worker);

/* Prometheus text format 0.0.4. */
void gauges_write(struct gauges *gauges, struct buffer *out);

#endif
