#include "features/account/sign_in_mail.h"

#include <jansson.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "event/mailer.h"
#include "features/account/sessions.h"
#include "features/feature.h"
#include "jobs/job.h"
#include "statements.h"
#include "view/locale.h"

enum { AT_ONCE = 8, POLL_MS = 1000, LEASE_S = 60, GIVE_UP_S = 3600, GRACE_S = 5 };

/* A letter that is being sent, in the arena of its job. */
struct mail {
    struct job *job;
    struct id mail_id;
    const char *email, *email_key, *language, *target;
    struct id invitation_id;       /* zero: a letter to sign in */
    const char *organiser, *event; /* that it invites to; event NULL: all events */
    const char *role;
    char token[SECRET_TEXT_BYTES];
};

static const struct worker_slot slot = {.name = "sign_in_mailer", .create = mailer_create};

static bool invites(const struct mail *mail)
{
    return !id_is_zero(&mail->invitation_id);
}

/* --- The letter ------------------------------------------------------------------------------ */

static const char *wording(const struct mail *mail, const char *key, const json_t *data)
{
    const struct worker *worker = job_worker(mail->job);
    struct buffer text;
    buffer_init(&text);
    locale_text(locale_find(worker->locales, mail->language), key, data, &text);
    const char *copy = arena_copy(job_arena(mail->job), buffer_text(&text));
    buffer_finish(&text);
    return copy;
}

static const char *make_url(const struct mail *mail)
{
    struct buffer url;
    buffer_init(&url);
    buffer_printf(&url, "%s/desk/%s/%s?lang=%s", job_worker(mail->job)->config->public_url,
                  invites(mail) ? "join" : "sign-in", mail->token, mail->language);
    if (!invites(mail)) {
        buffer_add_text(&url, "&to=");
        percent_encode(&url, mail->target);
    }
    const char *copy = arena_copy(job_arena(mail->job), buffer_text(&url));
    buffer_finish(&url);
    return copy;
}

static const char *message_id(const struct mail *mail, const struct mailbox *from)
{
    char id[ID_TEXT_BYTES];
    const char *wire = mailbox_wire(job_arena(mail->job), from->address);
    const char *at = wire ? strrchr(wire, '@') : NULL;
    id_format(&mail->mail_id, id);
    return arena_printf(job_arena(mail->job), "%s.%d%s", id, job_tries(mail->job),
                        at ? at : "@localhost");
}

/* What the wordings of a letter are filled with. A new reference. */
static json_t *letter_data(const struct mail *mail)
{
    struct arena *arena = job_arena(mail->job);
    json_t *data = json_pack("{s:s, s:i, s:s}", "url", make_url(mail), "minutes",
                             SIGN_IN_LINK_MINUTES, "email", mail->email);
    if (!invites(mail))
        return data;
    const char *role = arena_printf(arena, "team.role.%s", mail->role);
    const char *sentence = arena_printf(arena, "team.role_means.%s", mail->role);
    json_t *invitation =
        json_pack("{s:s, s:s, s:s, s:s}", "organiser", mail->organiser, "place",
                  mail->event ? mail->event : wording(mail, "account.invitation.all", NULL), "role",
                  wording(mail, role, NULL), "sentence", wording(mail, sentence, NULL));
    json_object_update(data, invitation);
    json_decref(invitation);
    return data;
}

static struct letter *make_letter(const struct mail *mail)
{
    struct arena *arena = job_arena(mail->job);
    const char *mail_from = job_worker(mail->job)->config->mail_from;
    struct letter *letter = arena_alloc(arena, sizeof *letter);
    struct mailbox from = {0};
    if (!mailbox_parse(arena, mail_from, &from))
        from.address = mail_from;
    json_t *data = letter_data(mail);
    *letter = (struct letter){
        .from = from,
        .to = {.address = mail->email},
        .subject = wording(
            mail, invites(mail) ? "account.invitation.subject" : "account.letter.subject", data),
        .message_id = message_id(mail, &from),
        .date_us = clock_now_us(),
        .language = mail->language,
        .text =
            wording(mail, invites(mail) ? "account.invitation.text" : "account.letter.text", data),
    };
    json_decref(data);
    return letter;
}

