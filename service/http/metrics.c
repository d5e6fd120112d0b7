#include "http/metrics.h"

#include <inttypes.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "http/exchange.h"

/* --- Counting -------------------------------------------------------------------------------- */

enum {
    LINES_MOST_BYTES = 64 * 1024,
    STATUS_LEAST = 200,
    STATUS_MOST = 599,
    STATUSES = STATUS_MOST - STATUS_LEAST + 1,
    BUCKETS = 12, /* of latency; one more has no upper bound */
};

static const int64_t bounds_us[BUCKETS] = {
    500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 5000000,
};

struct route_counters {
    _Atomic(uint64_t) statuses[STATUSES];
    _Atomic(uint64_t) buckets[BUCKETS + 1];
    _Atomic(uint64_t) sum_us;
};

struct counters {
    _Atomic(int) in_flight, connections;
    int routes;
    struct route_counters of[]; /* the last one counts requests without a route */
};

struct counters *metrics_create(int routes)
{
    struct counters *counters =
        memory_alloc(sizeof *counters + ((size_t)routes + 1) * sizeof *counters->of);
    counters->routes = routes;
    return counters;
}

void metrics_destroy(struct counters *counters)
{
    free(counters);
}

/* Only one thread writes, so a load and a store suffice instead of an atomic addition. */
static void add(_Atomic(uint64_t) *counter, uint64_t amount)
{
    uint64_t now = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, now + amount, memory_order_relaxed);
}

static void count(struct counters *counters, int route, int status, int64_t duration_us)
{
    struct route_counters *of = &counters->of[route < 0 ? counters->routes : route];
    int bucket = 0;
    while (bucket < BUCKETS && duration_us > bounds_us[bucket])
        bucket++;
    add(&of->buckets[bucket], 1);
    add(&of->sum_us, (uint64_t)duration_us);
    if (status >= STATUS_LEAST && status <= STATUS_MOST)
        add(&of->statuses[status - STATUS_LEAST], 1);
}

void metrics_set_in_flight(struct counters *counters, int requests)
{
    atomic_store_explicit(&counters->in_flight, requests, memory_order_relaxed);
}

void metrics_set_connections(struct counters *counters, int connections)
{
    atomic_store_explicit(&counters->connections, connections, memory_order_relaxed);
}

/* --- The log --------------------------------------------------------------------------------- */

struct access_log {
    struct buffer lines;
    struct event *on_turn_end;
};

static void on_turn_end(evutil_socket_t fd, short what, void *context)
{
    struct access_log *log = context;
    (void)fd;
    (void)what;
    log_put(&log->lines);
    buffer_clear(&log->lines);
}

struct access_log *metrics_log_create(struct event_base *loop)
{
    struct access_log *log = memory_alloc(sizeof *log);
    buffer_init(&log->lines);
    log->on_turn_end = event_new(loop, -1, 0, on_turn_end, log);
    return log;
}

void metrics_log_destroy(struct access_log *log)
{
    if (!log)
        return;
    on_turn_end(-1, 0, log);
    event_free(log->on_turn_end);
    buffer_finish(&log->lines);
    free(log);
}

static void add_line(struct access_log *log, const struct request *request, int status,
                     size_t bytes, int64_t duration_us)
{
    enum log_level level = status >= 500 ? LOG_WARNING : LOG_INFO;
    const char *route = request->match.pattern ? request->match.pattern : "none";
    if (!log_is_on(level))
        return;
    if (log->lines.length == 0)
        event_active(log->on_turn_end, EV_TIMEOUT, 0);
    log_add(&log->lines, level, "request",
            (const struct log_field[]){
                log_text("request", request->id),
                log_text("method", request->method),
                log_text("route", route),
                log_number("status", status),
                log_number("duration_us", duration_us),
                log_number("bytes", (int64_t)bytes),
                log_text("caller", caller_log_name(request->caller, request->role)),
                {0},
            });
    if (log->lines.length > LINES_MOST_BYTES)
        on_turn_end(-1, 0, log);
}

void metrics_record(struct request *request, int status, size_t bytes)
{
    int64_t duration_us = clock_monotonic_us() - request->started_us;
    count(request->listener->counters, request->match.index, status, duration_us);
    add_line(request->listener->log, request, status, bytes, duration_us);
}

/* --- The page of metrics --------------------------------------------------------------------- */

struct sum {
    struct listener *const *listeners;
    int count;
};

