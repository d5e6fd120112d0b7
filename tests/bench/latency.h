/*
 * A histogram of latencies. Each power of two has buckets of equal width, so percentiles are exact
 * to 3 %.
 */
#ifndef EINLASS_BENCH_LATENCY_H
#define EINLASS_BENCH_LATENCY_H

#include <stdint.h>

enum { LATENCY_STEPS = 32, LATENCY_BUCKETS = 32 * LATENCY_STEPS };

struct latency {
    uint64_t count, buckets[LATENCY_BUCKETS];
};

void latency_add(struct latency *latency, int64_t ns);

/* part: 0.5 is the median, 1 the longest. */
double latency_ms(const struct latency *latency, double part);

#endif
