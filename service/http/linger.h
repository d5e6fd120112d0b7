/*
 * Closing a connection while its client still sends makes the kernel reset it, and the client may
 * never see the answer that says why. So the reading side stays open for a while, and what comes
 * is thrown away, until the client closes or a limit is passed (RFC 9112 section 9.6).
 */
#ifndef EINLASS_HTTP_LINGER_H
#define EINLASS_HTTP_LINGER_H

#include <event2/event.h>
#include <event2/http.h>

struct linger_list;

struct linger_list *linger_create(struct event_base *loop);
void linger_destroy(struct linger_list *list);

/* Once the answer to this request is sent and evhttp closes its connection. */
void linger_after(struct linger_list *list, struct evhttp_request *http);

#endif
