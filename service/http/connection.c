#include "http/connection.h"

#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "http/metrics.h"

enum { REST_MS = 100, PIPELINED_MOST_BYTES = 64 * 1024, SINGLE_WRITE_BYTES = 128 * 1024 };

static void on_input(struct evbuffer *input, const struct evbuffer_cb_info *info, void *context)
{
    struct connection *connection = context;
    (void)input;
    if (info->n_added > 0)
        connection->has_input = true;
}

static void on_close(struct evhttp_connection *http, void *context)
{
    struct connection *connection = context;
    struct listener *listener = connection->listener;
    struct reply_stream *answer = connection->answer;
    (void)http;
    evbuffer_remove_cb(bufferevent_get_input(connection->stream), on_input, connection);
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
    bufferevent_setwatermark(connection->stream, EV_READ, 0,
                             HEADERS_MOST_BYTES + listener->body_most_bytes + PIPELINED_MOST_BYTES);
    evbuffer_add_cb(bufferevent_get_input(connection->stream), on_input, connection);
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
    evbuffer_remove_cb(bufferevent_get_input(connection->stream), on_input, connection);
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
    connection->waiting_since_us = clock_monotonic_us();
    connection->has_input = evbuffer_get_length(bufferevent_get_input(connection->stream)) > 0;
}

static void on_sent(struct evhttp_request *answer, void *listener)
{
    struct connection *connection = connection_of(listener, answer);
    if (!connection)
        return;
    int64_t us = connection->listener->options.read_timeout_us;
    const struct timeval both = {.tv_sec = us / CLOCK_SECOND_US, .tv_usec = us % CLOCK_SECOND_US};
    bufferevent_set_timeouts(connection->stream, &both, &both);
}

void connection_allow_slow_reading(struct connection *connection, struct evhttp_request *answer)
{
    const struct timeval write = {.tv_sec = WRITE_TIMEOUT_S};
    bufferevent_set_timeouts(connection->stream, NULL, &write);
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

/* evhttp's timeout never ends a client that sends a byte now and then. */
void connection_on_sweep(evutil_socket_t fd, short what, void *context)
{
    struct listener *listener = context;
    int64_t now_us = clock_monotonic_us(),
            patience_us = PATIENCE * listener->options.read_timeout_us;
    struct connection *connection, *next;
    (void)fd;
    (void)what;
    for (connection = TAILQ_FIRST(&listener->connections); connection; connection = next) {
        next = TAILQ_NEXT(connection, all);
        if (!connection->request && !connection->answer && !is_sending(connection) &&
            now_us - connection->waiting_since_us > patience_us)
            connection_close(connection);
    }
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
