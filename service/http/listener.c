#include "http/listener.h"

#include <event2/listener.h>
#include <inttypes.h>
#include <strings.h>
#include <unistd.h>
#include <zlib.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/memory.h"
#include "http/assets.h"
#include "http/exchange.h"
#include "http/connection.h"
#include "http/linger.h"
#include "http/listening.h"
#include "http/metrics.h"

static const int allowed_methods = EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST |
                                   EVHTTP_REQ_PUT | EVHTTP_REQ_PATCH | EVHTTP_REQ_DELETE |
                                   EVHTTP_REQ_OPTIONS;

/* Removes the slash at the end. The origin is the part before the path (RFC 6454, section 6.2). */
static void set_public_url(struct listener *listener, const char *url)
{
    const char *authority = url ? strstr(url, "://") : NULL;
    if (!authority)
        return;
    listener->public_url = memory_copy(url);
    size_t length = strlen(url);
    while (length > 0 && listener->public_url[length - 1] == '/')
        listener->public_url[--length] = '\0';
    listener->public_origin = memory_copy(listener->public_url);
    listener->public_origin[(size_t)(authority - url) + 3 + strcspn(authority + 3, "/")] = '\0';
    listener->is_secure = strncasecmp(url, "https:", 6) == 0;
}

/* The id of a request is a random prefix and a count. */
static void set_id_prefix(struct listener *listener)
{
    struct id id;
    char text[ID_TEXT_BYTES];
    id_make(&id);
    id_format(&id, text);
    memcpy(listener->id_prefix, text + ID_TEXT_BYTES - 1 - 8, 8);
}

static void start_evhttp(struct listener *listener)
{
    const struct listener_options *options = &listener->options;
    const struct timeval read_timeout = {.tv_sec = options->read_timeout_us / CLOCK_SECOND_US,
                                         .tv_usec = options->read_timeout_us % CLOCK_SECOND_US};
    listener->http = evhttp_new(options->loop);
    evhttp_set_max_headers_size(listener->http, HEADERS_MOST_BYTES);
    evhttp_set_max_body_size(listener->http, ROUTE_BODY_DEFAULT_BYTES);
    evhttp_set_timeout_tv(listener->http, &read_timeout);
    evhttp_set_allowed_methods(listener->http, (ev_uint16_t)allowed_methods);
    evhttp_set_default_content_type(listener->http, NULL);
    evhttp_set_bevcb(listener->http, connection_accept, listener);
    evhttp_set_gencb(listener->http, dispatch_request, listener);
}

static void make_timers(struct listener *listener)
{
    struct event_base *loop = listener->options.loop;
    const struct timeval sweep = {.tv_sec = 5};
    listener->on_fresh = event_new(loop, -1, 0, connection_on_fresh, listener);
    listener->on_rest = event_new(loop, -1, 0, connection_on_rest, listener);
    listener->on_full = event_new(loop, -1, 0, connection_on_full, listener);
    listener->on_deadline = event_new(loop, -1, 0, request_on_deadline, listener);
    listener->on_sweep = event_new(loop, -1, EV_PERSIST, connection_on_sweep, listener);
    event_add(listener->on_sweep, &sweep);
}

static void init(struct listener *listener, const struct listener_options *options)
{
    listener->options = *options;
    TAILQ_INIT(&listener->connections);
    TAILQ_INIT(&listener->fresh);
    TAILQ_INIT(&listener->requests);
    set_public_url(listener, options->public_url);
    set_id_prefix(listener);
    listener->counters = metrics_create(router_size(options->router));
    listener->compressor = compress_create(Z_BEST_SPEED);
    listener->assets = assets_create();
    listener->lingering = linger_create(options->loop);
    listener->log = metrics_log_create(options->loop);
    make_timers(listener);
    start_evhttp(listener);
}

bool listener_create(const struct listener_options *options, struct listener **ret_listener,
                     struct buffer *ret_error)
{
    struct trust trust;
    if (!trust_parse(options->trusted_proxies, &trust, ret_error))
        return false;
    int fd = listening_socket(options->listening, ret_error);
    if (fd < 0)
        return false;
    struct listener *listener = memory_alloc(sizeof *listener);
    listener->trust = trust;
    init(listener, options);
    listener->socket = evhttp_accept_socket_with_handle(listener->http, fd);
    evconnlistener_set_error_cb(evhttp_bound_socket_get_listener(listener->socket),
                                connection_on_accept_error);
    *ret_listener = listener;
    return true;
}

static void free_event(struct event *event)
{
    if (event)
        event_free(event);
}

void listener_destroy(struct listener *listener)
{
    if (!listener)
        return;
    listener->socket = NULL;
    connection_finish(listener);
    evhttp_free(listener->http);
    linger_destroy(listener->lingering);
    metrics_log_destroy(listener->log);
    assets_destroy(listener->assets);
    compress_destroy(listener->compressor);
    metrics_destroy(listener->counters);
    free_event(listener->on_fresh);
    free_event(listener->on_rest);
    free_event(listener->on_full);
    free_event(listener->on_deadline);
    free_event(listener->on_sweep);
    free_event(listener->drain.on_step);
    free(listener->by_descriptor);
    free(listener->public_url);
    free(listener->public_origin);
    free(listener);
}
