/*
 * When a connection is closed while its client sends, the kernel resets it, and the client may not
 * get the answer. So the service reads and drops the client's data for a while, until the client
 * closes or a limit is reached (RFC 9112, section 9.6).
 */
#ifndef EINLASS_HTTP_LINGER_H
#define EINLASS_HTTP_LINGER_H

#include <event2/event.h>
#include <event2/http.h>

struct linger_list;

struct linger_list *linger_create(struct event_base *loop);
void linger_destroy(struct linger_list *list);

/* Lingers after evhttp has sent the answer to this request and closes the connection. */
void linger_after(struct linger_list *list, struct evhttp_request *http);

#endif
