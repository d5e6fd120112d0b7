#include "db/link.h"

#include <sys/random.h>

#include <event2/event.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "db/conninfo.h"

/* After a connection that lasted so long, the backoff starts again at its shortest pause. */
#define LASTED_US (5 * CLOCK_SECOND_US)
#define CONNECT_LIMIT_US (30 * CLOCK_SECOND_US)
#define PAUSE_LEAST_US (CLOCK_SECOND_US / 10)
#define PAUSE_MOST_US (5 * CLOCK_SECOND_US)

enum link_state { LINK_RESTING, LINK_CONNECTING, LINK_UP };

struct link {
    struct link_options options;
    char *conninfo;
    enum link_state state;
    PGconn *pg; /* NULL while resting */
    struct event *reading, *writing, *timer, *dropping;
    int attempts; /* since the last good connection */
    int64_t up_us, heard_us;
    bool outage_logged;
    char *why; /* link_drop() was called */
};

static void on_connecting(evutil_socket_t socket, short what, void *context);
static void on_readable(evutil_socket_t socket, short what, void *context);
static void on_writable(evutil_socket_t socket, short what, void *context);

static void free_event(struct event **event)
{
    if (*event)
        event_free(*event);
    *event = NULL;
}

static void arm_timer(struct link *link, int64_t in_us)
{
    struct timeval time = {.tv_sec = in_us / CLOCK_SECOND_US, .tv_usec = in_us % CLOCK_SECOND_US};
    evtimer_add(link->timer, &time);
}

/* Doubles with each attempt. The jitter keeps workers from connecting all at once. */
static int64_t next_pause_us(struct link *link)
{
    int64_t pause_us = 0;
    if (link->attempts > 0) {
        int doublings = link->attempts < 7 ? link->attempts - 1 : 6;
        uint16_t jitter = 0;
        (void)!getrandom(&jitter, sizeof jitter, GRND_NONBLOCK);
        pause_us = PAUSE_LEAST_US << doublings;
        pause_us = pause_us < PAUSE_MOST_US ? pause_us : PAUSE_MOST_US;
        pause_us = pause_us / 2 + pause_us / 2 * jitter / UINT16_MAX;
    }
    link->attempts++;
    return pause_us;
}

/* Only this function changes the state, with its events and its timer. */
static void move_to(struct link *link, enum link_state state)
{
    link->state = state;
    free_event(&link->reading);
    free_event(&link->writing);
    evtimer_del(link->timer);
    switch (state) {
    case LINK_RESTING:
        PQfinish(link->pg);
        link->pg = NULL;
        event_del(link->dropping);
        free(link->why);
        link->why = NULL;
        arm_timer(link, next_pause_us(link));
        break;
    case LINK_CONNECTING:
        arm_timer(link, CONNECT_LIMIT_US);
        break;
    case LINK_UP:
        PQsetnonblocking(link->pg, 1);
        PQsetErrorVerbosity(link->pg, PQERRORS_DEFAULT);
        link->up_us = link->heard_us = clock_monotonic_us();
        link->reading = event_new(link->options.loop, PQsocket(link->pg), EV_READ | EV_PERSIST,
                                  on_readable, link);
        link->writing =
            event_new(link->options.loop, PQsocket(link->pg), EV_WRITE, on_writable, link);
        event_add(link->reading, NULL);
        break;
    }
}

/* Warns once per outage; failed retries are only debug lines. */
static void log_outage(struct link *link, const char *sentence)
{
    if (link->outage_logged)
        log_event(LOG_DEBUG, "database_still_away", log_text("reason", sentence));
    else
        log_event(LOG_WARNING, "database_lost", log_text("reason", sentence));
    link->outage_logged = true;
}

static void give_up(struct link *link)
{
    bool was_up = link->state == LINK_UP, hopeless = conninfo_is_hopeless(link->pg);
    struct buffer sentence = {0};
    if (link->why)
        buffer_add_text(&sentence, link->why);
    else
        conninfo_error(link->pg, &sentence);
    log_outage(link, buffer_text(&sentence));
    if (was_up && clock_monotonic_us() - link->up_us >= LASTED_US)
        link->attempts = 0;
    move_to(link, LINK_RESTING);
    if (was_up)
        link->options.on_down(link->options.context);
    else if (hopeless)
        link->options.on_hopeless(link->options.context, buffer_text(&sentence));
    buffer_finish(&sentence);
}

