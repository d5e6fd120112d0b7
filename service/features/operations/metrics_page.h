/* GET /metrics: what all workers of the process measured lately. */
#ifndef EINLASS_FEATURES_OPERATIONS_METRICS_PAGE_H
#define EINLASS_FEATURES_OPERATIONS_METRICS_PAGE_H

#include "worker.h"

struct request;

enum { METRICS_PUBLISH_EVERY_MS = 250 };

/* Between these two the counters of the worker's listener are shown. */
void metrics_page_start(struct worker *worker);
void metrics_page_stop(struct worker *worker);

/* Publishes the worker's gauges. */
void metrics_page_publish(struct worker *worker);

/* Prometheus text format 0.0.4. */
void metrics_page_show(struct request *request);

#endif
