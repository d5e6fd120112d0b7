#include "features/account/account_page.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "db/db.h"
#include "features/account/second_factor.h"
#include "features/account/sessions.h"
#include "features/feature.h"
#include "form/field_view.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/source.h"
#include "http/work.h"
#include "security/pace.h"
#include "security/password.h"
#include "security/totp.h"
#include "statements.h"
#include "view/locale.h"

#define TEMPLATE "features/account/account.html"

enum { MINUTE_S = 60, HOUR_S = 3600, DAY_S = 24 * HOUR_S };

/* --- Loading --------------------------------------------------------------------------------- */

/* Lives in its request's arena. */
struct loading {
    struct request *request;
    account_ready *on_ready;
    void *context;
};

static void on_loaded(void *context, const struct db_result *result)
{
    struct loading *loading = context;
    if (result->outcome != DB_DONE)
        reply_failed(loading->request, result);
    else if (rows_count(result->rows) == 0) /* the session ended a moment ago */
        reply_see_other(loading->request, "/desk/sign-in?to=/desk/account");
    else
        loading->on_ready(loading->request, result->rows, loading->context);
}

void account_load(struct request *request, account_ready *on_ready, void *context)
{
    struct loading *loading = arena_alloc(request_arena(request), sizeof *loading);
    *loading = (struct loading){request, on_ready, context};
    db_ask(request_worker(request)->db,
           account_account_show_params(
               &(struct account_account_show){.session_id = &request_caller(request)->session_id}),
           on_loaded, loading);
}

/* --- The page -------------------------------------------------------------------------------- */

/* Lives in its request's arena. Its view and errors go with the answer. */
struct page_of_account {
    struct request *request;
    int status;
    json_t *errors, *view;
};

static void fail(struct page_of_account *page, const struct db_result *result)
{
    json_decref(page->view);
    json_decref(page->errors);
    reply_failed(page->request, result);
}

static json_t *organisers_json(const struct rows *rows)
{
    json_t *organisers = json_array();
    for (int row = 0; row < rows_count(rows); row++)
        json_array_append_new(
            organisers, json_pack("{s:o, s:s, s:b}", "id", view_id_of(rows, row, "organiser_id"),
                                  "name", rows_text(rows, row, "name"), "required",
                                  rows_bool(rows, row, "requires_second_factor")));
    return organisers;
}

static void on_organisers(void *context, const struct db_result *result)
{
    struct page_of_account *page = context;
    if (result->outcome != DB_DONE) {
        fail(page, result);
        return;
    }
    json_object_set_new(page->view, "organisers", organisers_json(result->rows));
    json_object_set_new(page->view, "has_organisers", json_boolean(rows_count(result->rows) > 0));
    json_decref(page->errors);
    reply_page(page->request, page->status, TEMPLATE, page->view);
}

/* "5 min ago": the same words for one and many. */
static json_t *ago(struct request *request, int64_t at_us)
{
    int64_t seconds = (clock_now_us() - at_us) / CLOCK_SECOND_US;
    const char *key = seconds < MINUTE_S ? "account.now"
                      : seconds < HOUR_S ? "account.minutes_ago"
                      : seconds < DAY_S  ? "account.hours_ago"
                                         : "account.days_ago";
    int64_t n = seconds < HOUR_S  ? seconds / MINUTE_S
                : seconds < DAY_S ? seconds / HOUR_S
                                  : seconds / DAY_S;
    struct buffer text;
    buffer_init(&text);
    json_t *data = json_pack("{s:I}", "n", (json_int_t)n);
    locale_text(request_locale(request), key, data, &text);
    json_t *json = json_string(buffer_text(&text));
    json_decref(data);
    buffer_finish(&text);
    return json;
}

static json_t *sessions_json(struct request *request, const struct rows *rows)
{
    json_t *sessions = json_array();
    for (int row = 0; row < rows_count(rows); row++) {
        struct id id = rows_id(rows, row, "session_id");
        json_array_append_new(sessions,
                              json_pack("{s:o, s:s, s:o, s:o, s:b}", "id", view_id(&id), "device",
                                        rows_text(rows, row, "device"), "used",
                                        ago(request, rows_time(rows, row, "last_used_at")), "began",
                                        ago(request, rows_time(rows, row, "created_at")), "is_own",
                                        id_equal(&id, &request_caller(request)->session_id)));
    }
    return sessions;
}

