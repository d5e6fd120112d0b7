/*
 * Leased work. A job is a row of a table: a letter to send, a webhook to call. Each process claims
 * rows that are due. A claim leases the row for a while, so that no other process works on it. The
 * lease is renewed as long as the job takes; if the process dies, the lease runs out and another
 * process claims the row. What became of the job is noted in the database, and the note is repeated
 * until the database has it.
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
    JOB_QUEUED,   /* is due, or will be */
    JOB_LEASED,   /* a process works on it */
    JOB_DONE,     /* for good, as the next two */
    JOB_FAILED,   /* someone should look at it */
    JOB_OBSOLETE, /* there was nothing left to do */
    JOB_STATES
};

/* What the database is to keep of a job. */
struct job_note {
    enum job_state state;
    int code;          /* of the other side's answer; 0: there was none */
    const char *words; /* its words, or why the job ended so; NULL with JOB_LEASED: keep the last */
    int64_t due_s;     /* with QUEUED and LEASED: due in so many seconds */
};

struct job;
struct job_queue;

struct job_kind {
    const char *name;                 /* for the log: "mail" */
    int slots;                        /* jobs under way at once, in a process */
    int poll_ms;                      /* between two looks for jobs that are due */
    int lease_s;                      /* renewed four times as often */
    int give_up_s;                    /* a job as old as this fails instead of being tried again */
    int unreachable_pause_s;          /* nothing is claimed for so long (struct job_end) */
    int drain_s;                      /* the longest that job_queue_drain() takes */
    int backoff_s[JOB_BACKOFFS_MOST]; /* before the second try, the third, …; the last one holds for
                                       * all further tries; ends with 0 */

    /*
     * Leases the `slots_free` most urgent rows that are due (state queued or leased, due now or
     * earlier) for lease_s seconds: `for update skip locked`, state leased, tries + 1. Gives at
     * least the columns "tries" (integer) and "created_at" (timestamptz). It is not sent again when
     * the connection dies: rows whose answer is lost are due again when their lease runs out.
     */
    struct params *(*claim)(int slots_free, int lease_s);

    /* Reads the job that begins at *row, and moves *row behind its last row. The result lives in
     * the arena and is job_data(). */
    void *(*read)(struct arena *arena, const struct rows *rows, int *row);

    /* Notes the state of a job, if this process still has the lease: the row's state is leased and
     * its tries are job_tries(). With JOB_LEASED it renews the lease. */
    struct params *(*note)(const struct job *job, const struct job_note *note);

    /* Begins to work on the job. Each run is ended by one call of job_end() or job_put_back(), in
     * here or later, also when the service stops (job_queue_destroy). */
    void (*run)(struct job *job);
};

/* --- In a kind's run ------------------------------------------------------------------------- */

void *job_data(const struct job *job);
struct arena *job_arena(struct job *job); /* lives as long as the job */
struct worker *job_worker(const struct job *job);
int job_tries(const struct job *job); /* this one counts: 1 at first */

/* The service stops: a run that has not done anything yet calls job_put_back(). */
bool job_is_stopping(const struct job *job);

struct job_end {
    enum job_state state; /* QUEUED: try it again after the backoff; FAILED if it is too old */
    int code;
    const char *words;   /* copied; not NULL */
    int pause_s;         /* with QUEUED: try again no earlier than in so many seconds */
    bool is_unreachable; /* others of this kind would fare the same: claim nothing for a while */
};

/* Ends the run. The job and its arena live until the database has the note; the caller does not
 * touch them any more. */
void job_end(struct job *job, const struct job_end *end);

/* Ends the run because the service stops. The job is due again at once, for another process. */
void job_put_back(struct job *job);

/* --- The queue ------------------------------------------------------------------------------- */

/* Begins to claim jobs when the loop runs. All that follows runs on the worker's thread. */
struct job_queue *job_queue_create(struct worker *worker, const struct job_kind *kind);

/* Claims nothing any more, and runs the loop until each job under way has ended and is noted, or
 * drain_s is over. */
void job_queue_drain(struct job_queue *queue);

/*
 * Gives the queue up. Notes that wait for their next attempt are dropped: the lease of those jobs
 * runs out. The caller ends the runs that it can end before db_destroy(); runs and notes that wait
 * for the database end with its DB_STOPPING. The queue frees itself with its last job. Takes NULL.
 */
void job_queue_destroy(struct job_queue *queue);

/* How many runs have ended in this state since the start. NULL: 0. */
uint64_t job_queue_count(const struct job_queue *queue, enum job_state state);

#endif
