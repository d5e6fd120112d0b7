#include "features/invitation/invitation_mail.h"

#include "base/clock.h"
#include "base/memory.h"
#include "event/events.h"
#include "event/mailer.h"
#include "features/invitation/invitation_letter.h"
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
    struct job *job;
    struct id event_id;
    const char *event, *email_key;
    bool is_news;
    struct invitation_letter letter;
};

static const struct worker_slot slot = {.name = "invitation_mailer", .create = mailer_create};

/* --- Sending --------------------------------------------------------------------------------- */

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
    const struct letter *letter = NULL;
    (void)db_outcome;
    bool is_good = event && holds(mail, event), may_go = is_good && may_get_one(mail);
    if (may_go)
        letter = invitation_letter_make(job_worker(job), event, &mail->letter, job_arena(job));
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
    else
        mailer_send(worker_state(job_worker(job), &slot), job, letter);
    if (event)
        events_release(event); /* the letter names the organiser */
}

/* --- The kind of job ------------------------------------------------------------------------- */

static void run(struct job *job)
{
    struct mail *mail = job_data(job);
    mail->job = job;
    events_find(job_worker(job), mail->event, on_event, mail);
}

static struct params *claim(const struct job_claim *what)
{
    return invitation_mail_claim_params(
        &(struct invitation_mail_claim){.most = what->most,
                                        .lease_s = what->lease_s,
                                        .believed_until_us = what->believed_until_us});
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
    const struct mail *mail = job_data(job);
    const int64_t code = what->code;
    return invitation_mail_note_params(
        &(struct invitation_mail_note){.event_id = &mail->event_id,
                                       .mail_id = &mail->letter.mail_id,
                                       .tries = job_tries(job),
                                       .state = mailer_message_state(what->state),
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
    mailer_start(worker_state(worker, &slot), worker, &kind, 1);
}

void invitation_mail_stop(struct worker *worker)
{
    mailer_stop(worker_state(worker, &slot));
}
