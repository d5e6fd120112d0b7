#include "features/invitation/invitation_mail.h"

#include <sys/queue.h>

#include "base/clock.h"
#include "base/memory.h"
#include "event/events.h"
#include "features/invitation/invitation_letter.h"
#include "jobs/job.h"
#include "mail/carrier.h"
#include "security/pace.h"
#include "statements.h"
#include "worker.h"

enum {
    AT_ONCE = 8,
    POLL_MS = 1000,
    LEASE_S = 600,
    GIVE_UP_S = 72 * 3600,
    GRACE_S = 5,
    TO_ONE_PAUSE_S = 600, /* before a mail above the rate limit of its address */
};

/* A mail that is being sent, in the arena of its job. */
struct mail {
    LIST_ENTRY(mail) others; /* in with_carrier */
    struct job *job;
    struct id event_id;
    const char *event, *email_key;
    bool is_news;
    struct invitation_letter letter;
};

struct mailer {
    struct carrier *carrier; /* NULL, and queue NULL: this worker sends none */
    struct job_queue *queue;
    LIST_HEAD(, mail) with_carrier;
};

static void *create_mailer(struct worker *worker)
{
    (void)worker;
    return memory_alloc(sizeof(struct mailer));
}

static const struct worker_slot slot = {.name = "invitation_mailer", .create = create_mailer};

/* --- Sending --------------------------------------------------------------------------------- */

static void on_sent(void *context, const struct carrier_outcome *outcome)
{
    static const enum job_state states[] = {
        [CARRIER_ACCEPTED] = JOB_DONE, [CARRIER_LATER] = JOB_QUEUED, [CARRIER_NEVER] = JOB_FAILED};
    struct mail *mail = context;
    LIST_REMOVE(mail, others);
    job_end(mail->job, &(struct job_end){.state = states[outcome->fate],
                                         .code = outcome->code,
                                         .words = outcome->words,
                                         .is_unreachable = outcome->concerns_all});
}

static bool may_get_one(const struct mail *mail)
{
    const struct pace_key key = {.limit = PACE_LETTERS, .who = mail->email_key};
    return pace_take(pace_of(job_worker(mail->job)), &key, 1, clock_monotonic_us()) == 0;
}

/* Nobody is asked to an event that guests cannot see, that was called off or is over. */
static bool holds(const struct mail *mail, const struct event *event)
{
    return mail->is_news && event->published && !event->cancelled &&
           clock_now_us() < event->ends_at_us;
}

static void on_event(void *context, const struct event *event, int db_outcome)
{
    struct mail *mail = context;
    struct job *job = mail->job;
    struct mailer *mailer = worker_state(job_worker(job), &slot);
    const struct letter *letter = NULL;
    (void)db_outcome;
    bool is_good = event && holds(mail, event), may_go = is_good && may_get_one(mail);
    if (may_go)
        letter = invitation_letter_make(job_worker(job), event, &mail->letter, job_arena(job));
    if (event)
        events_release(event);
    if (job_is_stopping(job))
        job_put_back(job);
    else if (!event)
        job_end(job, &(struct job_end){.state = JOB_QUEUED,
                                       .words = "the database could not say what the event is"});
    else if (!is_good)
        job_end(job, &(struct job_end){.state = JOB_OBSOLETE,
                                       .words = "overtaken by what happened since"});
    else if (!may_go)
        job_end(job, &(struct job_end){.state = JOB_QUEUED,
                                       .words = "too many letters to this address within an hour",
                                       .pause_s = TO_ONE_PAUSE_S});
    else if (!letter)
        job_end(job,
                &(struct job_end){.state = JOB_QUEUED, .words = "the letter could not be written"});
    else if (!carrier_send(mailer->carrier, letter, on_sent, mail))
        job_put_back(job);
    else
        LIST_INSERT_HEAD(&mailer->with_carrier, mail, others);
}

/* --- The kind of job ------------------------------------------------------------------------- */

static void run(struct job *job)
{
    struct mail *mail = job_data(job);
    mail->job = job;
    events_find(job_worker(job), mail->event, on_event, mail);
}

