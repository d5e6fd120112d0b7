#include "features/account/sign_in.h"

#include <jansson.h>
#include <string.h>

#include "base/clock.h"
#include "base/email.h"
#include "base/memory.h"
#include "base/text.h"
#include "db/db.h"
#include "features/account/second_factor.h"
#include "features/account/sessions.h"
#include "features/feature.h"
#include "form/field_view.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/session_cookie.h"
#include "http/source.h"
#include "http/work.h"
#include "security/pace.h"
#include "security/password.h"
#include "statements.h"
#include "view/locale.h"

#define TEMPLATE "features/account/sign_in.html"
#define LINK_TEMPLATE "features/account/sign_in_link.html"

/* --- The page -------------------------------------------------------------------------------- */

struct attempt {
    struct email email;
    const char *password, *code, *link, *link_wanted;
};

static const struct form_field link_fields[] = {
    {"email", KIND_EMAIL, FORM_AT(struct attempt, email), FORM_NEEDED, "account_email"},
    {"password", KIND_RAW, FORM_AT(struct attempt, password), .most = PASSWORD_MOST_BYTES},
    {"link", KIND_RAW, FORM_AT(struct attempt, link)},
    {"link_wanted", KIND_RAW, FORM_AT(struct attempt, link_wanted)},
};
/* A right password proves the address, so only a wrong one makes it doubtful. */
static const struct form_field password_fields[] = {
    {"email", KIND_EMAIL, FORM_AT(struct attempt, email), FORM_NEEDED, "account_email",
     .is_not_doubted = true},
    {"password", KIND_RAW, FORM_AT(struct attempt, password), FORM_NEEDED, "account_password",
     .most = PASSWORD_MOST_BYTES},
    {"link_wanted", KIND_RAW, FORM_AT(struct attempt, link_wanted)},
};
static const struct form_field code_fields[] = {
    {"code", KIND_RAW, FORM_AT(struct attempt, code), FORM_NEEDED, "account_code",
     .most = SECOND_FACTOR_CODE_MOST},
};
static const struct form link_form = FORM(struct attempt, link_fields);
static const struct form password_form = FORM(struct attempt, password_fields);
static const struct form code_form = FORM(struct attempt, code_fields);

static bool has_mail(const struct request *request)
{
    return *request_worker(request)->config->smtp != '\0';
}

/* The page itself, with its target and ?sent=1 or nothing behind. */
static const char *own_path(struct request *request, const char *more)
{
    struct buffer path;
    buffer_init(&path);
    buffer_add_text(&path, "/desk/sign-in?to=");
    percent_encode(&path, sign_in_target(request));
    buffer_add_text(&path, more);
    const char *copy = arena_copy(request_arena(request), buffer_text(&path));
    buffer_finish(&path);
    return copy;
}

/* The buttons of the question whether another address is meant do not say what was asked for. */
static bool wants_link(const json_t *body)
{
    const char *password = json_string_value(json_object_get(body, "password"));
    return json_object_get(body, "link") ||
           (json_object_get(body, "link_wanted") && !(password && *password));
}

/* Takes the errors. The password is not written back. */
static void reply_form(struct request *request, int status, json_t *errors)
{
    const json_t *body = request_body(request);
    json_t *problems = field_view_problems(request_arena(request), errors, false);
    json_t *view = json_pack("{s:b, s:b, s:b, s:b, s:s, s:o, s:o, s:o, s:b, s:o}", "link_wanted",
                             wants_link(body), "wants_code", request_caller(request)->wants_code,
                             "was_asked", request_query(request, "sent") != NULL, "has_mail",
                             has_mail(request), "self", own_path(request, ""), "email",
                             field_view_email(request_arena(request), request_kept_emails(request),
                                              errors, "email", json_object_get(body, "email")),
                             "password", field_view_plain(errors, "password", NULL), "code",
                             field_view_plain(errors, "code", NULL), "has_problems",
                             json_array_size(problems) > 0, "problems", problems);
    json_decref(errors);
    reply_page(request, status, TEMPLATE, view);
}

