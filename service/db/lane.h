/*
 * A lane has some connections and a bounded queue of jobs. A job runs on the connection with the
 * fewest jobs. A waiting job has a deadline.
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
    /* The job sends its commands. It must not call the user's callbacks. */
    void (*start)(struct job *job, struct db_connection *connection);

    /* The connection is lost and with it the job's commands. The job is still on its berth: call
     * lane_again() or lane_leave(). */
    void (*on_lost)(struct job *job);

    /* The deadline passed. A waiting job has left the lane; a running job stays on its connection,
     * because its result will still come. */
    void (*on_late)(struct job *job);

    /* The lane is being destroyed; the job has left it. */
    void (*on_stopping)(struct job *job);
};

/* Embed it. Zero all but the kind before lane_add(). */
struct job {
    const struct job_kind *kind;
    TAILQ_ENTRY(job) place, awaited_place; /* in the queue or berth; in `awaited` */
    uint64_t number;                       /* the order of arrival */
    int64_t deadline_us;                   /* clock_monotonic_us() */
    struct berth *berth;                   /* NULL while it waits */
    bool is_awaited;                       /* its deadline counts */
};

struct lane_options {
    struct event_base *loop;
    int connections, jobs_most_each; /* jobs on one connection at once */
    size_t queue_most;
    int64_t deadline_us;
    int64_t silence_most_us; /* without input for so long, a connection is dead; 0: no limit */
    struct connection_options connection; /* without callbacks */
    void (*on_fatal)(void *context, const char *sentence);
    void *context;
};

struct lane *lane_create(const struct lane_options *options);

/* Calls on_stopping of every job. Takes NULL. */
void lane_destroy(struct lane *lane);

/* False: the queue is full. */
MUST_CHECK bool lane_add(struct lane *lane, struct job *job);

/* Puts a running job back to its place in the queue. It gets a new deadline if it has none. */
void lane_again(struct lane *lane, struct job *job);

/* Removes a running or waiting job; its connection is free for the next job. */
void lane_leave(struct lane *lane, struct job *job);

/* Removes the job's deadline. */
void lane_forget_deadline(struct lane *lane, struct job *job);

int lane_ready_connections(const struct lane *lane);
int lane_schema_version(const struct lane *lane);
bool lane_waits_for_schema(const struct lane *lane);
size_t lane_waiting(const struct lane *lane);
size_t lane_running(const struct lane *lane);
uint64_t lane_reconnects(const struct lane *lane);

/* The connection of a running job. */
struct db_connection *lane_connection(const struct job *job);

#endif