static struct params *claim(int slots_free, int lease_s)
{
    return invitation_mail_claim_params(
        &(struct invitation_mail_claim){.most = slots_free, .lease_s = lease_s});
}

static const char *text(struct arena *arena, const struct rows *rows, int row, const char *column)
{
    return rows_is_null(rows, row, column) ? NULL : arena_copy(arena, rows_text(rows, row, column));
}

static void *read(struct arena *arena, const struct rows *rows, int *row)
{
    struct mail *mail = arena_alloc(arena, sizeof *mail);
    *mail = (struct mail){
        .event_id = rows_id(rows, *row, "event_id"),
        .event = text(arena, rows, *row, "event"),
        .email_key = text(arena, rows, *row, "email_key"),
        .is_news = rows_bool(rows, *row, "is_news"),
        .letter = {.invitation_id = rows_id(rows, *row, "invitation_id"),
                   .mail_id = rows_id(rows, *row, "mail_id"),
                   .reminds =
                       invitation_mail_claim_mail_kind(rows, *row) == INVITATION_MAIL_KIND_REMINDER,
                   .name = text(arena, rows, *row, "name"),
                   .email = text(arena, rows, *row, "email"),
                   .language = text(arena, rows, *row, "language"),
                   .good_for = rows_number(rows, *row, "good_for"),
                   .own_words = text(arena, rows, *row, "own_words"),
                   .kept_until = text(arena, rows, *row, "kept_until")},
    };
    ++*row;
    return mail;
}

static struct params *note(const struct job *job, const struct job_note *what)
{
    static const enum message_state states[JOB_STATES] = {[JOB_QUEUED] = MESSAGE_STATE_QUEUED,
                                                          [JOB_LEASED] = MESSAGE_STATE_SENDING,
                                                          [JOB_DONE] = MESSAGE_STATE_SENT,
                                                          [JOB_FAILED] = MESSAGE_STATE_FAILED,
                                                          [JOB_OBSOLETE] = MESSAGE_STATE_OBSOLETE};
    const struct mail *mail = job_data(job);
    const int64_t code = what->code;
    return invitation_mail_note_params(
        &(struct invitation_mail_note){.event_id = &mail->event_id,
                                       .mail_id = &mail->letter.mail_id,
                                       .tries = job_tries(job),
                                       .state = states[what->state],
                                       .code = code ? &code : NULL,
                                       .words = what->words,
                                       .due_s = what->due_s});
}

static const struct job_kind kind = {
    .name = "invitation_mail",
    .slots = AT_ONCE,
    .poll_ms = POLL_MS,
    .lease_s = LEASE_S,
    .give_up_s = GIVE_UP_S,
    .unreachable_pause_s = 15,
    .drain_s = GRACE_S,
    .backoff_s = {60, 5 * 60, 15 * 60, 3600, 3 * 3600, 6 * 3600},
    .claim = claim,
    .read = read,
    .note = note,
    .run = run,
};

void invitation_mail_start(struct worker *worker)
{
    struct mailer *mailer = worker_state(worker, &slot);
    struct buffer error;
    if (worker->index != 0 || *worker->config->smtp == '\0')
        return;
    buffer_init(&error);
    mailer->carrier = carrier_create(&(struct carrier_options){.loop = worker->loop,
                                                               .smtp = worker->config->smtp,
                                                               .parallel = 1},
                                     &error);
    if (mailer->carrier) /* otherwise the outbox logs the reason */
        mailer->queue = job_queue_create(worker, &kind);
    buffer_finish(&error);
}

void invitation_mail_stop(struct worker *worker)
{
    struct mailer *mailer = worker_state(worker, &slot);
    struct mail *mail;
    if (!mailer->queue)
        return;
    carrier_stop(mailer->carrier);
    job_queue_drain(mailer->queue);
    carrier_destroy(mailer->carrier);
    while ((mail = LIST_FIRST(&mailer->with_carrier))) {
        LIST_REMOVE(mail, others);
        job_put_back(mail->job); /* the carrier no longer calls on_sent() */
    }
    job_queue_destroy(mailer->queue);
    mailer->queue = NULL;
}