static void reply_finding(struct request *request, int status, const char *field, const char *code)
{
    struct findings findings;
    findings_init(&findings, request_locale(request));
    findings_add(&findings, field, code, NULL);
    reply_form(request, status, findings_take(&findings));
}

void sign_in_show(struct request *request)
{
    if (request_caller(request)->identity == CALLER_SESSION)
        reply_see_other(request, sign_in_target(request));
    else
        reply_form(request, 200, NULL);
}

/* --- The code -------------------------------------------------------------------------------- */

static void on_code(struct request *request, enum second_factor_verdict verdict, void *context)
{
    (void)context;
    switch (verdict) {
    case SECOND_FACTOR_RIGHT:
        reply_see_other(request, sign_in_target(request));
        break;
    case SECOND_FACTOR_WRONG:
        reply_finding(request, 422, "/code", "account_code_wrong");
        break;
    case SECOND_FACTOR_TOO_MANY:
        reply_finding(request, 429, "/code", "account_too_many_codes");
        break;
    case SECOND_FACTOR_FAILED:
        break;
    }
}

static void use_code(struct request *request)
{
    struct attempt attempt = {0};
    json_t *errors = form_read_body(request, &code_form, NULL, &attempt);
    if (errors)
        reply_form(request, 422, errors);
    else if (!request_caller(request)->wants_code) /* the session has ended, or wants none */
        reply_see_other(request, own_path(request, ""));
    else
        second_factor_use(request, &request_caller(request)->session_id, attempt.code, true,
                          on_code, NULL);
}

/* --- The password ---------------------------------------------------------------------------- */

/* An attempt has its own memory, because a thread reads it while the deadline may answer. */
struct check {
    struct id account_id; /* zero: there is no such account */
    char *password, *hash, *email_key;
    bool matches;
    struct new_session session;
};

/* A hash of no password, of the same cost: an unknown address takes as long as a known one. */
static const char dummy_hash[] = "$argon2id$v=19$m=65536,t=2,p=1$TGFzIGNhc2FzIGJsYW5jYQ$"
                                 "Zm9yIG5vYm9keSBrbm93cyB0aGlzIHBhc3N3b3JkLiE";

static void free_check(struct check *check)
{
    explicit_bzero(check->password, strlen(check->password));
    free(check->password);
    free(check->hash);
    free(check->email_key);
    free(check);
}

/* A session that the database makes; lives in its request's arena. */
struct session_start {
    struct request *request;
    char secret[SECRET_TEXT_BYTES];
};

static void refuse_password(struct request *request)
{
    struct findings findings;
    findings_init(&findings, request_locale(request));
    form_doubt_email(request, "email", &findings);
    findings_add(&findings, "/password", "account_no_match", NULL);
    reply_form(request, 422, findings_take(&findings));
}

static void on_signed_in(void *context, const struct db_result *result)
{
    struct session_start *start = context;
    struct request *request = start->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
    } else if (rows_count(result->rows) == 0) {
        refuse_password(request);
    } else {
        session_cookie_set(request, start->secret);
        reply_see_other(request, rows_bool(result->rows, 0, "wants_code")
                                     ? own_path(request, "")
                                     : sign_in_target(request));
    }
}

static void run_check(void *context)
{
    struct check *check = context;
    check->matches =
        password_matches(check->hash, check->password) && !id_is_zero(&check->account_id);
}

/* A right password gives its permits back. */
static void give_back(struct request *request, const char *email_key)
{
    struct pace *pace = pace_of(request_worker(request));
    const struct pace_key account = {.limit = PACE_PASSWORDS, .who = email_key};
    const struct pace_key source = {.limit = PACE_PASSWORDS_OF_SOURCE,
                                    .who = request_source(request)};
    pace_give_back(pace, &account, 1, clock_monotonic_us());
    pace_give_back(pace, &source, 1, clock_monotonic_us());
}