static void on_sessions(void *context, const struct db_result *result)
{
    struct page_of_account *page = context;
    if (result->outcome != DB_DONE) {
        fail(page, result);
        return;
    }
    json_object_set_new(page->view, "sessions", sessions_json(page->request, result->rows));
    json_object_set_new(page->view, "has_others", json_boolean(rows_count(result->rows) > 1));
    db_ask(request_worker(page->request)->db,
           account_organiser_list_params(
               &(struct account_organiser_list){.account_id = &request_caller(page->request)->id}),
           on_organisers, page);
}

/* Whether a new password needs the former one. Who came by a link has shown that the address is
 * theirs, and may have forgotten it. */
static bool needs_former(const struct rows *account)
{
    return !rows_is_null(account, 0, "password_hash") && !rows_bool(account, 0, "by_link");
}

static json_t *describe(const struct page_of_account *page, const struct rows *account)
{
    json_t *problems = field_view_problems(request_arena(page->request), page->errors, false);
    return json_pack("{s:s, s:b, s:b, s:b, s:i, s:b, s:I, s:s?, s:o, s:o, s:o, s:b, s:o}", "email",
                     rows_text(account, 0, "email"), "has_password",
                     !rows_is_null(account, 0, "password_hash"), "has_mail",
                     *request_worker(page->request)->config->smtp != '\0', "needs_former",
                     needs_former(account), "least", PASSWORD_LEAST, "has_second_factor",
                     !rows_is_null(account, 0, "totp_secret"), "codes_left",
                     (json_int_t)rows_number(account, 0, "recovery_codes"), "required_by",
                     view_text_of(account, 0, "required_by"), "former",
                     field_view_plain(page->errors, "former", NULL), "password",
                     field_view_plain(page->errors, "password", NULL), "confirm",
                     field_view_plain(page->errors, "confirm", NULL), "has_problems",
                     json_array_size(problems) > 0, "problems", problems);
}

static void show(struct request *request, const struct rows *account, void *context)
{
    struct page_of_account *page = context;
    struct id account_id = rows_id(account, 0, "account_id");
    page->view = describe(page, account);
    db_ask(request_worker(request)->db,
           account_session_list_params(&(struct account_session_list){
               .account_id = &account_id, .idle_hours = SESSION_IDLE_HOURS}),
           on_sessions, page);
}

/* Takes the errors. */
static void reply_account(struct request *request, int status, json_t *errors)
{
    struct page_of_account *page = arena_alloc(request_arena(request), sizeof *page);
    *page = (struct page_of_account){.request = request, .status = status, .errors = errors};
    account_load(request, show, page);
}

void account_show(struct request *request)
{
    reply_account(request, 200, NULL);
}

void account_page_refuse(struct request *request, int status, const char *field, const char *code)
{
    struct findings findings;
    json_t *data = json_pack("{s:i}", "least", PASSWORD_LEAST);
    findings_init(&findings, request_locale(request));
    findings_add(&findings, field, code, data);
    reply_account(request, status, findings_take(&findings));
}

/* --- Proving who one is ---------------------------------------------------------------------- */

/* A thread reads it while the deadline may answer, so it has its own memory. */
struct proof {
    char *former;   /* the password that was typed */
    char *hash;     /* of the right one */
    bool is_needed; /* false: the former password need not be right */
    char *password; /* the new one; NULL: there is none */
    bool is_right;
    enum password_status status;
    char new_hash[PASSWORD_HASH_BYTES];
    void (*on_proved)(struct request *request);
};

static void free_text(char *text)
{
    if (text)
        explicit_bzero(text, strlen(text));
    free(text);
}

static void free_proof(struct proof *proof)
{
    free_text(proof->former);
    free_text(proof->password);
    free(proof->hash);
    free(proof);
}

static void run_proof(void *context)
{
    struct proof *proof = context;
    proof->is_right = !proof->is_needed || password_matches(proof->hash, proof->former);
    if (proof->is_right && proof->password)
        proof->status = password_hash(proof->password, proof->new_hash);
}

static struct pace_key limit_of(const struct caller *caller)
{
    return (struct pace_key){.limit = PACE_CODES, .scope = &caller->id};
}

static void give_back(struct request *request)
{
    const struct pace_key limit = limit_of(request_caller(request));
    pace_give_back(pace_of(request_worker(request)), &limit, 1, clock_monotonic_us());
}