/* The link is made for each attempt, so that it has its whole time when the letter arrives. */
static void on_link(void *context, const struct db_result *result)
{
    struct mail *mail = context;
    if (result->outcome != DB_DONE) {
        job_end(mail->job, &(struct job_end){.state = JOB_QUEUED,
                                             .words = "the database could not make the link"});
        return;
    }
    if (rows_count(result->rows) == 0) {
        job_end(mail->job, &(struct job_end){
                               .state = JOB_OBSOLETE,
                               .words = invites(mail) ? "the invitation no longer waits"
                                                      : "nobody has an account with this address"});
        return;
    }
    mailer_send(worker_state(job_worker(mail->job), &slot), mail->job, make_letter(mail));
}

/* --- The kind of job ------------------------------------------------------------------------- */

static void run(struct job *job)
{
    struct mail *mail = job_data(job);
    unsigned char hash[SECRET_HASH_BYTES];
    mail->job = job;
    secret_make("", mail->token);
    secret_hash(mail->token, hash);
    struct params *params =
        invites(mail)
            ? account_invitation_link_params(
                  &(struct account_invitation_link){.invitation_id = &mail->invitation_id,
                                                    .hash = {hash, sizeof hash},
                                                    .hours = INVITATION_HOURS})
            : account_link_add_params(&(struct account_link_add){.email_key = mail->email_key,
                                                                 .hash = {hash, sizeof hash},
                                                                 .minutes = SIGN_IN_LINK_MINUTES});
    db_ask(job_worker(job)->db, params, on_link, mail);
}

static struct params *claim(const struct job_claim *what)
{
    return account_sign_in_mail_claim_params(
        &(struct account_sign_in_mail_claim){.most = what->most,
                                             .lease_s = what->lease_s,
                                             .believed_until_us = what->believed_until_us});
}

static void *read(struct arena *arena, const struct rows *rows, int *row)
{
    struct mail *mail = arena_alloc(arena, sizeof *mail);
    *mail = (struct mail){
        .mail_id = rows_id(rows, *row, "mail_id"),
        .email = arena_copy(arena, rows_text(rows, *row, "email")),
        .email_key = arena_copy(arena, rows_text(rows, *row, "email_key")),
        .language = arena_copy(arena, rows_text(rows, *row, "language")),
        .target = arena_copy(arena, rows_text(rows, *row, "target")),
        .invitation_id = rows_id(rows, *row, "invitation_id"),
        .organiser = arena_copy(arena, rows_text(rows, *row, "organiser")),
        .event = rows_is_null(rows, *row, "title")
                     ? NULL
                     : arena_copy(arena, rows_text(rows, *row, "title")),
        .role = role_name(account_sign_in_mail_claim_role(rows, *row)),
    };
    ++*row;
    return mail;
}

static struct params *note(const struct job *job, const struct job_note *what)
{
    const struct mail *mail = job_data(job);
    const int64_t code = what->code;
    return account_sign_in_mail_note_params(
        &(struct account_sign_in_mail_note){.mail_id = &mail->mail_id,
                                            .tries = job_tries(job),
                                            .state = mailer_message_state(what->state),
                                            .code = code ? &code : NULL,
                                            .words = what->words,
                                            .due_s = what->due_s});
}

static const struct job_kind kind = {
    .name = "sign_in_mail",
    .slots = AT_ONCE,
    .poll_ms = POLL_MS,
    .lease_s = LEASE_S,
    .give_up_s = GIVE_UP_S,
    .unreachable_pause_s = 10,
    .drain_s = GRACE_S,
    .backoff_s = {30, 60, 5 * 60, 15 * 60},
    .claim = claim,
    .read = read,
    .note = note,
    .run = run,
};

void sign_in_mail_start(struct worker *worker)
{
    mailer_start(worker_state(worker, &slot), worker, &kind, 1);
}

void sign_in_mail_stop(struct worker *worker)
{
    mailer_stop(worker_state(worker, &slot));
}