static void sign_in(struct request *request, const struct check *check)
{
    struct session_start *start = arena_alloc(request_arena(request), sizeof *start);
    const struct new_session *session = &check->session;
    start->request = request;
    memcpy(start->secret, session->secret, sizeof start->secret);
    give_back(request, check->email_key);
    db_ask(request_worker(request)->db,
           account_sign_in_by_password_params(
               &(struct account_sign_in_by_password){.account_id = &check->account_id,
                                                     .password_hash = check->hash,
                                                     .session_id = &session->id,
                                                     .hash = {session->hash, sizeof session->hash},
                                                     .device = session->device}),
           on_signed_in, start);
}

static void on_checked(struct request *request, void *context)
{
    struct check *check = context;
    if (request && check->matches)
        sign_in(request, check);
    else if (request)
        refuse_password(request);
    free_check(check);
}

/* Lives in its request's arena. */
struct asking {
    struct request *request;
    struct check *check;
};

static void on_account(void *context, const struct db_result *result)
{
    struct asking *asking = context;
    struct check *check = asking->check;
    if (result->outcome != DB_DONE) {
        free_check(check);
        reply_failed(asking->request, result);
        return;
    }
    bool is_known = rows_count(result->rows) > 0 && !rows_is_null(result->rows, 0, "password_hash");
    if (is_known)
        check->account_id = rows_id(result->rows, 0, "account_id");
    check->hash = memory_copy(is_known ? rows_text(result->rows, 0, "password_hash") : dummy_hash);
    request_work(asking->request, run_check, on_checked, check);
}

static void check_password(struct request *request, const struct attempt *attempt)
{
    struct asking *asking = arena_alloc(request_arena(request), sizeof *asking);
    struct check *check = memory_alloc(sizeof *check);
    *asking = (struct asking){request, check};
    check->password = memory_copy(attempt->password);
    check->email_key = memory_copy(attempt->email.key);
    session_make(request, &check->session);
    db_ask(request_worker(request)->db,
           account_account_by_email_params(
               &(struct account_account_by_email){.email_key = attempt->email.key}),
           on_account, asking);
}

/* Takes a permit of the source and of the address, whether or not it has an account. */
static bool takes(struct request *request, enum pace_limit of_address, enum pace_limit of_source,
                  const struct email *email)
{
    const struct pace_key source = {.limit = of_source, .who = request_source(request)};
    const struct pace_key address = {.limit = of_address, .who = email->key};
    return request_takes(request, &source) && request_takes(request, &address);
}

static void use_password(struct request *request)
{
    struct attempt attempt = {0};
    json_t *errors = form_read_body(request, &password_form, NULL, &attempt);
    if (errors)
        reply_form(request, 422, errors);
    else if (takes(request, PACE_PASSWORDS, PACE_PASSWORDS_OF_SOURCE, &attempt.email))
        check_password(request, &attempt);
    else
        reply_finding(request, 429, "/password", "account_too_many");
}

/* --- A link by mail -------------------------------------------------------------------------- */

static void on_link_asked(void *context, const struct db_result *result)
{
    struct request *request = context;
    if (result->outcome != DB_DONE)
        reply_failed(request, result);
    else
        reply_see_other(request, own_path(request, "&sent=1"));
}

/* The page behind a link that is mailed. It is stored, so it is never a page with a secret in its
 * path: who signs in sees the invitation on a page of its own. */
static const char *mailed_target(struct request *request)
{
    static const char join[] = "/desk/join/";
    const char *target = sign_in_target(request);
    return strncmp(target, join, sizeof join - 1) == 0 ? ACCOUNT_PATH_INVITATIONS : target;
}

