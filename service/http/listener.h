/*
 * The door to the network of one worker: accepts on a socket of the shared address, reads requests
 * with evhttp and leads each through its steps.
 */
#ifndef EINLASS_HTTP_LISTENER_H
#define EINLASS_HTTP_LISTENER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/memory.h"
#include "http/request.h"
#include "http/router.h"

struct event_base;
struct listener;
struct listening;
struct locale_set;

struct listener_options {
    struct event_base *loop;
    struct worker *worker;
    struct listening *listening; /* outlives the listener, as do router and locales */
    const struct router *router;
    const struct locale_set *locales; /* wordings and pages */
    const char *public_url;      /* for absolute links in pages (Open Graph); NULL: from Host */
    const char *trusted_proxies; /* whose X-Forwarded-For counts, see trust.h; NULL: nobody's */
    int64_t deadline_us;         /* per request, from its last byte to the reply */
    int64_t read_timeout_us;     /* for a client to go on sending, and to send nothing at all */

    /* The steps that features provide, see request.h. */
    void (*identify)(struct request *request);
    void (*find_scope)(struct request *request);
};

/* False: ret_error says why. */
MUST_CHECK bool listener_create(const struct listener_options *options,
                                struct listener **ret_listener, struct buffer *ret_error);

/* Stops accepting, serves what has been sent, closes idle connections; on_drained comes when no
 * request is left, never before this returned. Connections the kernel had queued are still served;
 * streams are told to end (on_gone). */
void listener_drain(struct listener *listener, void (*on_drained)(void *context), void *context);

/* Only after draining (or when no request is pending). Takes NULL. */
void listener_destroy(struct listener *listener);

#endif
