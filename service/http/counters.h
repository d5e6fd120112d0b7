/* What metrics.h shows, counted by one worker: each row of the router has a place, and one more is
 * for requests without a row. */
#ifndef EINLASS_HTTP_COUNTERS_H
#define EINLASS_HTTP_COUNTERS_H

#include <stdint.h>

struct counters;

enum { COUNTERS_STATUS_LEAST = 200, COUNTERS_STATUS_MOST = 599, COUNTERS_BUCKETS = 12 };

/* Upper bounds of the latency buckets; one more bucket is without bound. */
extern const int64_t counters_bounds_us[COUNTERS_BUCKETS];

struct counters *counters_create(int routes);
void counters_destroy(struct counters *counters);

/* route: -1 for none. By the worker's own thread. */
void counters_record(struct counters *counters, int route, int status, int64_t duration_us);
void counters_set_in_flight(struct counters *counters, int requests);
void counters_set_connections(struct counters *counters, int connections);

/* By any thread. `bucket` COUNTERS_BUCKETS is the one without bound. */
uint64_t counters_status(const struct counters *counters, int route, int status);
uint64_t counters_bucket(const struct counters *counters, int route, int bucket);
uint64_t counters_sum_us(const struct counters *counters, int route);
int counters_in_flight(const struct counters *counters);
int counters_connections(const struct counters *counters);

#endif
