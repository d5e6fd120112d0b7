#include "http/connection.h"

#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "http/metrics.h"

enum { REST_MS = 100, PIPELINED_MOST_BYTES = 64 * 1024, SINGLE_WRITE_BYTES = 128 * 1024 };

/* --- The request that comes in ------------------------------------------------------------------
 *
 * evhttp buffers a body before it tells of the request. So the request line is read ahead here, and
 * evhttp gets the limit of its row. evhttp then refuses a longer body when it has read the headers.
 * The watermark limits what it buffers meanwhile.
 */

static void limit_body(struct connection *connection, size_t most_bytes)
{
    if (connection->body_most_bytes == most_bytes)
        return;
    connection->body_most_bytes = most_bytes;
    evhttp_connection_set_max_body_size(connection->http, (ev_ssize_t)most_bytes);
    bufferevent_setwatermark(connection->stream, EV_READ, 0,
                             HEADERS_MOST_BYTES + most_bytes + PIPELINED_MOST_BYTES);
}

static void read_ahead(struct connection *connection)
{
    struct evbuffer *input = bufferevent_get_input(connection->stream);
    struct evbuffer_ptr end = evbuffer_search_eol(input, NULL, NULL, EVBUFFER_EOL_CRLF);
    char start[] = "GET ";
    if (end.pos < 0)
        return;
    evbuffer_copyout(input, start, sizeof start - 1);
    if (strcmp(start, "GET ") == 0) { /* most requests; they have no body */
        limit_body(connection, ROUTE_BODY_DEFAULT_BYTES);
        return;
    }
    connection->line = memory_alloc((size_t)end.pos + 1);
    evbuffer_copyout(input, connection->line, (size_t)end.pos);
    limit_body(connection, dispatch_body_most(connection->listener, connection->line));
}

/* held_bytes is what was received since the last answer, so it includes a body that evhttp or the
 * request has taken out of the buffer. */
static void hold(struct connection *connection, size_t bytes)
{
    struct listener *listener = connection->listener;
    listener->held_bytes += bytes - connection->held_bytes;
    connection->held_bytes = bytes;
    if (listener->held_bytes > INPUT_MOST_BYTES)
        event_active(listener->on_full, EV_TIMEOUT, 0);
}

static void on_input(struct evbuffer *input, const struct evbuffer_cb_info *info, void *context)
{
    struct connection *connection = context;
    (void)input;
    if (info->n_added == 0)
        return;
    if (!connection->has_input)
        connection->began_us = clock_monotonic_us();
    connection->has_input = true;
    hold(connection, connection->held_bytes + info->n_added);
    if (!connection->request && !connection->line)
        read_ahead(connection);
}

static void on_output(struct evbuffer *output, const struct evbuffer_cb_info *info, void *context)
{
    struct connection *connection = context;
    (void)output;
    connection->window_bytes += info->n_deleted;
}

static void forget_callbacks(struct connection *connection)
{
    evbuffer_remove_cb(bufferevent_get_input(connection->stream), on_input, connection);
    evbuffer_remove_cb(bufferevent_get_output(connection->stream), on_output, connection);
}

/* The connection whose request has come in for the longest time. NULL: all requests are complete.
 */
static struct connection *slowest_upload(struct listener *listener)
{
    struct connection *connection, *slowest = NULL;
    TAILQ_FOREACH(connection, &listener->connections, all)
    {
        if (!connection->request && connection->has_input &&
            (!slowest || connection->began_us < slowest->began_us))
            slowest = connection;
    }
    return slowest;
}

/* Closes the slowest uploads until the others have room. */
void connection_on_full(evutil_socket_t fd, short what, void *context)
{
    struct listener *listener = context;
    struct connection *slowest;
    (void)fd;
    (void)what;
    while (listener->held_bytes > INPUT_MOST_BYTES && (slowest = slowest_upload(listener))) {
        listener->uploads_dropped++;
        connection_close(slowest);
    }
}

/* --- From accept to close ------------------------------------------------------------------------
 */

static void on_close(struct evhttp_connection *http, void *context)
{
    struct connection *connection = context;
    struct listener *listener = connection->listener;
    struct reply_stream *answer = connection->answer;
    (void)http;
    forget_callbacks(connection);
    hold(connection, 0);
    TAILQ_REMOVE(&listener->connections, connection, all);
    listener->by_descriptor[bufferevent_getfd(connection->stream)] = NULL;
    listener->connection_count--;
    metrics_set_connections(listener->counters, listener->connection_count);
    if (connection->request) {
        connection->request->connection = NULL;
        if (connection->is_closing)
            connection->request->http = NULL;
    }
    if (listener->socket && listener->connection_count == CONNECTIONS_MOST - 1)
        evconnlistener_enable(evhttp_bound_socket_get_listener(listener->socket));
    free(connection->line);
    free(connection);
    if (answer)
        stream_gone(answer);
}

