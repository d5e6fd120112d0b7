#include "features/message/outbox.h"

#include "base/clock.h"
#include "base/email.h"
#include "base/gauges.h"
#include "base/log.h"
#include "base/memory.h"
#include "event/events.h"
#include "event/mailer.h"
#include "features/message/composition.h"
#include "features/message/posting.h"
#include "security/pace.h"
#include "statements.h"

/* A message that is being sent, in the arena of its job. */
struct mail_job {
    struct job *job;
    const struct posting *posting;
    const struct event *event; /* NULL: not looked up */
};

static const struct worker_slot slot = {.name = "mailer", .create = mailer_create};

/* --- Ending ---------------------------------------------------------------------------------- */

static void release_event(struct mail_job *mail_job)
{
    if (mail_job->event)
        events_release(mail_job->event);
    mail_job->event = NULL;
}

static void end(struct mail_job *mail_job, const struct job_end *how)
{
    release_event(mail_job);
    job_end(mail_job->job, how);
}

static void try_later(struct mail_job *mail_job, const char *words)
{
    end(mail_job, &(struct job_end){.state = JOB_QUEUED, .words = words});
}

static void put_back(struct mail_job *mail_job)
{
    release_event(mail_job);
    job_put_back(mail_job->job);
}

/* --- Sending --------------------------------------------------------------------------------- */

static const char not_written[] = "the letter could not be written";

static void on_composed(void *context, const struct letter *letter)
{
    struct mail_job *mail_job = context;
    struct job *job = mail_job->job;
    if (!letter) {
        try_later(mail_job, not_written);
        return;
    }
    /* The letter names the organiser; it is written at once. Then the job may be gone. */
    const struct event *event = mail_job->event;
    mail_job->event = NULL;
    mailer_send(worker_state(job_worker(job), &slot), job, letter);
    events_release(event);
}

static bool may_get_one(struct mail_job *mail_job)
{
    const char *recipient = mail_job->posting->recipient;
    struct email email;
    if (email_parse(job_arena(mail_job->job), recipient, &email))
        recipient = email.key;
    const struct pace_key key = {.limit = PACE_LETTERS, .who = recipient};
    return pace_take(pace_of(job_worker(mail_job->job)), &key, 1, clock_monotonic_us()) == 0;
}

/* A source writes only a few first letters to addresses that it typed for others. Returns the
 * seconds until the letter may go. */
static int stranger_wait_s(struct mail_job *mail_job)
{
    const struct posting *posting = mail_job->posting;
    const struct pace_key key = {.limit = PACE_STRANGERS, .who = posting->source};
    if (!posting->source || posting->was_told || posting->is_by_organiser ||
        !posting_is_to_stranger(posting))
        return 0;
    return pace_take(pace_of(job_worker(mail_job->job)), &key, 1, clock_monotonic_us());
}

static void send_later(struct mail_job *mail_job, const char *words, int pause_s)
{
    end(mail_job, &(struct job_end){.state = JOB_QUEUED, .words = words, .pause_s = pause_s});
}

static void on_event(void *context, const struct event *event, int db_outcome)
{
    struct mail_job *mail_job = context;
    struct job *job = mail_job->job;
    (void)db_outcome;
    mail_job->event = event;
    int wait_s = 0;
    if (job_is_stopping(job)) /* the thread pool has ended */
        put_back(mail_job);
    else if (!event)
        try_later(mail_job, "the database could not say what the event is");
    else if (!posting_holds(mail_job->posting, event, clock_now_us()))
        end(mail_job,
            &(struct job_end){.state = JOB_OBSOLETE, .words = "overtaken by what happened since"});
    else if (!posting_is_news(mail_job->posting))
        end(mail_job, &(struct job_end){.state = JOB_OBSOLETE,
                                        .words = "nothing was sent that it could take back"});
    else if ((wait_s = stranger_wait_s(mail_job)) > 0)
        send_later(mail_job, "too many letters to others from one source within an hour", wait_s);
    else if (!may_get_one(mail_job))
        send_later(mail_job, "too many letters to this address within an hour",
                   OUTBOX_TO_ONE_PAUSE_S);
    else if (!composition_start(job_worker(job), event, mail_job->posting, job_arena(job),
                                on_composed, mail_job))
        try_later(mail_job, not_written);
}

