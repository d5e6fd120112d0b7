#include "http/counters.h"

#include <stdatomic.h>

#include "base/memory.h"

enum { STATUSES = COUNTERS_STATUS_MOST - COUNTERS_STATUS_LEAST + 1 };

const int64_t counters_bounds_us[COUNTERS_BUCKETS] = {
    500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 5000000,
};

struct route_counters {
    _Atomic(uint64_t) statuses[STATUSES];
    _Atomic(uint64_t) buckets[COUNTERS_BUCKETS + 1];
    _Atomic(uint64_t) sum_us;
};

struct counters {
    _Atomic(int) in_flight, connections;
    int routes;
    struct route_counters of[]; /* the last is of requests without a route */
};

struct counters *counters_create(int routes)
{
    struct counters *counters =
        memory_alloc(sizeof *counters + ((size_t)routes + 1) * sizeof *counters->of);
    counters->routes = routes;
    return counters;
}

void counters_destroy(struct counters *counters)
{
    free(counters);
}

/* One thread writes, so that a load and a store do where others need a locked addition. */
static void add(_Atomic(uint64_t) *counter, uint64_t amount)
{
    uint64_t now = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, now + amount, memory_order_relaxed);
}

static uint64_t read_counter(const _Atomic(uint64_t) *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static const struct route_counters *find(const struct counters *counters, int route)
{
    return &counters->of[route < 0 ? counters->routes : route];
}

void counters_record(struct counters *counters, int route, int status, int64_t duration_us)
{
    struct route_counters *of = &counters->of[route < 0 ? counters->routes : route];
    int bucket = 0;
    while (bucket < COUNTERS_BUCKETS && duration_us > counters_bounds_us[bucket])
        bucket++;
    add(&of->buckets[bucket], 1);
    add(&of->sum_us, (uint64_t)duration_us);
    if (status >= COUNTERS_STATUS_LEAST && status <= COUNTERS_STATUS_MOST)
        add(&of->statuses[status - COUNTERS_STATUS_LEAST], 1);
}

void counters_set_in_flight(struct counters *counters, int requests)
{
    atomic_store_explicit(&counters->in_flight, requests, memory_order_relaxed);
}

void counters_set_connections(struct counters *counters, int connections)
{
    atomic_store_explicit(&counters->connections, connections, memory_order_relaxed);
}

uint64_t counters_status(const struct counters *counters, int route, int status)
{
    return read_counter(&find(counters, route)->statuses[status - COUNTERS_STATUS_LEAST]);
}

uint64_t counters_bucket(const struct counters *counters, int route, int bucket)
{
    return read_counter(&find(counters, route)->buckets[bucket]);
}

uint64_t counters_sum_us(const struct counters *counters, int route)
{
    return read_counter(&find(counters, route)->sum_us);
}

int counters_in_flight(const struct counters *counters)
{
    return atomic_load_explicit(&counters->in_flight, memory_order_relaxed);
}

int counters_connections(const struct counters *counters)
{
    return atomic_load_explicit(&counters->connections, memory_order_relaxed);
}
