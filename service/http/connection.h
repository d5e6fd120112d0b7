/*
 * The connections of a listener: counted and limited, closed when their client does not get on
 * with its request, and told apart while draining. evhttp keeps connections to itself; we learn of
 * each by making its bufferevent and of its end by evhttp's close callback.
 */
#ifndef EINLASS_HTTP_CONNECTION_H
#define EINLASS_HTTP_CONNECTION_H

#include "http/exchange.h"

/* For evhttp_set_bevcb. */
struct bufferevent *connection_accept(struct event_base *loop, void *listener);

/* For the listener's events: takes up what was accepted in this turn of the loop; looks after
 * those that wait too long; accepts again after a rest. */
void connection_on_fresh(evutil_socket_t fd, short what, void *listener);
void connection_on_sweep(evutil_socket_t fd, short what, void *listener);
void connection_on_rest(evutil_socket_t fd, short what, void *listener);

/* For evconnlistener_set_error_cb: no descriptors left. */
void connection_on_accept_error(struct evconnlistener *socket, void *listener);

/* The connection a request came on; NULL: it is closed. */
struct connection *connection_of(struct listener *listener, struct evhttp_request *http);

/* Whether it waits for the first byte of a request. */
bool connection_is_idle(const struct connection *connection);

/* Its answer was given (or its stream ended). */
void connection_answered(struct connection *connection);

/* evhttp's read timeout runs while an answer is sent, and would cut off who reads a large one
 * slowly: until this one is sent, only WRITE_TIMEOUT_S without progress does. */
void connection_allow_slow_reading(struct connection *connection, struct evhttp_request *answer);

/* Writes what evhttp was given, as far as the socket takes it; the rest goes its usual way. */
void connection_write(struct connection *connection);

/* Closes it at once, whatever is being sent. */
void connection_close(struct connection *connection);

/* Frees those that evhttp has not got hold of; the others end with evhttp_free. */
void connection_finish(struct listener *listener);

#endif
