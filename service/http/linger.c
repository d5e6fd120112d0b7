#include "http/linger.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/memory.h"

enum {
    LINGERING_MOST = 256,
    SILENCE_MOST_S = 2,
    WHOLE_MOST_S = 15,
    BYTES_MOST = 64 * 1024 * 1024,
};

/* Holds a reference to the bufferevent, which closes the socket when the reference ends. */
struct lingering {
    TAILQ_ENTRY(lingering) all;
    struct linger_list *list;
    struct bufferevent *stream;
    size_t bytes;
    int64_t since_us;
};

TAILQ_HEAD(lingering_list, lingering);

struct linger_list {
    struct lingering_list fresh, all;
    struct event *on_fresh;
    int count;
};

static void end(struct lingering *lingering)
{
    bufferevent_setcb(lingering->stream, NULL, NULL, NULL, NULL);
    bufferevent_disable(lingering->stream, EV_READ | EV_WRITE);
    bufferevent_decref(lingering->stream);
    lingering->list->count--;
    free(lingering);
}

static void on_input(struct bufferevent *stream, void *context)
{
    struct lingering *lingering = context;
    struct evbuffer *input = bufferevent_get_input(stream);
    size_t bytes = evbuffer_get_length(input);
    lingering->bytes += bytes;
    evbuffer_drain(input, bytes);
    if (lingering->bytes > BYTES_MOST ||
        clock_monotonic_us() - lingering->since_us > WHOLE_MOST_S * CLOCK_SECOND_US) {
        TAILQ_REMOVE(&lingering->list->all, lingering, all);
        end(lingering);
    }
}

static void on_end(struct bufferevent *stream, short what, void *context)
{
    struct lingering *lingering = context;
    (void)stream;
    (void)what;
    TAILQ_REMOVE(&lingering->list->all, lingering, all);
    end(lingering);
}

/* evhttp has given up the bufferevent and shut down the writing side. */
static void on_fresh(evutil_socket_t fd, short what, void *context)
{
    struct linger_list *list = context;
    struct lingering *lingering;
    const struct timeval silence = {.tv_sec = SILENCE_MOST_S};
    (void)fd;
    (void)what;
    while ((lingering = TAILQ_FIRST(&list->fresh)) != NULL) {
        TAILQ_REMOVE(&list->fresh, lingering, all);
        TAILQ_INSERT_TAIL(&list->all, lingering, all);
        bufferevent_setcb(lingering->stream, on_input, NULL, on_end, lingering);
        bufferevent_set_timeouts(lingering->stream, &silence, NULL);
        bufferevent_enable(lingering->stream, EV_READ);
        on_input(lingering->stream, lingering);
    }
}

struct linger_list *linger_create(struct event_base *loop)
{
    struct linger_list *list = memory_alloc(sizeof *list);
    list->on_fresh = event_new(loop, -1, 0, on_fresh, list);
    TAILQ_INIT(&list->fresh);
    TAILQ_INIT(&list->all);
    return list;
}

void linger_destroy(struct linger_list *list)
{
    if (!list)
        return;
    on_fresh(-1, 0, list);
    while (!TAILQ_EMPTY(&list->all))
        on_end(NULL, 0, TAILQ_FIRST(&list->all));
    event_free(list->on_fresh);
    free(list);
}

static void on_sent(struct evhttp_request *http, void *context)
{
    struct linger_list *list = context;
    struct evhttp_connection *connection = evhttp_request_get_connection(http);
    if (!connection || list->count == LINGERING_MOST)
        return;
    struct lingering *lingering = memory_alloc(sizeof *lingering);
    lingering->list = list;
    lingering->since_us = clock_monotonic_us();
    lingering->stream = evhttp_connection_get_bufferevent(connection);
    bufferevent_incref(lingering->stream);
    TAILQ_INSERT_TAIL(&list->fresh, lingering, all);
    list->count++;
    event_active(list->on_fresh, EV_TIMEOUT, 0);
}

void linger_after(struct linger_list *list, struct evhttp_request *http)
{
    evhttp_request_set_on_complete_cb(http, on_sent, list);
}
