/*
 * One libpq connection on an event loop: made, kept, and made again when it is lost, first at once
 * and then with growing pauses. Knows nothing of what is said over it. All callbacks run from the
 * loop, never from within a call to the link.
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

    /* Something came in and was consumed: take it with PQgetResult() while PQisBusy() is false. */
    void (*on_input)(void *context);

    /* It was up and is gone; the PGconn with it. */
    void (*on_down)(void *context);

    /* It cannot be made for a reason that waiting does not mend. It is tried again all the same. */
    void (*on_hopeless)(void *context, const char *sentence);
    void *context;
};

struct link *link_create(const struct link_options *options);
void link_destroy(struct link *link);

/* NULL unless it is up. */
PGconn *link_pg(struct link *link);

/* Sends what libpq still holds, as soon as the socket takes it. Call after anything was sent. */
void link_flush(struct link *link);

/* Gives the connection up, from the loop and soon, and makes another. `why` is for the log. */
void link_drop(struct link *link, const char *why);

/* The owner is content with the connection: the outage, if there was one, is over. */
void link_settled(struct link *link);

/* clock_monotonic_us() of the last input. */
int64_t link_heard_us(const struct link *link);

#endif