static void ask_for_link(struct request *request)
{
    struct attempt attempt = {0};
    struct id mail_id;
    json_t *errors = form_read_body(request, &link_form, NULL, &attempt);
    id_make(&mail_id);
    if (errors)
        reply_form(request, 422, errors);
    else if (!takes(request, PACE_SIGN_IN_LINKS, PACE_SIGN_IN_LINKS_OF_SOURCE, &attempt.email))
        reply_finding(request, 429, "/email", "account_too_many_links");
    else
        db_ask(request_worker(request)->db,
               account_sign_in_mail_add_params(&(struct account_sign_in_mail_add){
                   .mail_id = &mail_id,
                   .email = attempt.email.address,
                   .email_key = attempt.email.key,
                   .language = locale_code(request_locale(request)),
                   .target = mailed_target(request)}),
               on_link_asked, request);
}

void sign_in_handle(struct request *request)
{
    const json_t *body = request_body(request);
    if (json_object_get(body, "code"))
        use_code(request);
    else if (wants_link(body))
        ask_for_link(request);
    else
        use_password(request);
}

/* --- Signing out ----------------------------------------------------------------------------- */

static void leave(struct request *request)
{
    session_cookie_set(request, NULL);
    reply_see_other(request, "/desk/sign-in?done=account.signed_out");
}

static void on_signed_out(void *context, const struct db_result *result)
{
    struct request *request = context;
    if (result->outcome != DB_DONE)
        reply_failed(request, result);
    else
        leave(request);
}

void sign_out_handle(struct request *request)
{
    const struct caller *caller = request_caller(request);
    if (caller->identity != CALLER_SESSION) {
        leave(request);
        return;
    }
    db_ask(request_worker(request)->db,
           account_sign_out_params(&(struct account_sign_out){.account_id = &caller->id,
                                                              .session_id = &caller->session_id}),
           on_signed_out, request);
}

/* --- Links ----------------------------------------------------------------------------------- */

/* Lives in its request's arena. */
struct link_use {
    struct request *request;
    unsigned char hash[SECRET_HASH_BYTES]; /* of the link */
    struct new_session session;
};

static struct link_use *begin_link(struct request *request)
{
    struct link_use *link = arena_alloc(request_arena(request), sizeof *link);
    link->request = request;
    secret_hash(request_path(request, "token"), link->hash);
    return link;
}

static void reply_link(struct request *request, int status, bool is_good)
{
    reply_header(request, "Cache-Control", "no-store");
    reply_page(request, status, LINK_TEMPLATE,
               json_pack("{s:b, s:s}", "is_good", is_good, "action", request_target(request)));
}

static void on_link(void *context, const struct db_result *result)
{
    struct link_use *link = context;
    if (result->outcome != DB_DONE)
        reply_failed(link->request, result);
    else if (rows_count(result->rows) == 0)
        reply_link(link->request, 410, false);
    else
        reply_link(link->request, 200, true);
}

void sign_in_link_show(struct request *request)
{
    struct link_use *link = begin_link(request);
    db_ask(request_worker(request)->db,
           account_sign_in_link_params(
               &(struct account_sign_in_link){.hash = {link->hash, sizeof link->hash}}),
           on_link, link);
}

static void on_link_used(void *context, const struct db_result *result)
{
    struct link_use *link = context;
    if (result->outcome != DB_DONE) {
        reply_failed(link->request, result);
    } else if (rows_count(result->rows) == 0) {
        reply_link(link->request, 410, false);
    } else {
        session_cookie_set(link->request, link->session.secret);
        reply_see_other(link->request, sign_in_target(link->request));
    }
}

void sign_in_link_use(struct request *request)
{
    struct link_use *link = begin_link(request);
    struct new_session *session = &link->session;
    session_make(request, session);
    db_ask(request_worker(request)->db,
           account_sign_in_by_link_params(
               &(struct account_sign_in_by_link){.link_hash = {link->hash, sizeof link->hash},
                                                 .session_id = &session->id,
                                                 .hash = {session->hash, sizeof session->hash},
                                                 .device = session->device}),
           on_link_used, link);
}