struct bufferevent *connection_accept(struct event_base *loop, void *context)
{
    struct listener *listener = context;
    struct connection *connection = memory_alloc(sizeof *connection);
    connection->listener = listener;
    connection->stream = bufferevent_socket_new(loop, -1, BEV_OPT_CLOSE_ON_FREE);
    if (!connection->stream)
        abort();
    bufferevent_incref(connection->stream);
    bufferevent_set_max_single_write(connection->stream, SINGLE_WRITE_BYTES);
    connection->body_most_bytes = ROUTE_BODY_DEFAULT_BYTES;
    bufferevent_setwatermark(connection->stream, EV_READ, 0,
                             HEADERS_MOST_BYTES + ROUTE_BODY_DEFAULT_BYTES + PIPELINED_MOST_BYTES);
    evbuffer_add_cb(bufferevent_get_input(connection->stream), on_input, connection);
    evbuffer_add_cb(bufferevent_get_output(connection->stream), on_output, connection);
    TAILQ_INSERT_TAIL(&listener->fresh, connection, all);
    event_active(listener->on_fresh, EV_TIMEOUT, 0);
    return connection->stream;
}

static void index_by_descriptor(struct listener *listener, struct connection *connection)
{
    int fd = bufferevent_getfd(connection->stream);
    if (fd >= listener->descriptor_space) {
        int space = fd < 64 ? 64 : fd * 2;
        size_t old = (size_t)listener->descriptor_space, new = (size_t)space;
        listener->by_descriptor =
            memory_grow(listener->by_descriptor, new * sizeof *listener->by_descriptor);
        memset(listener->by_descriptor + old, 0, (new - old) * sizeof *listener->by_descriptor);
        listener->descriptor_space = space;
    }
    listener->by_descriptor[fd] = connection;
}

static void drop_fresh(struct connection *connection)
{
    TAILQ_REMOVE(&connection->listener->fresh, connection, all);
    forget_callbacks(connection);
    bufferevent_decref(connection->stream);
    free(connection);
}

/* evhttp sets its connection as the context of the bufferevent's callbacks, until it gives the
 * bufferevent up. */
static struct evhttp_connection *owner(const struct connection *connection)
{
    void *context = NULL;
    bufferevent_getcb(connection->stream, NULL, NULL, NULL, &context);
    return context;
}

static void adopt(struct connection *connection)
{
    struct listener *listener = connection->listener;
    TAILQ_REMOVE(&listener->fresh, connection, all);
    TAILQ_INSERT_TAIL(&listener->connections, connection, all);
    connection->http = owner(connection);
    connection->waiting_since_us = clock_monotonic_us();
    evhttp_connection_set_closecb(connection->http, on_close, connection);
    index_by_descriptor(listener, connection);
    bufferevent_decref(connection->stream);
    listener->connection_count++;
    metrics_set_connections(listener->counters, listener->connection_count);
    if (listener->connection_count == CONNECTIONS_MOST && listener->socket)
        evconnlistener_disable(evhttp_bound_socket_get_listener(listener->socket));
}

void connection_on_fresh(evutil_socket_t fd, short what, void *context)
{
    struct listener *listener = context;
    struct connection *connection;
    (void)fd;
    (void)what;
    while ((connection = TAILQ_FIRST(&listener->fresh)) != NULL) {
        if (owner(connection))
            adopt(connection);
        else
            drop_fresh(connection);
    }
}

void connection_finish(struct listener *listener)
{
    struct connection *connection;
    while ((connection = TAILQ_FIRST(&listener->fresh)) != NULL)
        drop_fresh(connection);
}

struct connection *connection_of(struct listener *listener, struct evhttp_request *http)
{
    struct evhttp_connection *connection = evhttp_request_get_connection(http);
    if (!connection)
        return NULL;
    int fd = bufferevent_getfd(evhttp_connection_get_bufferevent(connection));
    return fd >= 0 && fd < listener->descriptor_space ? listener->by_descriptor[fd] : NULL;
}

static bool is_sending(const struct connection *connection)
{
    return evbuffer_get_length(bufferevent_get_output(connection->stream)) > 0;
}

bool connection_is_idle(const struct connection *connection)
{
    return !connection->request && !connection->answer && !connection->has_input &&
           !is_sending(connection);
}

void connection_answered(struct connection *connection)
{
    connection->request = NULL;
    connection->answer = NULL;
    connection->waiting_since_us = connection->began_us = clock_monotonic_us();
    hold(connection, evbuffer_get_length(bufferevent_get_input(connection->stream)));
    connection->has_input = connection->held_bytes > 0;
    free(connection->line);
    connection->line = NULL;
    if (connection->has_input)
        read_ahead(connection);
}

