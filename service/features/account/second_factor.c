#include "features/account/second_factor.h"

#include <jansson.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "db/db.h"
#include "features/account/account_page.h"
#include "features/account/sessions.h"
#include "features/feature.h"
#include "form/field_view.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/source.h"
#include "security/pace.h"
#include "security/secret.h"
#include "security/totp.h"
#include "statements.h"
#include "view/locale.h"
#include "view/qr.h"

#define TEMPLATE "features/account/second_factor.html"
#define CODES_TEMPLATE "features/account/recovery_codes.html"

static int64_t now_s(void)
{
    return clock_now_us() / CLOCK_SECOND_US;
}

/* Apps show "123 456". */
static const char *without_blanks(struct arena *arena, const char *code)
{
    char *text = arena_copy_bytes(arena, code, strlen(code)), *to = text;
    for (const char *at = code; *at; at++) {
        if (*at != ' ' && *at != '-')
            *to++ = *at;
    }
    *to = '\0';
    return text;
}

/* --- Using a code ---------------------------------------------------------------------------- */

/* Lives in its request's arena. */
struct use {
    struct request *request;
    struct id session_id, account_id;
    const char *code;
    bool with_recovery;
    second_factor_done *on_done;
    void *context;
};

static struct pace_key limit_of(const struct use *use)
{
    return (struct pace_key){.limit = PACE_CODES, .scope = &use->account_id};
}

static void on_used(void *context, const struct db_result *result)
{
    struct use *use = context;
    const struct pace_key limit = limit_of(use);
    if (result->outcome != DB_DONE) {
        reply_failed(use->request, result);
        use->on_done(use->request, SECOND_FACTOR_FAILED, use->context);
    } else if (rows_count(result->rows) == 0) {
        use->on_done(use->request, SECOND_FACTOR_WRONG, use->context);
    } else {
        pace_give_back(pace_of(request_worker(use->request)), &limit, 1, clock_monotonic_us());
        use->on_done(use->request, SECOND_FACTOR_RIGHT, use->context);
    }
}

static void use_recovery_code(struct use *use)
{
    const struct worker *worker = request_worker(use->request);
    unsigned char hash[SECRET_HASH_BYTES];
    secret_pairing_hash(worker->keyring, use->code, hash);
    db_ask(worker->db,
           account_recovery_code_use_params(&(struct account_recovery_code_use){
               .session_id = &use->session_id, .hash = {hash, sizeof hash}}),
           on_used, use);
}

static bool matches(struct use *use, const struct rows *rows, int64_t *ret_step)
{
    unsigned char secret[TOTP_SECRET_BYTES];
    bool is_right =
        totp_open(request_worker(use->request)->keyring, &use->account_id,
                  rows_text(rows, 0, "totp_secret"), secret) &&
        totp_matches(secret, use->code, now_s(), rows_number(rows, 0, "totp_step"), ret_step);
    explicit_bzero(secret, sizeof secret);
    return is_right;
}

static void judge(struct use *use, const struct rows *rows)
{
    int64_t step;
    use->account_id = rows_id(rows, 0, "account_id");
    const struct pace_key limit = limit_of(use);
    if (!request_takes(use->request, &limit))
        use->on_done(use->request, SECOND_FACTOR_TOO_MANY, use->context);
    else if (matches(use, rows, &step))
        db_ask(request_worker(use->request)->db,
               account_code_use_params(
                   &(struct account_code_use){.session_id = &use->session_id, .step = step}),
               on_used, use);
    else if (use->with_recovery)
        use_recovery_code(use);
    else
        use->on_done(use->request, SECOND_FACTOR_WRONG, use->context);
}

static void on_factor(void *context, const struct db_result *result)
{
    struct use *use = context;
    if (result->outcome != DB_DONE) {
        reply_failed(use->request, result);
        use->on_done(use->request, SECOND_FACTOR_FAILED, use->context);
    } else if (rows_count(result->rows) == 0) {
        use->on_done(use->request, SECOND_FACTOR_WRONG, use->context);
    } else {
        judge(use, result->rows);
    }
}

