/*
 * What is recorded of the requests of a worker: a line of log for each, and counts by route.
 *
 * Lines name the route, never the path itself, which may hold the keys of manage links and tickets.
 * They are gathered during a turn of the loop and written together at its end.
 *
 * In the counts each row of the router has a place, and one more is for requests without a row.
 * They are written by the worker's own thread only and read by any: the counters are atomic. One
 * fixed set of latency buckets.
 */
#ifndef EINLASS_HTTP_METRICS_H
#define EINLASS_HTTP_METRICS_H

#include <stdint.h>

#include "base/memory.h"

struct access_log;
struct counters;
struct event_base;
struct listener;
struct request;

struct counters *metrics_create(int routes);
void metrics_destroy(struct counters *counters); /* takes NULL */

struct access_log *metrics_log_create(struct event_base *loop);
void metrics_log_destroy(struct access_log *log); /* writes what is gathered; takes NULL */

/* Once a request: its answer is on its way, or its stream has ended. */
void metrics_record(struct request *request, int status, size_t bytes);

void metrics_set_in_flight(struct counters *counters, int requests);
void metrics_set_connections(struct counters *counters, int connections);

/* Prometheus text format (exposition format 0.0.4) of several listeners added up:
 * einlass_http_requests_total{method,route,status}, einlass_http_request_duration_seconds
 * (histogram by route), einlass_http_requests_in_flight, einlass_http_connections. */
void metrics_write(struct listener *const *listeners, int count, struct buffer *out);

#endif
