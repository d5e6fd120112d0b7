#include "http/access.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "http/metrics.h"

enum { LINES_MOST_BYTES = 64 * 1024 };

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

struct access_log *access_create(struct event_base *loop)
{
    struct access_log *log = memory_alloc(sizeof *log);
    buffer_init(&log->lines);
    log->on_turn_end = event_new(loop, -1, 0, on_turn_end, log);
    return log;
}

void access_destroy(struct access_log *log)
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

void access_record(struct request *request, int status, size_t bytes)
{
    int64_t duration_us = clock_monotonic_us() - request->started_us;
    metrics_record(request->listener->counters, request->match.index, status, duration_us);
    add_line(request->listener->log, request, status, bytes, duration_us);
}