static void run(struct job *job)
{
    struct mail_job *mail_job = arena_alloc(job_arena(job), sizeof *mail_job);
    *mail_job = (struct mail_job){.job = job, .posting = job_data(job)};
    if (!posting_is_known(mail_job->posting)) {
        try_later(mail_job, "this version of the service does not know what the message is");
        return;
    }
    events_find(job_worker(job), mail_job->posting->event, on_event, mail_job);
}

/* --- The kind of job ------------------------------------------------------------------------- */

static struct params *claim(const struct job_claim *what)
{
    return message_claim_params(
        &(struct message_claim){.most = what->most,
                                .lease_s = what->lease_s,
                                .believed_until_us = what->believed_until_us});
}

static void *read(struct arena *arena, const struct rows *rows, int *row)
{
    return posting_read_claimed(arena, rows, row);
}

static struct params *note(const struct job *job, const struct job_note *what)
{
    const struct posting *posting = job_data(job);
    const int64_t code = what->code;
    return message_note_params(&(struct message_note){
        .event_id = &posting->event_id,
        .registration_id = &posting->registration_id,
        .message_id = &posting->message_id,
        .tries = job_tries(job),
        .state = mailer_message_state(what->state),
        .code = code ? &code : NULL,
        .words = what->words,
        .due_s = what->due_s,
    });
}

static const struct job_kind mail = {
    .name = "mail",
    .slots = OUTBOX_UNDER_WAY_MOST,
    .poll_ms = OUTBOX_POLL_MS,
    .lease_s = OUTBOX_LEASE_S,
    .give_up_s = OUTBOX_GIVE_UP_HOURS * 3600,
    .unreachable_pause_s = OUTBOX_UNREACHABLE_PAUSE_S,
    .drain_s = OUTBOX_STOP_GRACE_S,
    .backoff_s = {60, 5 * 60, 15 * 60, 3600, 3 * 3600, 6 * 3600},
    .claim = claim,
    .read = read,
    .note = note,
    .run = run,
};

/* --- The mailer of a worker ------------------------------------------------------------------ */

void outbox_start(struct worker *worker)
{
    mailer_start(worker_state(worker, &slot), worker, &mail, 0);
}

void outbox_stop(struct worker *worker)
{
    mailer_stop(worker_state(worker, &slot));
}

void outbox_measure(struct worker *worker, struct gauges *gauges)
{
    static const struct gauge mails = {"mails_total", "counter",
                                       "What became of mails: attempts by their outcome."};
    const struct mailer *mailer = worker_state(worker, &slot);
    gauges_add(gauges, &mails, mailer_count(mailer, JOB_DONE), "{outcome=\"sent\"}");
    gauges_add(gauges, &mails, mailer_count(mailer, JOB_QUEUED), "{outcome=\"put_off\"}");
    gauges_add(gauges, &mails, mailer_count(mailer, JOB_FAILED), "{outcome=\"failed\"}");
    gauges_add(gauges, &mails, mailer_count(mailer, JOB_OBSOLETE), "{outcome=\"obsolete\"}");
}

/* --- Reminders ------------------------------------------------------------------------------- */

static void on_reminded(void *context, const struct db_result *result)
{
    (void)context;
    for (int row = 0; result->outcome == DB_DONE && row < rows_count(result->rows); row++)
        log_event(LOG_INFO, "reminded", log_text("event", rows_text(result->rows, row, "event")),
                  log_number("registrations", rows_number(result->rows, row, "told")));
}

void outbox_remind(struct worker *worker)
{
    db_run(worker->db, &(struct db_query){.lane = DB_SLOW,
                                          .run = message_remind_params(),
                                          .again = true,
                                          .on_done = on_reminded});
}
