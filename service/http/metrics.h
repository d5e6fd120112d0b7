/*
 * What one worker's requests looked like, counted by route: each row of the router has a place, and
 * one more is for requests without a row. Written by the worker's own thread only, read by any: the
 * counters are atomic. One fixed set of latency buckets.
 */
#ifndef EINLASS_HTTP_METRICS_H
#define EINLASS_HTTP_METRICS_H

#include <stdint.h>

#include "base/buffer.h"

struct counters;
struct listener;

struct counters *metrics_create(int routes);
void metrics_destroy(struct counters *counters); /* takes NULL */

/* route: -1 for none. */
void metrics_record(struct counters *counters, int route, int status, int64_t duration_us);
void metrics_set_in_flight(struct counters *counters, int requests);
void metrics_set_connections(struct counters *counters, int connections);

/* Prometheus text format (exposition format 0.0.4) of several listeners added up:
 * einlass_http_requests_total{method,route,status}, einlass_http_request_duration_seconds
 * (histogram by route), einlass_http_requests_in_flight, einlass_http_connections. */
void metrics_write(struct listener *const *listeners, int count, struct buffer *out);

#endif