struct confirm {
    const char *text;
};

static const struct form_field confirm_fields[] = {
    {"confirm", KIND_RAW, FORM_AT(struct confirm, text), FORM_NEEDED, "account_confirm",
     .most = PASSWORD_MOST_BYTES},
};
static const struct form confirm_form = FORM(struct confirm, confirm_fields);

/* Lives in its request's arena. */
struct proving {
    void (*on_proved)(struct request *request);
    const char *text;
};

static void on_password_proved(struct request *request, void *context)
{
    struct proof *proof = context;
    bool is_right = proof->is_right;
    void (*on_proved)(struct request *) = proof->on_proved;
    free_proof(proof);
    if (!request)
        return;
    if (!is_right) {
        account_page_refuse(request, 422, "/confirm", "account_confirm_wrong");
        return;
    }
    give_back(request);
    on_proved(request);
}

static void on_code_proved(struct request *request, enum second_factor_verdict verdict,
                           void *context)
{
    struct proving *proving = context;
    switch (verdict) {
    case SECOND_FACTOR_RIGHT:
        proving->on_proved(request);
        break;
    case SECOND_FACTOR_WRONG:
        account_page_refuse(request, 422, "/confirm", "account_confirm_wrong");
        break;
    case SECOND_FACTOR_TOO_MANY:
        account_page_refuse(request, 429, "/confirm", "account_too_many_codes");
        break;
    case SECOND_FACTOR_FAILED:
        break;
    }
}

/* Whether a text can only be a code: passwords are longer. */
static bool is_code(const char *text)
{
    return text_length(text) < PASSWORD_LEAST;
}

static void prove(struct request *request, const struct rows *account, void *context)
{
    struct proving *proving = context;
    const struct pace_key limit = limit_of(request_caller(request));
    if (is_code(proving->text)) {
        second_factor_use(request, &request_caller(request)->session_id, proving->text, false,
                          on_code_proved, proving);
    } else if (rows_is_null(account, 0, "password_hash")) {
        account_page_refuse(request, 422, "/confirm", "account_confirm_wrong");
    } else if (!request_takes(request, &limit)) {
        account_page_refuse(request, 429, "/confirm", "account_too_many_codes");
    } else {
        struct proof *proof = memory_alloc(sizeof *proof);
        proof->former = memory_copy(proving->text);
        proof->hash = memory_copy(rows_text(account, 0, "password_hash"));
        proof->is_needed = true;
        proof->on_proved = proving->on_proved;
        request_work(request, run_proof, on_password_proved, proof);
    }
}

void account_prove(struct request *request, void (*on_proved)(struct request *request))
{
    struct confirm confirm = {0};
    json_t *errors = form_read_body(request, &confirm_form, NULL, &confirm);
    if (errors) {
        reply_account(request, 422, errors);
        return;
    }
    struct proving *proving = arena_alloc(request_arena(request), sizeof *proving);
    *proving = (struct proving){.on_proved = on_proved, .text = confirm.text};
    account_load(request, prove, proving);
}

/* --- The password ---------------------------------------------------------------------------- */

struct new_password {
    const char *former, *password;
};

static const struct form_field password_fields[] = {
    {"former", KIND_RAW, FORM_AT(struct new_password, former), .most = PASSWORD_MOST_BYTES},
    {"password", KIND_RAW, FORM_AT(struct new_password, password), FORM_NEEDED,
     "account_new_password", .most = PASSWORD_MOST_BYTES},
};
static const struct form password_form = FORM(struct new_password, password_fields);

static void on_password_set(void *context, const struct db_result *result)
{
    struct request *request = context;
    if (result->outcome != DB_DONE)
        reply_failed(request, result);
    else if (rows_count(result->rows) == 0)
        account_page_refuse(request, 409, "/password", "account_password_changed");
    else
        reply_see_other(request, "/desk/account?done=account.password");
}

static void set_password(struct request *request, const char *former_hash, const char *hash)
{
    const struct caller *caller = request_caller(request);
    db_ask(request_worker(request)->db,
           account_password_set_params(
               &(struct account_password_set){.account_id = &caller->id,
                                              .session_id = &caller->session_id,
                                              .former = former_hash,
                                              .password_hash = hash}),
           on_password_set, request);
}

