/*
 * What one worker's requests looked like, counted by route. Written by its own thread only, read by
 * any: the counters are atomic. One fixed set of latency buckets.
 */
#ifndef EINLASS_HTTP_METRICS_H
#define EINLASS_HTTP_METRICS_H

#include "base/buffer.h"
#include "http/listener.h"

/* Prometheus text format (exposition format 0.0.4) of several listeners added up:
 * einlass_http_requests_total{method,route,status}, einlass_http_request_duration_seconds
 * (histogram by route), einlass_http_requests_in_flight, einlass_http_connections. */
void metrics_write(struct listener *const *listeners, int count, struct buffer *out);

#endif
