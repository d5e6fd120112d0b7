#include "http/metrics.h"

#include <inttypes.h>

#include "http/counters.h"
#include "http/exchange.h"

struct sum {
    struct listener *const *listeners;
    int count;
};

static uint64_t sum_status(const struct sum *sum, int route, int status)
{
    uint64_t total = 0;
    for (int i = 0; i < sum->count; i++)
        total += counters_status(sum->listeners[i]->counters, route, status);
    return total;
}

static uint64_t sum_bucket(const struct sum *sum, int route, int bucket)
{
    uint64_t total = 0;
    for (int i = 0; i < sum->count; i++)
        total += counters_bucket(sum->listeners[i]->counters, route, bucket);
    return total;
}

static double sum_seconds(const struct sum *sum, int route)
{
    uint64_t total = 0;
    for (int i = 0; i < sum->count; i++)
        total += counters_sum_us(sum->listeners[i]->counters, route);
    return (double)total / 1e6;
}

/* The labels of a row of the router; -1: requests that found none. */
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
        for (int status = COUNTERS_STATUS_LEAST; status <= COUNTERS_STATUS_MOST; status++) {
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
    uint64_t counts[COUNTERS_BUCKETS + 1], total = 0;
    for (int i = 0; i <= COUNTERS_BUCKETS; i++)
        total += counts[i] = sum_bucket(sum, route, i);
    if (total == 0)
        return;
    uint64_t so_far = 0;
    for (int i = 0; i <= COUNTERS_BUCKETS; i++) {
        so_far += counts[i];
        buffer_add_text(out, "einlass_http_request_duration_seconds_bucket{");
        write_labels(router, route, out);
        if (i < COUNTERS_BUCKETS)
            buffer_printf(out, ",le=\"%g\"} %" PRIu64 "\n", (double)counters_bounds_us[i] / 1e6,
                          so_far);
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
        in_flight += counters_in_flight(sum->listeners[i]->counters);
        connections += counters_connections(sum->listeners[i]->counters);
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