void second_factor_use(struct request *request, const struct id *session_id, const char *code,
                       bool with_recovery, second_factor_done *on_done, void *context)
{
    struct use *use = arena_alloc(request_arena(request), sizeof *use);
    *use = (struct use){
        .request = request,
        .session_id = *session_id,
        .code = without_blanks(request_arena(request), code),
        .with_recovery = with_recovery,
        .on_done = on_done,
        .context = context,
    };
    db_ask(request_worker(request)->db,
           account_second_factor_params(
               &(struct account_second_factor){.session_id = &use->session_id}),
           on_factor, use);
}

/* --- Recovery codes -------------------------------------------------------------------------- */

/* Lives in its request's arena. */
struct codes {
    struct request *request;
    char texts[SECOND_FACTOR_RECOVERY_CODES][SECRET_PAIRING_TEXT_BYTES];
    unsigned char hashes[SECOND_FACTOR_RECOVERY_CODES][SECRET_HASH_BYTES];
};

static struct codes *make_codes(struct request *request)
{
    struct codes *codes = arena_alloc(request_arena(request), sizeof *codes);
    const struct keyring *keyring = request_worker(request)->keyring;
    codes->request = request;
    for (int i = 0; i < SECOND_FACTOR_RECOVERY_CODES; i++) {
        struct id once; /* a new id each, which nobody keeps, makes the codes random */
        id_make(&once);
        secret_pairing_code(keyring, &once, codes->texts[i]);
        secret_pairing_hash(keyring, codes->texts[i], codes->hashes[i]);
    }
    return codes;
}

static void show_codes(struct codes *codes, bool is_new)
{
    json_t *texts = json_array();
    for (int i = 0; i < SECOND_FACTOR_RECOVERY_CODES; i++)
        json_array_append_new(texts, json_string(codes->texts[i]));
    reply_page(codes->request, 200, CODES_TEMPLATE,
               json_pack("{s:o, s:s, s:b}", "codes", texts, "email",
                         request_caller(codes->request)->email, "is_new", is_new));
}

static void on_renewed(void *context, const struct db_result *result)
{
    struct codes *codes = context;
    if (result->outcome != DB_DONE)
        reply_failed(codes->request, result);
    else
        show_codes(codes, false);
}

static void renew(struct request *request)
{
    struct codes *codes = make_codes(request);
    struct params *params = account_recovery_codes_renew_params(
        &(struct account_recovery_codes_renew){.account_id = &request_caller(request)->id});
    for (int i = 0; i < SECOND_FACTOR_RECOVERY_CODES; i++)
        account_recovery_codes_renew_add_code(
            params, (struct params_bytes){codes->hashes[i], SECRET_HASH_BYTES});
    db_ask(request_worker(request)->db, params, on_renewed, codes);
}

void second_factor_renew(struct request *request)
{
    account_prove(request, renew);
}

/* --- Setting it up --------------------------------------------------------------------------- */

struct confirmation {
    const char *secret, *code;
};

static const struct form_field fields[] = {
    {"secret", KIND_RAW, FORM_AT(struct confirmation, secret), FORM_NEEDED, "account_secret"},
    {"code", KIND_RAW, FORM_AT(struct confirmation, code), FORM_NEEDED, "account_code",
     .most = SECOND_FACTOR_CODE_MOST},
};
static const struct form form = FORM(struct confirmation, fields);

/* The page holds the sealed secret until a code confirms it. Takes the errors. */
static void reply_setup(struct request *request, int status,
                        const unsigned char secret[TOTP_SECRET_BYTES], const char *sealed,
                        json_t *errors)
{
    const struct caller *caller = request_caller(request);
    struct buffer text, uri, svg, title;
    buffer_init(&text);
    buffer_init(&uri);
    buffer_init(&svg);
    buffer_init(&title);
    totp_add_text(secret, &text);
    totp_add_uri(secret, caller->email, &uri);
    locale_text(request_locale(request), "account.qr", NULL, &title);
    bool has_code = qr_svg(buffer_text(&uri), buffer_text(&title), &svg);
    json_t *problems = field_view_problems(request_arena(request), errors, false);
    json_t *view =
        json_pack("{s:s, s:s, s:s, s:b, s:o, s:b, s:o}", "secret_text", buffer_text(&text), "qr",
                  has_code ? buffer_text(&svg) : "", "sealed", sealed, "is_required",
                  caller->wants_second_factor && caller->membership_count == 0, "code",
                  field_view_plain(errors, "code", NULL), "has_problems",
                  json_array_size(problems) > 0, "problems", problems);
    buffer_finish(&text);
    buffer_finish(&uri);
    buffer_finish(&svg);
    buffer_finish(&title);
    json_decref(errors);
    reply_page(request, status, TEMPLATE, view);
}

