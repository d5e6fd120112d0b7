/*
 * evhttp's timeouts rest while a request waits for its answer, so we keep time ourselves. All
 * requests of a listener have the same patience: the list in the order they came is in the order
 * of their deadlines, and one timer looks at its head.
 */
#include "base/clock.h"
#include "http/exchange.h"

enum { RETRY_AFTER_S = 2 };

static void set_timer(struct listener *listener)
{
    struct request *oldest = TAILQ_FIRST(&listener->requests);
    int64_t left_us = oldest->deadline_us - clock_monotonic_us();
    if (left_us < 0)
        left_us = 0;
    const struct timeval left = {.tv_sec = left_us / CLOCK_SECOND_US,
                                 .tv_usec = left_us % CLOCK_SECOND_US};
    event_add(listener->on_deadline, &left);
}

void deadline_add(struct request *request)
{
    struct listener *listener = request->listener;
    TAILQ_INSERT_TAIL(&listener->requests, request, by_age);
    request->has_deadline = true;
    if (!event_pending(listener->on_deadline, EV_TIMEOUT, NULL))
        set_timer(listener);
}

/* The timer stays as it is: a busy service would move it with every request. */
void deadline_remove(struct request *request)
{
    if (!request->has_deadline)
        return;
    request->has_deadline = false;
    TAILQ_REMOVE(&request->listener->requests, request, by_age);
}

void deadline_on_time(evutil_socket_t fd, short what, void *context)
{
    struct listener *listener = context;
    struct request *oldest;
    int64_t now_us = clock_monotonic_us();
    (void)fd;
    (void)what;
    while ((oldest = TAILQ_FIRST(&listener->requests)) != NULL && oldest->deadline_us <= now_us)
        reply_late(oldest, RETRY_AFTER_S);
    if (oldest)
        set_timer(listener);
}
