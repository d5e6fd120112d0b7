/*
 * One libpq connection on an event loop. It reconnects after a loss: first at once, then with
 * backoff. It does not know the commands. All callbacks run from the loop, never inside a call to
 * the link.
 */
#ifndef EINLASS_DB_LINK_H
#define EINLASS_DB_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include <libpq-fe.h>

struct event_base;
struct link;

struct link_options {
    struct event_base *loop;
    const char *conninfo;

    /* Connected and non-blocking. */
    void (*on_up)(void *context);

    /* Input was consumed: call PQgetResult() while PQisBusy() is false. */
    void (*on_input)(void *context);

    /* The connection is lost; its PGconn is freed. */
    void (*on_down)(void *context);

    /* It cannot connect for a reason that waiting does not repair. It retries anyway. */
    void (*on_hopeless)(void *context, const char *sentence);
    void *context;
};

struct link *link_create(const struct link_options *options);
void link_destroy(struct link *link);

/* NULL unless it is up. */
PGconn *link_pg(struct link *link);

/* Writes libpq's buffer when the socket is writable. Call it after every PQsend…(). */
void link_flush(struct link *link);

/* Closes the connection soon, from the loop, and reconnects. `why` is for the log. */
void link_drop(struct link *link, const char *why);

/* Ends an outage in the log: the owner can use the connection. */
void link_settled(struct link *link);

/* clock_monotonic_us() of the last input. */
int64_t link_heard_us(const struct link *link);

#endif
