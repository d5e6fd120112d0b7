#include "features/attendee/bulk_job.h"

#include "db/db.h"
#include "event/events.h"
#include "statements.h"

struct bulk_job {
    struct id event_id, bulk_id;
};

/* --- A run ----------------------------------------------------------------------------------- */

static void run_portion(struct job *job);

static void on_portion(void *context, const struct db_result *result)
{
    struct job *job = context;
    const struct bulk_job *bulk = job_data(job);
    if (result->outcome != DB_DONE) {
        job_end(job, &(struct job_end){.state = JOB_QUEUED,
                                       .words = "the database could not make the changes"});
        return;
    }
    changes_note(job_worker(job), &bulk->event_id);
    if (rows_number(result->rows, 0, "count") == 0)
        job_end(job, &(struct job_end){.state = JOB_DONE, .words = ""});
    else
        run_portion(job);
}

static void run_portion(struct job *job)
{
    const struct bulk_job *bulk = job_data(job);
    if (job_is_stopping(job)) {
        job_put_back(job);
        return;
    }
    db_run(job_worker(job)->db, &(struct db_query){
                                    .lane = DB_LOCKING,
                                    .key = &bulk->event_id,
                                    .lock = attendee_bulk_lock_params(
                                        &(struct attendee_bulk_lock){.event_id = &bulk->event_id}),
                                    .run = attendee_bulk_portion_params(&(
                                        struct attendee_bulk_portion){.event_id = &bulk->event_id,
                                                                      .bulk_id = &bulk->bulk_id,
                                                                      .most = BULK_PORTION_MOST,
                                                                      .most_ms = BULK_PORTION_MS}),
                                    .again = true,
                                    .on_done = on_portion,
                                    .context = job,
                                });
}

/* --- The kind of job ------------------------------------------------------------------------- */

static struct params *claim(const struct job_claim *what)
{
    return attendee_bulk_claim_params(
        &(struct attendee_bulk_claim){.most = what->most,
                                      .lease_s = what->lease_s,
                                      .believed_until_us = what->believed_until_us});
}

static void *read(struct arena *arena, const struct rows *rows, int *row)
{
    struct bulk_job *bulk = arena_alloc(arena, sizeof *bulk);
    bulk->event_id = rows_id(rows, *row, "event_id");
    bulk->bulk_id = rows_id(rows, *row, "bulk_id");
    (*row)++;
    return bulk;
}

static struct params *note(const struct job *job, const struct job_note *what)
{
    static const enum bulk_state states[JOB_STATES] = {[JOB_QUEUED] = BULK_STATE_QUEUED,
                                                       [JOB_LEASED] = BULK_STATE_WORKING,
                                                       [JOB_DONE] = BULK_STATE_DONE,
                                                       [JOB_FAILED] = BULK_STATE_FAILED,
                                                       [JOB_OBSOLETE] = BULK_STATE_DONE};
    const struct bulk_job *bulk = job_data(job);
    return attendee_bulk_note_params(&(struct attendee_bulk_note){.event_id = &bulk->event_id,
                                                                  .bulk_id = &bulk->bulk_id,
                                                                  .tries = job_tries(job),
                                                                  .state = states[what->state],
                                                                  .reason = what->words,
                                                                  .due_s = what->due_s});
}

const struct job_kind bulk_jobs = {
    .name = "bulk",
    .slots = BULK_UNDER_WAY_MOST,
    .poll_ms = BULK_POLL_MS,
    .lease_s = BULK_LEASE_S,
    .give_up_s = BULK_GIVE_UP_HOURS * 3600,
    .drain_s = BULK_STOP_GRACE_S,
    .backoff_s = {1, 5, 30, 60},
    .claim = claim,
    .read = read,
    .note = note,
    .run = run_portion,
};

/* --- Old actions ----------------------------------------------------------------------------- */

static void on_swept(void *context, const struct db_result *result)
{
    (void)context, (void)result;
}

void bulk_job_sweep(struct worker *worker)
{
    db_run(worker->db, &(struct db_query){.lane = DB_SLOW,
                                          .run = attendee_bulk_sweep_params(&(
                                              struct attendee_bulk_sweep){.most = BULK_SWEEP_MOST}),
                                          .again = true,
                                          .on_done = on_swept});
}
