/*
 * What uses a connection of a db for some time, as a query and a stream do. A lane has some
 * connections and a bounded queue of jobs. A job runs on the connection with the fewest jobs. A
 * waiting job has a deadline. For the other files of this folder; db.c has the lanes.
 */
#ifndef EINLASS_DB_JOB_H
#define EINLASS_DB_JOB_H

#include "db/connection.h"
#include "db/db.h"

struct berth;
struct job;
struct lane;

struct job_kind {
    /* The job sends its commands. It must not call the user's callbacks. */
    void (*start)(struct job *job, struct db_connection *connection);

    /* The connection is lost and with it the job's commands. The job is still on its berth: call
     * job_again() or job_leave(). */
    void (*on_lost)(struct job *job);

    /* The deadline passed. A waiting job has left the lane; a running job stays on its connection,
     * because its result will still come. */
    void (*on_late)(struct job *job);

    /* The lane is being destroyed; the job has left it. */
    void (*on_stopping)(struct job *job);
};

/* Embed it. Zero all but the kind before job_add(). */
struct job {
    const struct job_kind *kind;
    TAILQ_ENTRY(job) place, awaited_place; /* in the queue or berth; in `awaited` */
    uint64_t number;                       /* the order of arrival */
    int64_t deadline_us;                   /* clock_monotonic_us() */
    struct lane *lane;
    struct berth *berth; /* the place of its connection in the lane; NULL while it waits */
    bool is_awaited;     /* its deadline counts */
};

/* Gives the job to a lane, which may start it at once. False: the queue is full. */
MUST_CHECK bool job_add(struct job *job, struct db *db, enum db_lane lane);

/* Puts a running job back to its place in the queue. It gets a new deadline if it has none. */
void job_again(struct job *job);

/* Removes a running or waiting job; its connection is free for the next job. */
void job_leave(struct job *job);

/* Removes the job's deadline. */
void job_forget_deadline(struct job *job);

/* The connection of a running job. */
struct db_connection *job_connection(const struct job *job);

struct event_base *db_loop(const struct db *db);

#endif