static void on_sent(struct evhttp_request *answer, void *listener)
{
    struct connection *connection = connection_of(listener, answer);
    if (!connection)
        return;
    connection->slow_since_us = 0;
    int64_t us = connection->listener->options.read_timeout_us;
    const struct timeval both = {.tv_sec = us / CLOCK_SECOND_US, .tv_usec = us % CLOCK_SECOND_US};
    bufferevent_set_timeouts(connection->stream, &both, &both);
}

void connection_allow_slow_reading(struct connection *connection, struct evhttp_request *answer)
{
    const struct timeval write = {.tv_sec = WRITE_TIMEOUT_S};
    bufferevent_set_timeouts(connection->stream, NULL, &write);
    connection->slow_since_us = connection->window_since_us = clock_monotonic_us();
    connection->window_bytes = 0;
    evhttp_request_set_on_complete_cb(answer, on_sent, connection->listener);
}

/*
 * evhttp would write in the next turn of the loop, with four changes of epoll. Most answers fit
 * into the socket at once. Writing them here, and then triggering evhttp's write callback, saves
 * half of the system calls of a small answer. The callback is deferred, because evhttp is still
 * working on the request further up the stack.
 */
void connection_write(struct connection *connection)
{
    struct evbuffer *output = bufferevent_get_output(connection->stream);
    evbuffer_unfreeze(output, 1);
    evbuffer_write(output, bufferevent_getfd(connection->stream));
    evbuffer_freeze(output, 1);
    if (evbuffer_get_length(output) > 0)
        return;
    bufferevent_disable(connection->stream, EV_WRITE);
    bufferevent_trigger(connection->stream, EV_WRITE, BEV_OPT_DEFER_CALLBACKS);
}

void connection_close(struct connection *connection)
{
    connection->is_closing = true;
    evhttp_connection_free(connection->http);
}

/* The answer may be short of data, so only a full buffer counts against the client. */
static bool reads_too_slowly(struct connection *connection, int64_t now_us)
{
    int64_t window_us = now_us - connection->window_since_us;
    if (is_sending(connection) && window_us < WRITE_TIMEOUT_S * CLOCK_SECOND_US)
        return false;
    bool is_slow = is_sending(connection) && (int64_t)connection->window_bytes <
                                                 READING_LEAST_BYTES * window_us / CLOCK_SECOND_US;
    connection->window_since_us = now_us;
    connection->window_bytes = 0;
    return is_slow;
}

static bool is_overdue(struct connection *connection, int64_t now_us)
{
    const struct listener_options *options = &connection->listener->options;
    if (connection->answer && stream_is_endless(connection->answer))
        return false;
    if (connection->slow_since_us)
        return reads_too_slowly(connection, now_us) ||
               (options->transfer_us > 0 &&
                now_us - connection->slow_since_us > options->transfer_us);
    return !connection->request && !is_sending(connection) &&
           now_us - connection->waiting_since_us > PATIENCE * options->read_timeout_us;
}

static void tell_dropped(struct listener *listener)
{
    if (listener->uploads_dropped > 0)
        log_event(LOG_WARNING, "uploads_dropped", log_number("count", listener->uploads_dropped),
                  log_number("limit_bytes", INPUT_MOST_BYTES));
    listener->uploads_dropped = 0;
}

/* evhttp's timeouts never end a client that sends or reads a byte now and then. */
void connection_on_sweep(evutil_socket_t fd, short what, void *context)
{
    struct listener *listener = context;
    int64_t now_us = clock_monotonic_us();
    struct connection *connection, *next;
    (void)fd;
    (void)what;
    for (connection = TAILQ_FIRST(&listener->connections); connection; connection = next) {
        next = TAILQ_NEXT(connection, all);
        if (is_overdue(connection, now_us))
            connection_close(connection);
    }
    tell_dropped(listener);
}

void connection_on_accept_error(struct evconnlistener *socket, void *context)
{
    struct listener *listener = context;
    const struct timeval rest = {.tv_usec = REST_MS * 1000};
    log_event(LOG_ERROR, "accept_failed", log_text("reason", strerror(errno)),
              log_number("connections", listener->connection_count));
    evconnlistener_disable(socket);
    event_add(listener->on_rest, &rest);
}

void connection_on_rest(evutil_socket_t fd, short what, void *context)
{
    struct listener *listener = context;
    (void)fd;
    (void)what;
    if (listener->socket && listener->connection_count < CONNECTIONS_MOST)
        evconnlistener_enable(evhttp_bound_socket_get_listener(listener->socket));
}
