/* A worker's listener: accepts connections on its socket of the shared address, reads requests with
 * evhttp, and runs their steps. */
#ifndef EINLASS_HTTP_LISTENER_H
#define EINLASS_HTTP_LISTENER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/memory.h"
#include "http/drain.h"
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
    const struct locale_set *locales; /* words and pages */
    const char *public_url;      /* for absolute links in pages (Open Graph); NULL: from Host */
    const char *trusted_proxies; /* see trust.h; NULL: none */
    int64_t deadline_us;         /* from the last byte of a request to its reply */
    int64_t read_timeout_us;     /* of a client that has stopped sending, or is idle */
    int64_t transfer_us;         /* of a client that reads an answer slowly; 0: any time */
    struct drain_limits drain;

    /* Steps of features, see request.h. */
    void (*identify)(struct request *request);
    void (*find_scope)(struct request *request);

    /* Returns how long a body of a row with body_of_event may be, before it is read. */
    size_t (*form_bytes)(struct worker *worker, const struct router_match *match);
};

/* False: ret_error has the reason. */
MUST_CHECK bool listener_create(const struct listener_options *options,
                                struct listener **ret_listener, struct buffer *ret_error);

/* Ends the listener, see drain.h. Serves on for delay_us, or for longer while there is work from
 * before or somebody downloads. Calls on_drained when no request is left, after listener_drain has
 * returned. */
void listener_drain(struct listener *listener, int64_t delay_us, void (*on_drained)(void *context),
                    void *context);
bool listener_is_draining(const struct listener *listener);

/* Call it only when no request is pending, as after draining. Takes NULL. */
void listener_destroy(struct listener *listener);

#endif
