#include "http/linger.h"

#include <errno.h>
#include <event2/bufferevent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/queue.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"

enum {
    LINGERING_MOST = 256,
    SILENCE_MOST_S = 2,
    WHOLE_MOST_S = 15,
    BYTES_MOST = 64 * 1024 * 1024,
    READ_BYTES = 64 * 1024,
};

struct lingering {
    TAILQ_ENTRY(lingering) all;
    struct linger_list *list;
    struct event *on_input;
    size_t bytes;
    int64_t since_us;
};

TAILQ_HEAD(lingering_list, lingering);

struct linger_list {
    struct event_base *loop;
    struct lingering_list all;
    int count;
    char scratch[READ_BYTES];
};

struct linger_list *linger_create(struct event_base *loop)
{
    struct linger_list *list = memory_alloc(sizeof *list);
    list->loop = loop;
    TAILQ_INIT(&list->all);
    return list;
}

static void end(struct lingering *lingering)
{
    int fd = event_get_fd(lingering->on_input);
    TAILQ_REMOVE(&lingering->list->all, lingering, all);
    lingering->list->count--;
    event_free(lingering->on_input);
    close(fd);
    free(lingering);
}

void linger_destroy(struct linger_list *list)
{
    struct lingering *lingering;
    while (list && (lingering = TAILQ_FIRST(&list->all)) != NULL)
        end(lingering);
    free(list);
}

static void on_input(evutil_socket_t fd, short what, void *context)
{
    struct lingering *lingering = context;
    ssize_t bytes = -1;
    if (what & EV_READ)
        bytes = read(fd, lingering->list->scratch, READ_BYTES);
    if (what & EV_READ && bytes < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    lingering->bytes += bytes > 0 ? (size_t)bytes : 0;
    if (bytes <= 0 || lingering->bytes > BYTES_MOST ||
        clock_monotonic_us() - lingering->since_us > WHOLE_MOST_S * CLOCK_SECOND_US)
        end(lingering);
}

/* The answer is written; evhttp is about to shut the writing side down and to close. */
static void on_sent(struct evhttp_request *http, void *context)
{
    struct linger_list *list = context;
    const struct timeval silence = {.tv_sec = SILENCE_MOST_S};
    struct evhttp_connection *connection = evhttp_request_get_connection(http);
    if (!connection || list->count == LINGERING_MOST)
        return;
    struct bufferevent *stream = evhttp_connection_get_bufferevent(connection);
    int fd = fcntl(bufferevent_getfd(stream), F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        return;
    /* epoll would go on watching a descriptor that is closed while its duplicate lives. */
    bufferevent_disable(stream, EV_READ | EV_WRITE);
    struct lingering *lingering = memory_alloc(sizeof *lingering);
    lingering->list = list;
    lingering->since_us = clock_monotonic_us();
    lingering->on_input = event_new(list->loop, fd, EV_READ | EV_PERSIST, on_input, lingering);
    TAILQ_INSERT_TAIL(&list->all, lingering, all);
    list->count++;
    event_add(lingering->on_input, &silence);
}

void linger_after(struct linger_list *list, struct evhttp_request *http)
{
    evhttp_request_set_on_complete_cb(http, on_sent, list);
}
