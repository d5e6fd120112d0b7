#include "http/drain.h"

#include <event2/listener.h>
#include <poll.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/connection.h"
#include "http/exchange.h"
#include "http/listening.h"

enum {
    STEP_US = 10 * 1000,
    GRACE_US = 200 * 1000, /* for requests that clients have sent already */
};

static bool is_stream(const struct connection *connection)
{
    return connection->answer && stream_is_endless(connection->answer);
}

static bool is_download(const struct connection *connection)
{
    return connection->slow_since_us && !is_stream(connection);
}

/* --- Serving on ------------------------------------------------------------------------------ */

static bool has_earlier_request(const struct listener *listener)
{
    const struct request *oldest = TAILQ_FIRST(&listener->requests);
    return oldest && oldest->started_us < listener->drain.began_us;
}

static bool is_earlier_upload(const struct connection *connection)
{
    return !connection->request && connection->has_input &&
           connection->began_us < connection->listener->drain.began_us;
}

static bool has_work(const struct listener *listener)
{
    const struct connection *connection;
    if (has_earlier_request(listener))
        return true;
    TAILQ_FOREACH(connection, &listener->connections, all)
    {
        if (is_download(connection) || is_earlier_upload(connection))
            return true;
    }
    return false;
}

/* The workers of a process serve on together: one alone would get all new connections. */
static bool serves_on(struct listener *listener, int64_t now_us)
{
    struct drain *drain = &listener->drain;
    struct listening *listening = listener->options.listening;
    bool had_work = drain->holds;
    drain->holds = has_work(listener);
    if (drain->holds != had_work)
        listening_hold(listening, drain->holds ? 1 : -1);
    int64_t since_us = now_us - drain->began_us;
    return since_us < drain->delay_us ||
           (since_us < listener->options.drain.serve_us && listening_is_held(listening));
}

/* Ends the endless streams that began before this time. Their clients connect again: to another
 * instance, or else to this one, whose streams then last as long again. */
static void end_streams(struct listener *listener, int64_t before_us)
{
    struct connection *connection, *next;
    for (connection = TAILQ_FIRST(&listener->connections); connection; connection = next) {
        next = TAILQ_NEXT(connection, all);
        if (is_stream(connection) && connection->slow_since_us <= before_us)
            stream_stop(connection->answer);
    }
}

static void serve_on(struct listener *listener, int64_t now_us)
{
    struct drain *drain = &listener->drain;
    int64_t streams_us = listener->options.drain.streams_us;
    if (serves_on(listener, now_us)) {
        if (now_us - drain->began_us >= streams_us)
            end_streams(listener, now_us - streams_us);
        return;
    }
    drain->part = DRAIN_CLOSING;
    drain->closing_since_us = drain->quiet_since_us = now_us;
}

/* --- Closing --------------------------------------------------------------------------------- */

/*
 * Runs after the connections in the kernel's queue were accepted. Later ones are refused, or wait
 * for the next service on the same socket. The socket is closed one turn after the loop has stopped
 * watching it: libevent changes epoll only then, and epoll would go on watching a socket that
 * others keep open.
 */
static void stop_accepting(struct listener *listener)
{
    struct pollfd queue = {.events = POLLIN};
    if (!listener->socket)
        return;
    struct evconnlistener *socket = evhttp_bound_socket_get_listener(listener->socket);
    bool is_lasting = listening_outlives(listener->options.listening);
    queue.fd = evconnlistener_get_fd(socket);
    if (!is_lasting && poll(&queue, 1, 0) > 0) {
        evconnlistener_enable(socket);
        listener->drain.is_deaf = false;
    } else if (!listener->drain.is_deaf) {
        evconnlistener_disable(socket);
        listener->drain.is_deaf = true;
    } else {
        evhttp_del_accept_socket(listener->http, listener->socket);
        listener->socket = NULL;
    }
}

/* Closes the connections of clients that have read or sent for too long. */
static void close_slow_clients(struct listener *listener, int64_t now_us)
{
    struct drain *drain = &listener->drain;
    struct connection *connection, *next;
    for (connection = TAILQ_FIRST(&listener->connections); connection; connection = next) {
        next = TAILQ_NEXT(connection, all);
        bool downloads = is_download(connection);
        int64_t since_us = downloads ? connection->slow_since_us : connection->waiting_since_us;
        if (since_us < drain->closing_since_us)
            since_us = drain->closing_since_us;
        if ((connection->request && !connection->answer) ||
            now_us - since_us < listener->options.drain.last_us)
            continue;
        drain->downloads_cut += downloads;
        connection_close(connection);
    }
}

/* On a busy machine a step comes late. Then requests may have come and gone since the last one. */
static bool is_quiet(struct listener *listener)
{
    const struct connection *connection;
    bool has_begun = listener->begun != listener->drain.begun_before;
    listener->drain.begun_before = listener->begun;
    if (has_begun || listener->pending > 0 || listener->socket || !TAILQ_EMPTY(&listener->fresh))
        return false;
    TAILQ_FOREACH(connection, &listener->connections, all)
    {
        if (!connection_is_idle(connection))
            return false;
    }
    return true;
}

static void close_connections(struct listener *listener)
{
    struct connection *connection;
    while ((connection = TAILQ_FIRST(&listener->connections)) != NULL)
        connection_close(connection);
}

static void close_down(struct listener *listener, int64_t now_us)
{
    struct drain *drain = &listener->drain;
    stop_accepting(listener);
    end_streams(listener, now_us);
    close_slow_clients(listener, now_us);
    if (!is_quiet(listener))
        drain->quiet_since_us = now_us;
    if (now_us - drain->quiet_since_us < GRACE_US)
        return;
    close_connections(listener);
    drain->part = DRAIN_CLOSED;
    if (drain->downloads_cut > 0)
        log_event(LOG_WARNING, "downloads_cut", log_number("count", drain->downloads_cut));
}

/* --- The steps ------------------------------------------------------------------------------- */

/* Waits one more step after it has closed the connections, because libevent references a connection
 * until its deferred callbacks have run. */
static void on_step(evutil_socket_t fd, short what, void *context)
{
    struct listener *listener = context;
    const struct timeval step = {.tv_usec = STEP_US};
    int64_t now_us = clock_monotonic_us();
    (void)fd;
    (void)what;
    switch (listener->drain.part) {
    case DRAIN_NOT:
    case DRAIN_CLOSED:
        listener->drain.on_drained(listener->drain.context);
        return;
    case DRAIN_SERVING:
        serve_on(listener, now_us);
        break;
    case DRAIN_CLOSING:
        close_down(listener, now_us);
        break;
    }
    event_add(listener->drain.on_step, &step);
}

void listener_drain(struct listener *listener, int64_t delay_us, void (*on_drained)(void *context),
                    void *context)
{
    struct drain *drain = &listener->drain;
    const struct timeval at_once = {0};
    if (drain->part != DRAIN_NOT)
        return;
    *drain = (struct drain){
        .part = DRAIN_SERVING,
        .holds = true, /* as listening_socket() has counted it */
        .began_us = clock_monotonic_us(),
        .delay_us = delay_us,
        .on_step = event_new(listener->options.loop, -1, 0, on_step, listener),
        .on_drained = on_drained,
        .context = context,
    };
    event_add(drain->on_step, &at_once);
}

bool listener_is_draining(const struct listener *listener)
{
    return listener->drain.part != DRAIN_NOT;
}
