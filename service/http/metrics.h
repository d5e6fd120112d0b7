/*
 * The access log and the counters of a worker's requests.
 *
 * A line of log has the route, but never the path, because the path may contain keys of manage
 * links and tickets. Lines are gathered during a turn of the loop and written together at its end.
 *
 * Each row of the router has counters, and so have requests without a row. Only the worker's thread
 * writes them. Other threads may read them, because they are atomic.
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
void metrics_log_destroy(struct access_log *log); /* writes gathered lines; takes NULL */

/* Records a request. Call it once, when the answer is sent or the stream has ended. */
void metrics_record(struct request *request, int status, size_t bytes);

void metrics_set_in_flight(struct counters *counters, int requests);
void metrics_set_connections(struct counters *counters, int connections);

/* Writes the sums of several listeners in the Prometheus text format 0.0.4:
 * einlass_http_requests_total{method,route,status}, einlass_http_request_duration_seconds
 * (histogram by route), einlass_http_requests_in_flight, einlass_http_connections. */
void metrics_write(struct listener *const *listeners, int count, struct buffer *out);

#endif