static void come_up(struct link *link)
{
    move_to(link, LINK_UP);
    link->options.on_up(link->options.context);
}

/* Each step may use another socket (next address, next host). */
static void wait_for(struct link *link, short what)
{
    free_event(&link->reading);
    link->reading = event_new(link->options.loop, PQsocket(link->pg), what, on_connecting, link);
    event_add(link->reading, NULL);
}

static void on_connecting(evutil_socket_t socket, short what, void *context)
{
    struct link *link = context;
    (void)socket, (void)what;
    switch (PQconnectPoll(link->pg)) {
    case PGRES_POLLING_OK:
        come_up(link);
        break;
    case PGRES_POLLING_READING:
        wait_for(link, EV_READ);
        break;
    case PGRES_POLLING_WRITING:
        wait_for(link, EV_WRITE);
        break;
    case PGRES_POLLING_FAILED:
    case PGRES_POLLING_ACTIVE: /* unused by libpq */
        give_up(link);
    }
}

static void start(struct link *link)
{
    link->pg = conninfo_start(link->options.conninfo);
    move_to(link, LINK_CONNECTING);
    if (PQstatus(link->pg) == CONNECTION_BAD)
        give_up(link);
    else
        wait_for(link, EV_WRITE);
}

static void on_timer(evutil_socket_t socket, short what, void *context)
{
    struct link *link = context;
    (void)socket, (void)what;
    if (link->state == LINK_RESTING) {
        start(link);
    } else {
        link->why = memory_copy("no answer while connecting");
        give_up(link);
    }
}

static void on_readable(evutil_socket_t socket, short what, void *context)
{
    struct link *link = context;
    (void)socket, (void)what;
    link->heard_us = clock_monotonic_us();
    if (!PQconsumeInput(link->pg)) {
        give_up(link);
        return;
    }
    link->options.on_input(link->options.context);
    /* Reading may have made room for the rest of the output. */
    link_flush(link);
}

static void on_writable(evutil_socket_t socket, short what, void *context)
{
    (void)socket, (void)what;
    link_flush(context);
}

static void on_dropping(evutil_socket_t socket, short what, void *context)
{
    struct link *link = context;
    (void)socket, (void)what;
    if (link->state == LINK_UP)
        give_up(link);
}

struct link *link_create(const struct link_options *options)
{
    struct link *link = memory_alloc(sizeof *link);
    link->options = *options;
    link->conninfo = memory_copy(options->conninfo);
    link->options.conninfo = link->conninfo;
    link->timer = evtimer_new(options->loop, on_timer, link);
    link->dropping = event_new(options->loop, -1, 0, on_dropping, link);
    move_to(link, LINK_RESTING);
    return link;
}

void link_destroy(struct link *link)
{
    if (!link)
        return;
    free_event(&link->reading);
    free_event(&link->writing);
    free_event(&link->timer);
    free_event(&link->dropping);
    PQfinish(link->pg);
    free(link->why);
    free(link->conninfo);
    free(link);
}

PGconn *link_pg(struct link *link)
{
    return link->state == LINK_UP ? link->pg : NULL;
}

void link_flush(struct link *link)
{
    if (link->state != LINK_UP)
        return;
    int left = PQflush(link->pg);
    if (left > 0)
        event_add(link->writing, NULL);
    else if (left < 0)
        link_drop(link, PQerrorMessage(link->pg));
}

void link_drop(struct link *link, const char *why)
{
    if (link->state != LINK_UP || link->why)
        return;
    link->why = memory_copy(why);
    event_active(link->dropping, EV_TIMEOUT, 0);
}

void link_settled(struct link *link)
{
    if (link->outage_logged)
        log_event(LOG_INFO, "database_back");
    link->outage_logged = false;
}

int64_t link_heard_us(const struct link *link)
{
    return link->heard_us;
}
