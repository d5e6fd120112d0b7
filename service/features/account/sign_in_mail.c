#include "features/account/sign_in_mail.h"

#include <jansson.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "event/host.h"
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
    const struct locale *locale;
    struct id invitation_id; /* zero: a letter to sign in */
    struct host host;        /* whose team it is; name NULL: of several organisers, or none */
    const char *profile;     /* of the host; NULL: it has none */
    const char *event;       /* that it invites to; NULL: all events */
    const char *role;
    char token[SECRET_TEXT_BYTES];
};

static const struct worker_slot slot = {.name = "sign_in_mailer", .create = mailer_create};

static bool invites(const struct mail *mail)
{
    return !id_is_zero(&mail->invitation_id);
}

/* --- The letter ------------------------------------------------------------------------------ */

/* The wording account.letter.KEY, or account.invitation.KEY. A new reference. */
static json_t *say(const struct mail *mail, const char *key, const json_t *data)
{
    const char *name = arena_printf(job_arena(mail->job), "account.%s.%s",
                                    invites(mail) ? "invitation" : "letter", key);
    struct buffer text;
    buffer_init(&text);
    locale_text(mail->locale, name, data, &text);
    json_t *json = json_string(buffer_text(&text));
    buffer_finish(&text);
    return json;
}

/* What the letter says, as its words have it. */
static const char *const parts[] = {"subject", "greeting", "lead", "valid", "unexpected"};

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

static void add_host(const struct mail *mail, json_t *data)
{
    const char *public_url = job_worker(mail->job)->config->public_url;
    struct host host = mail->host;
    json_t *profile = mail->profile ? json_loads(mail->profile, 0, NULL) : json_object();
    host.profile = profile;
    if (!host.name) {
        host.name = host.slug = "Einlass";
        json_object_set_new(profile, "website", json_string(public_url));
    }
    host_add_organiser_to_mail(&host, public_url, mail->language, data);
    const char *reply_to = json_string_value(json_object_get(profile, "reply_to"));
    if (reply_to)
        json_object_set_new(data, "reply_to", json_string(reply_to));
    json_decref(profile);
}

/* team.role.OWNER, or what it means. A new reference. */
static json_t *role_words(const struct mail *mail, const char *table)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(mail->locale, arena_printf(job_arena(mail->job), "team.%s.%s", table, mail->role),
                NULL, &text);
    json_t *json = json_string(buffer_text(&text));
    buffer_finish(&text);
    return json;
}

/* A new reference. */
static json_t *letter_data(const struct mail *mail)
{
    json_t *data = json_pack("{s:s, s:i, s:b}", "language", mail->language, "minutes",
                             SIGN_IN_LINK_MINUTES, "invites", invites(mail));
    add_host(mail, data);
    if (invites(mail)) {
        json_object_set_new(data, "place",
                            mail->event ? json_string(mail->event) : say(mail, "all", NULL));
        json_object_set_new(data, "role", role_words(mail, "role"));
        json_object_set_new(data, "role_means", role_words(mail, "role_means"));
    }
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        json_object_set_new(data, parts[i], say(mail, parts[i], data));
    json_object_set_new(
        data, "action",
        json_pack("{s:s, s:o}", "url", make_url(mail), "label", say(mail, "action", NULL)));
    return data;
}

static const char *render(const struct mail *mail, const struct template *template,
                          const json_t *data)
{
    struct buffer out;
    const char *text = NULL;
    buffer_init(&out);
    if (template && template_render(template, NULL, data, &out))
        text = arena_copy(job_arena(mail->job), buffer_text(&out));
    buffer_finish(&out);
    return text;
}

/* NULL: it could not be rendered. */
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
        .reply_to = {.address =
                         arena_copy(arena, json_string_value(json_object_get(data, "reply_to")))},
        .subject = arena_copy(arena, json_string_value(json_object_get(data, "subject"))),
        .message_id = message_id(mail, &from),
        .date_us = clock_now_us(),
        .language = mail->language,
        .text = render(mail, locale_plain(mail->locale, "features/account/sign_in_mail.txt"), data),
        .html = render(mail, locale_page(mail->locale, "features/account/sign_in_mail.html"), data),
    };
    json_decref(data);
    return letter->text && letter->html ? letter : NULL;
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
    const struct letter *letter = make_letter(mail);
    if (letter)
        mailer_send(worker_state(job_worker(mail->job), &slot), mail->job, letter);
    else
        job_end(mail->job,
                &(struct job_end){.state = JOB_QUEUED, .words = "the letter could not be written"});
}

/* --- The kind of job ------------------------------------------------------------------------- */

static void run(struct job *job)
{
    struct mail *mail = job_data(job);
    unsigned char hash[SECRET_HASH_BYTES];
    const struct locale_set *locales = job_worker(job)->locales;
    mail->job = job;
    mail->locale = locale_find(locales, mail->language);
    if (!mail->locale)
        mail->locale = locale_find(locales, locale_languages[0]);
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
    const bool has_host = !rows_is_null(rows, *row, "slug");
    *mail = (struct mail){
        .mail_id = rows_id(rows, *row, "mail_id"),
        .email = arena_copy(arena, rows_text(rows, *row, "email")),
        .email_key = arena_copy(arena, rows_text(rows, *row, "email_key")),
        .language = arena_copy(arena, rows_text(rows, *row, "language")),
        .target = arena_copy(arena, rows_text(rows, *row, "target")),
        .invitation_id = rows_id(rows, *row, "invitation_id"),
        .host = {.slug = has_host ? arena_copy(arena, rows_text(rows, *row, "slug")) : NULL,
                 .name = has_host ? arena_copy(arena, rows_text(rows, *row, "organiser")) : NULL},
        .profile = rows_is_null(rows, *row, "profile")
                       ? NULL
                       : arena_copy(arena, rows_text(rows, *row, "profile")),
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
