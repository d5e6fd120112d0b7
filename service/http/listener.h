/*
 * The door to the network of one worker: accepts on the given address with SO_REUSEPORT (or a
 * shared unix socket), reads requests with evhttp and leads each through its steps.
 */
#ifndef EINLASS_HTTP_LISTENER_H
#define EINLASS_HTTP_LISTENER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "http/request.h"
#include "http/router.h"

struct event_base;
struct listener;
struct locale_set;
struct template_set;

struct listener_options {
    struct event_base *loop;
    struct worker *worker;
    const char *address; /* "127.0.0.1:8080", "[::1]:8080", ":8080", "unix:/run/einlass.sock" */
    const struct router *router;
    const struct locale_set *locales;
    const struct template_set *templates;
    const char *public_url;       /* for absolute links in pages (Open Graph) */
    const char *trusted_proxies;  /* addresses and networks whose X-Forwarded-For counts */
    int64_t deadline_us;          /* per request, from its head to the reply */
    int64_t read_timeout_us;      /* for a client to send its request */

    /* The steps that features provide, see request.h. */
    void (*identify)(struct request *request);
    void (*find_event)(struct request *request);
};

/* Port 0 takes a free one; listener_address tells. False: ret_error says why. */
MUST_CHECK bool listener_create(const struct listener_options *options,
                                struct listener **ret_listener, struct buffer *ret_error);
const char *listener_address(const struct listener *listener);

/* Stops accepting, serves what has been sent, closes idle connections; on_drained comes when no
 * request is left. Connections the kernel had queued are still served. */
void listener_drain(struct listener *listener, void (*on_drained)(void *context), void *context);

/* Only after draining (or when no request is pending). Takes NULL. */
void listener_destroy(struct listener *listener);

#endif
