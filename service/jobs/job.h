/*
 * Leased work. A job is a row of a table, such as a letter to send. Each process claims rows that
 * are due. A claim leases the row, so that no other process works on it. The queue renews the lease
 * while the job runs. If the process dies, the lease ends and another process claims the row. The
 * queue notes the result of the job in the database, and retries until the database has it.
 *
 * A kind of job is a const row of this table, a function that runs one job, and two statements over
 * the kind's own table. A queue works on the jobs of one kind, on the loop of one worker.
 */
#ifndef EINLASS_JOBS_JOB_H
#define EINLASS_JOBS_JOB_H

#include <stdint.h>

#include "base/memory.h"
#include "db/db.h"
#include "worker.h"

enum { JOB_BACKOFFS_MOST = 8, JOB_NOTE_AGAIN_MS = 2000 };

enum job_state {
    JOB_QUEUED,   /* is due now or later */
    JOB_LEASED,   /* a process works on it */
    JOB_DONE,     /* final, as the next two */
    JOB_FAILED,   /* needs attention */
    JOB_OBSOLETE, /* needs no work any more */
    JOB_STATES
};

/* The state of a job for the database. */
struct job_note {
    enum job_state state;
    int code;          /* of the other side's answer; 0: no answer */
    const char *words; /* the answer or a reason; NULL with JOB_LEASED: unchanged */
    int64_t due_s;     /* with QUEUED and LEASED: seconds until it is due */
};

struct job_claim {
    int most, lease_s;
    int64_t believed_until_us; /* by the clock of the database (db_clock.h) */
};

struct job;
struct job_queue;

struct job_kind {
    const char *name;                 /* for the log: "mail" */
    int slots;                        /* jobs that run at once in a queue */
    int poll_ms;                      /* between two claims while the queue has free slots */
    int lease_s;                      /* renewed four times in that time */
    int give_up_s;                    /* older jobs fail instead of a retry */
    int unreachable_pause_s;          /* without claims (job_end.is_unreachable) */
    int drain_s;                      /* limit of job_queue_drain() */
    int backoff_s[JOB_BACKOFFS_MOST]; /* before each retry; the last one repeats; ends with 0 */

    /*
     * Leases the `most` most urgent rows that are due (state queued or leased, due now or
     * earlier) for lease_s seconds: `for update skip locked`, state leased, tries + 1. After
     * believed_until it takes over no leased row: the clock has jumped, and the lease lives. Gives
     * at least the columns "tries" (integer) and "created_at" (timestamptz). It is not retried when
     * the connection dies. Then the rows are due again when their lease ends.
     */
    struct params *(*claim)(const struct job_claim *claim);

    /* Reads the job that begins at *row, and moves *row behind its last row. The result lives in
     * the arena and is job_data(). */
    void *(*read)(struct arena *arena, const struct rows *rows, int *row);

    /* Notes the state of a job if this process still has the lease: the row's state is leased and
     * its tries are job_tries(). JOB_LEASED renews the lease. */
    struct params *(*note)(const struct job *job, const struct job_note *note);

    /* Starts the job. Each run ends with one call of job_end() or job_put_back(), now or later,
     * also when the service stops (job_queue_destroy). */
    void (*run)(struct job *job);
};

/* --- In a kind's run ------------------------------------------------------------------------- */

void *job_data(const struct job *job);
struct arena *job_arena(struct job *job); /* lives as long as the job */
struct worker *job_worker(const struct job *job);
int job_tries(const struct job *job); /* 1 in the first run */

/* The service stops. A run that has done nothing yet calls job_put_back(). */
bool job_is_stopping(const struct job *job);

struct job_end {
    enum job_state state; /* QUEUED: retry after the backoff, or FAILED if the job is too old */
    int code;
    const char *words;   /* copied; not NULL */
    int pause_s;         /* with QUEUED: retry after at least so many seconds */
    bool is_unreachable; /* claim nothing for unreachable_pause_s */
};

/* Ends the run. The caller must not use the job and its arena after that. */
void job_end(struct job *job, const struct job_end *end);

/* Ends the run because the service stops. The job is due again at once, for another process. */
void job_put_back(struct job *job);

/* --- The queue ------------------------------------------------------------------------------- */

/* Claims jobs while the loop runs. All these functions run on the worker's thread. */
struct job_queue *job_queue_create(struct worker *worker, const struct job_kind *kind);

/* Stops claims, and runs the loop until every job has ended and is noted, at most drain_s. */
void job_queue_drain(struct job_queue *queue);

/*
 * Ends the queue, which frees itself with its last job. Drops notes that wait for a retry; the
 * leases of those jobs end. The caller ends its other runs before db_destroy(). Runs and notes that
 * wait for the database end with DB_STOPPING. Takes NULL.
 */
void job_queue_destroy(struct job_queue *queue);

/*
 * For kinds that need no state beside their queue: the first worker of a process works on them.
 * The rows end with NULL; NULL: there are none. jobs_stop() drains and ends all these queues.
 */
void jobs_start(struct worker *worker, const struct job_kind *const *kinds);
void jobs_stop(struct worker *worker);

/* Returns how many runs have ended in this state. NULL: 0. */
uint64_t job_queue_count(const struct job_queue *queue, enum job_state state);

#endif