static void on_change_proved(struct request *request, void *context)
{
    struct proof *proof = context;
    if (request && !proof->is_right) {
        account_page_refuse(request, 422, "/former", "account_former_wrong");
    } else if (request && proof->status != PASSWORD_HASHED) {
        account_page_refuse(request, 422, "/password", "account_password_short");
    } else if (request) {
        give_back(request);
        set_password(request, proof->hash, proof->new_hash);
    }
    free_proof(proof);
}

static char *copy_or_null(const char *text)
{
    return text ? memory_copy(text) : NULL;
}

static void change_password(struct request *request, const struct rows *account, void *context)
{
    const struct new_password *given = context;
    const struct pace_key limit = limit_of(request_caller(request));
    if (needs_former(account) && !given->former) {
        account_page_refuse(request, 422, "/former", "account_former");
    } else if (text_length(given->password) < PASSWORD_LEAST) {
        account_page_refuse(request, 422, "/password", "account_password_short");
    } else if (!request_takes(request, &limit)) {
        account_page_refuse(request, 429, "/former", "account_too_many_codes");
    } else {
        struct proof *proof = memory_alloc(sizeof *proof);
        proof->hash = copy_or_null(view_text_of(account, 0, "password_hash"));
        proof->is_needed = needs_former(account);
        proof->former = copy_or_null(given->former);
        proof->password = memory_copy(given->password);
        request_work(request, run_proof, on_change_proved, proof);
    }
}

void account_change_password(struct request *request)
{
    struct new_password *given = arena_alloc(request_arena(request), sizeof *given);
    *given = (struct new_password){0};
    json_t *errors = form_read_body(request, &password_form, NULL, given);
    if (errors)
        reply_account(request, 422, errors);
    else
        account_load(request, change_password, given);
}

/* --- Sessions -------------------------------------------------------------------------------- */

static void on_ended(void *context, const struct db_result *result)
{
    struct request *request = context;
    if (result->outcome != DB_DONE)
        reply_failed(request, result);
    else
        reply_see_other(request, "/desk/account?done=account.session_ended");
}

static void end_sessions(struct request *request, const struct id *session_id)
{
    const struct caller *caller = request_caller(request);
    db_ask(request_worker(request)->db,
           account_sign_out_params(
               &(struct account_sign_out){.account_id = &caller->id,
                                          .session_id = session_id,
                                          .except = session_id ? NULL : &caller->session_id}),
           on_ended, request);
}

void account_end_session(struct request *request)
{
    struct id id;
    if (id_parse(request_path(request, "session"), &id))
        end_sessions(request, &id);
    else
        reply_refuse(request, 404, "not_found");
}

void account_end_others(struct request *request)
{
    end_sessions(request, NULL);
}

/* --- The rule of an organiser ---------------------------------------------------------------- */

struct rule {
    struct id organiser_id;
    bool required;
};

static const struct form_field rule_fields[] = {
    {"organiser", KIND_ID, FORM_AT(struct rule, organiser_id), FORM_NEEDED},
    {"required", KIND_BOOLEAN, FORM_AT(struct rule, required)},
};
static const struct form rule_form = FORM(struct rule, rule_fields);

static void on_rule(void *context, const struct db_result *result)
{
    struct request *request = context;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    if (rows_count(result->rows) == 0) {
        reply_refuse(request, 403, "forbidden");
        return;
    }
    switch (account_require_second_factor_outcome(result->rows, 0)) {
    case RULE_OUTCOME_CHANGED:
        reply_see_other(request, "/desk/account?done=account.rule");
        return;
    case RULE_OUTCOME_WANTS_SECOND_FACTOR:
        reply_see_other(request, ACCOUNT_PATH_SECOND_FACTOR);
        return;
    case RULE_OUTCOME_NONE:
        break;
    }
    reply_refuse(request, 500, "internal");
}

void account_require_second_factor(struct request *request)
{
    struct rule rule = {0};
    json_t *errors = form_read_body(request, &rule_form, NULL, &rule);
    if (errors) {
        reply_account(request, 422, errors);
        return;
    }
    db_ask(request_worker(request)->db,
           account_require_second_factor_params(
               &(struct account_require_second_factor){.account_id = &request_caller(request)->id,
                                                       .organiser_id = &rule.organiser_id,
                                                       .required = rule.required}),
           on_rule, request);
}