static void begin_setup(struct request *request, int status, json_t *errors)
{
    unsigned char secret[TOTP_SECRET_BYTES];
    char sealed[TOTP_SEALED_TEXT_BYTES];
    totp_make(secret);
    totp_seal(request_worker(request)->keyring, &request_caller(request)->id, secret, sealed);
    reply_setup(request, status, secret, sealed, errors);
    explicit_bzero(secret, sizeof secret);
}

static void show_setup(struct request *request, const struct rows *account, void *context)
{
    (void)context;
    if (rows_is_null(account, 0, "totp_secret"))
        begin_setup(request, 200, NULL);
    else
        reply_see_other(request, "/desk/account");
}

void second_factor_show(struct request *request)
{
    account_load(request, show_setup, NULL);
}

static void on_set(void *context, const struct db_result *result)
{
    struct codes *codes = context;
    if (result->outcome != DB_DONE)
        reply_failed(codes->request, result);
    else if (rows_count(result->rows) == 0) /* the form was sent twice */
        reply_see_other(codes->request, "/desk/account");
    else
        show_codes(codes, true);
}

static void set(struct request *request, const char *sealed, int64_t step)
{
    const struct caller *caller = request_caller(request);
    struct codes *codes = make_codes(request);
    struct params *params = account_second_factor_set_params(
        &(struct account_second_factor_set){.account_id = &caller->id,
                                            .session_id = &caller->session_id,
                                            .secret = sealed,
                                            .step = step});
    for (int i = 0; i < SECOND_FACTOR_RECOVERY_CODES; i++)
        account_second_factor_set_add_code(
            params, (struct params_bytes){codes->hashes[i], SECRET_HASH_BYTES});
    db_ask(request_worker(request)->db, params, on_set, codes);
}

static json_t *one_finding(struct request *request, const char *code)
{
    struct findings findings;
    findings_init(&findings, request_locale(request));
    findings_add(&findings, "/code", code, NULL);
    return findings_take(&findings);
}

void second_factor_confirm(struct request *request)
{
    const struct caller *caller = request_caller(request);
    const struct pace_key limit = {.limit = PACE_CODES, .scope = &caller->id};
    struct confirmation confirmation = {0};
    unsigned char secret[TOTP_SECRET_BYTES];
    int64_t step;
    json_t *errors = form_read_body(request, &form, NULL, &confirmation);
    bool is_ours = confirmation.secret && totp_open(request_worker(request)->keyring, &caller->id,
                                                    confirmation.secret, secret);
    if (!is_ours) { /* of another account, or of former keys */
        json_decref(errors);
        begin_setup(request, 422, one_finding(request, "account_secret"));
    } else if (errors) {
        reply_setup(request, 422, secret, confirmation.secret, errors);
    } else if (!request_takes(request, &limit)) {
        reply_setup(request, 429, secret, confirmation.secret,
                    one_finding(request, "account_too_many_codes"));
    } else if (!totp_matches(secret, without_blanks(request_arena(request), confirmation.code),
                             now_s(), 0, &step)) {
        reply_setup(request, 422, secret, confirmation.secret,
                    one_finding(request, "account_app_code_wrong"));
    } else {
        pace_give_back(pace_of(request_worker(request)), &limit, 1, clock_monotonic_us());
        set(request, confirmation.secret, step);
    }
    explicit_bzero(secret, sizeof secret);
}

/* --- Turning it off -------------------------------------------------------------------------- */

static void on_cleared(void *context, const struct db_result *result)
{
    struct request *request = context;
    if (result->outcome != DB_DONE)
        reply_failed(request, result);
    else
        reply_see_other(request, "/desk/account?done=account.second_factor_off");
}

static void turn_off(struct request *request)
{
    const struct caller *caller = request_caller(request);
    db_ask(request_worker(request)->db,
           account_second_factor_clear_params(&(struct account_second_factor_clear){
               .account_id = &caller->id, .actor = caller->label}),
           on_cleared, request);
}

void second_factor_turn_off(struct request *request)
{
    account_prove(request, turn_off);
}
