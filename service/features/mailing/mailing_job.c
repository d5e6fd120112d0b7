#include "features/mailing/mailing_job.h"

#include "db/db.h"
#include "statements.h"

struct mailing_job {
    struct id event_id, mailing_id;
};

static void run(struct job *job);

static void on_portion(void *context, const struct db_result *result)
{
    struct job *job = context;
    if (result->outcome != DB_DONE) {
        job_end(job, &(struct job_end){.state = JOB_QUEUED, .words = "the database is away"});
        return;
    }
    switch (mailing_portion_outcome(result->rows, 0)) {
    case MAILING_PORTION_OUTCOME_LISTING:
        run(job);
        return;
    case MAILING_PORTION_OUTCOME_SENDING:
    case MAILING_PORTION_OUTCOME_NONE:
        job_end(job, &(struct job_end){.state = JOB_QUEUED, .words = ""});
        return;
    case MAILING_PORTION_OUTCOME_OVER:
        job_end(job, &(struct job_end){.state = JOB_DONE, .words = ""});
        return;
    }
}

static void run(struct job *job)
{
    const struct mailing_job *mailing = job_data(job);
    if (job_is_stopping(job)) {
        job_put_back(job);
        return;
    }
    db_run(job_worker(job)->db, &(struct db_query){
                                    .lane = DB_SLOW,
                                    .run = mailing_portion_params(&(struct mailing_portion){
                                        .event_id = &mailing->event_id,
                                        .mailing_id = &mailing->mailing_id,
                                        .most = MAILING_PORTION_MOST,
                                        .most_listed = MAILING_LISTED_MOST}),
                                    .again = true,
                                    .on_done = on_portion,
                                    .context = job,
                                });
}

static struct params *claim(const struct job_claim *what)
{
    return mailing_claim_params(
        &(struct mailing_claim){.most = what->most,
                                .lease_s = what->lease_s,
                                .believed_until_us = what->believed_until_us});
}

static void *read(struct arena *arena, const struct rows *rows, int *row)
{
    struct mailing_job *mailing = arena_alloc(arena, sizeof *mailing);
    mailing->event_id = rows_id(rows, *row, "event_id");
    mailing->mailing_id = rows_id(rows, *row, "mailing_id");
    (*row)++;
    return mailing;
}

static struct params *note(const struct job *job, const struct job_note *what)
{
    const struct mailing_job *mailing = job_data(job);
    bool is_over = what->state == JOB_DONE;
    return mailing_note_params(
        &(struct mailing_note){.event_id = &mailing->event_id,
                               .mailing_id = &mailing->mailing_id,
                               .tries = job_tries(job),
                               .state = is_over ? MAILING_STATE_SENT : MAILING_STATE_SENDING,
                               .due_s = what->due_s});
}

const struct job_kind mailing_jobs = {
    .name = "mailing",
    .slots = MAILING_UNDER_WAY_MOST,
    .poll_ms = MAILING_POLL_MS,
    .lease_s = MAILING_LEASE_S,
    .give_up_s = MAILING_GIVE_UP_HOURS * 3600,
    .drain_s = MAILING_STOP_GRACE_S,
    .backoff_s = {1},
    .claim = claim,
    .read = read,
    .note = note,
    .run = run,
};
