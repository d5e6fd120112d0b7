/*
 * The connections of a listener. Limits their number, closes those of slow clients, and finds idle
 * ones while the listener drains. evhttp hides its connections. So this room sees a connection when
 * it makes the bufferevent, and its end in evhttp's close callback.
 */
#ifndef EINLASS_HTTP_CONNECTION_H
#define EINLASS_HTTP_CONNECTION_H

#include "http/exchange.h"

/* For evhttp_set_bevcb. */
struct bufferevent *connection_accept(struct event_base *loop, void *listener);

/* Callbacks of the listener's events: adopt connections that were accepted in this turn of the
 * loop, close connections that waited or read too long, accept again after a pause, and close slow
 * uploads when the worker holds too much. */
void connection_on_fresh(evutil_socket_t fd, short what, void *listener);
void connection_on_sweep(evutil_socket_t fd, short what, void *listener);
void connection_on_rest(evutil_socket_t fd, short what, void *listener);
void connection_on_full(evutil_socket_t fd, short what, void *listener);

/* For evconnlistener_set_error_cb: the process has no file descriptors left. */
void connection_on_accept_error(struct evconnlistener *socket, void *listener);

/* Returns the connection of a request. NULL: it is closed. */
struct connection *connection_of(struct listener *listener, struct evhttp_request *http);

/* Returns whether the connection waits for the first byte of a request. */
bool connection_is_idle(const struct connection *connection);

/* The request was answered, or the stream has ended. */
void connection_answered(struct connection *connection);

/* evhttp's read timeout runs while an answer is sent, and would end clients that read slowly. Until
 * this answer is sent, other limits end them: WRITE_TIMEOUT_S without progress, less than
 * READING_LEAST_BYTES a second, and listener_options.transfer_us. */
void connection_allow_slow_reading(struct connection *connection, struct evhttp_request *answer);

/* Writes as much of evhttp's output as the socket takes. evhttp writes the rest. */
void connection_write(struct connection *connection);

/* Closes the connection at once, even while it sends. */
void connection_close(struct connection *connection);

/* Frees connections that evhttp has not adopted. evhttp_free ends the others. */
void connection_finish(struct listener *listener);

#endif