static uint64_t read_counter(const _Atomic(uint64_t) *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static int read_gauge(const _Atomic(int) *gauge)
{
    return atomic_load_explicit(gauge, memory_order_relaxed);
}

static const struct route_counters *find(const struct sum *sum, int listener, int route)
{
    const struct counters *counters = sum->listeners[listener]->counters;
    return &counters->of[route < 0 ? counters->routes : route];
}

static uint64_t sum_status(const struct sum *sum, int route, int status)
{
    uint64_t total = 0;
    for (int i = 0; i < sum->count; i++)
        total += read_counter(&find(sum, i, route)->statuses[status - STATUS_LEAST]);
    return total;
}

static uint64_t sum_bucket(const struct sum *sum, int route, int bucket)
{
    uint64_t total = 0;
    for (int i = 0; i < sum->count; i++)
        total += read_counter(&find(sum, i, route)->buckets[bucket]);
    return total;
}

static double sum_seconds(const struct sum *sum, int route)
{
    uint64_t total = 0;
    for (int i = 0; i < sum->count; i++)
        total += read_counter(&find(sum, i, route)->sum_us);
    return (double)total / 1e6;
}

/* Writes the labels of a row of the router. -1: requests without a row. */
static void write_labels(const struct router *router, int route, struct buffer *out)
{
    const char *method = route < 0 ? "none" : router_route(router, route)->method;
    const char *pattern = route < 0 ? "none" : router_pattern(router, route);
    buffer_printf(out, "method=\"%s\",route=\"%s\"", method, pattern);
}

static void write_requests(const struct sum *sum, const struct router *router, struct buffer *out)
{
    buffer_add_text(out, "# HELP einlass_http_requests_total Requests answered.\n"
                         "# TYPE einlass_http_requests_total counter\n");
    for (int route = -1; route < router_size(router); route++) {
        for (int status = STATUS_LEAST; status <= STATUS_MOST; status++) {
            uint64_t requests = sum_status(sum, route, status);
            if (requests == 0)
                continue;
            buffer_add_text(out, "einlass_http_requests_total{");
            write_labels(router, route, out);
            buffer_printf(out, ",status=\"%d\"} %" PRIu64 "\n", status, requests);
        }
    }
}

static void write_histogram(const struct sum *sum, const struct router *router, int route,
                            struct buffer *out)
{
    uint64_t counts[BUCKETS + 1], total = 0;
    for (int i = 0; i <= BUCKETS; i++)
        total += counts[i] = sum_bucket(sum, route, i);
    if (total == 0)
        return;
    uint64_t so_far = 0;
    for (int i = 0; i <= BUCKETS; i++) {
        so_far += counts[i];
        buffer_add_text(out, "einlass_http_request_duration_seconds_bucket{");
        write_labels(router, route, out);
        if (i < BUCKETS)
            buffer_printf(out, ",le=\"%g\"} %" PRIu64 "\n", (double)bounds_us[i] / 1e6, so_far);
        else
            buffer_printf(out, ",le=\"+Inf\"} %" PRIu64 "\n", so_far);
    }
    buffer_add_text(out, "einlass_http_request_duration_seconds_sum{");
    write_labels(router, route, out);
    buffer_printf(out, "} %.6f\n", sum_seconds(sum, route));
    buffer_add_text(out, "einlass_http_request_duration_seconds_count{");
    write_labels(router, route, out);
    buffer_printf(out, "} %" PRIu64 "\n", total);
}

static void write_gauges(const struct sum *sum, struct buffer *out)
{
    int in_flight = 0, connections = 0;
    for (int i = 0; i < sum->count; i++) {
        in_flight += read_gauge(&sum->listeners[i]->counters->in_flight);
        connections += read_gauge(&sum->listeners[i]->counters->connections);
    }
    buffer_printf(out,
                  "# HELP einlass_http_requests_in_flight Requests that wait for their answer.\n"
                  "# TYPE einlass_http_requests_in_flight gauge\n"
                  "einlass_http_requests_in_flight %d\n"
                  "# HELP einlass_http_connections Connections open.\n"
                  "# TYPE einlass_http_connections gauge\n"
                  "einlass_http_connections %d\n",
                  in_flight, connections);
}

void metrics_write(struct listener *const *listeners, int count, struct buffer *out)
{
    const struct sum sum = {.listeners = listeners, .count = count};
    if (count == 0)
        return;
    const struct router *router = listeners[0]->options.router;
    write_requests(&sum, router, out);
    buffer_add_text(out,
                    "# HELP einlass_http_request_duration_seconds From the request's last byte to "
                    "its answer.\n"
                    "# TYPE einlass_http_request_duration_seconds histogram\n");
    for (int route = -1; route < router_size(router); route++)
        write_histogram(&sum, router, route, out);
    write_gauges(&sum, out);
}
