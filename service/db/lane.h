/*
 * A lane: some connections, and a bounded queue of jobs that each need one of them. A job goes to
 * the connection with the fewest jobs; as long as it waits it has a deadline.
 */
#ifndef EINLASS_DB_LANE_H
#define EINLASS_DB_LANE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "db/connection.h"
#include "db/db.h"

struct berth;
struct job;
struct lane;

struct job_kind {
    /* The job's turn: it sends something over the connection. No callbacks to strangers. */
    void (*start)(struct job *job, struct connection *connection);

    /* The connection died, whatever the job had asked is forgotten. The job is still on its berth:
     * lane_again() or lane_leave(). */
    void (*on_lost)(struct job *job);

    /* The deadline passed. While waiting it has been taken off the lane; while running it stays on
     * its connection, as its result will come. */
    void (*on_late)(struct job *job);

    /* The lane is being destroyed and knows the job no more. */
    void (*on_stopping)(struct job *job);
};

/* Embedded; zeroed before lane_add(), but for the kind. */
struct job {
    const struct job_kind *kind;
    TAILQ_ENTRY(job) place, awaited_place; /* in the queue or on the berth; among the awaited */
    uint64_t number;                       /* the order of arrival */
    int64_t deadline_us;                   /* clock_monotonic_us() */
    struct berth *berth;                   /* NULL while it waits */
    bool is_awaited;                       /* its deadline counts */
};

struct lane_options {
    struct event_base *loop;
    int connections, jobs_most_each; /* at once on one connection */
    size_t queue_most;
    int64_t deadline_us;
    int64_t silence_most_us; /* a connection that says nothing for so long is dead; 0: never */
    struct connection_options connection; /* but for its callbacks */
    void (*on_fatal)(void *context, const char *sentence);
    void *context;
};

struct lane *lane_create(const struct lane_options *options);

/* Tells every job with on_stopping. Takes NULL. */
void lane_destroy(struct lane *lane);

/* False: as many wait or run as may. */
MUST_CHECK bool lane_add(struct lane *lane, struct job *job);

/* A running job goes back to its place in the queue, to be started again; with a new deadline where
 * the old one was forgotten. */
void lane_again(struct lane *lane, struct job *job);

/* A running or waiting job is done: its connection is free for the next. */
void lane_leave(struct lane *lane, struct job *job);

/* Its deadline does not matter any more. */
void lane_forget_deadline(struct lane *lane, struct job *job);

int lane_ready_connections(const struct lane *lane);
int lane_schema_version(const struct lane *lane);
bool lane_waits_for_schema(const struct lane *lane);
size_t lane_waiting(const struct lane *lane);
size_t lane_running(const struct lane *lane);
uint64_t lane_reconnects(const struct lane *lane);

/* The connection a running job is on. */
struct connection *lane_connection(const struct job *job);

#endif
