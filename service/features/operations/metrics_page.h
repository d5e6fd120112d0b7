/* The metrics of all workers of the process. */
#ifndef EINLASS_FEATURES_OPERATIONS_METRICS_PAGE_H
#define EINLASS_FEATURES_OPERATIONS_METRICS_PAGE_H

#include "worker.h"

struct request;

enum { METRICS_PUBLISH_EVERY_MS = 250 };

/* Metrics include the worker's listener from start to stop. */
void metrics_page_start(struct worker *worker);
void metrics_page_stop(struct worker *worker);

/* Copies the worker's gauges to where other workers read them. */
void metrics_page_publish(struct worker *worker);

/* GET /metrics: answers in the Prometheus text format 0.0.4. */
void metrics_page_show(struct request *request);

#endif
