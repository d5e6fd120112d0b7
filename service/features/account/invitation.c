#include "features/account/invitation.h"

#include <jansson.h>

#include "base/text.h"
#include "db/db.h"
#include "features/account/sessions.h"
#include "features/feature.h"
#include "http/reply.h"
#include "http/session_cookie.h"
#include "statements.h"
#include "view/locale.h"

/* An answer to invitations. Lives in its request's arena. */
struct answer {
    struct request *request;
    bool by_link;
    unsigned char link_hash[SECRET_HASH_BYTES];
    struct id invitation_id; /* without a link */
    struct new_session session;
    int status; /* of the page */
};

static struct answer *begin(struct request *request)
{
    struct answer *answer = arena_alloc(request_arena(request), sizeof *answer);
    answer->request = request;
    answer->status = 200;
    answer->by_link = request_has_path(request, "token");
    if (answer->by_link)
        secret_hash(request_path(request, "token"), answer->link_hash);
    return answer;
}

/* NULL: the caller has no session. */
static const struct id *account_of(struct request *request)
{
    const struct caller *caller = request_caller(request);
    return caller->identity == CALLER_SESSION ? &caller->id : NULL;
}

static struct params_bytes link_of(const struct answer *answer)
{
    return answer->by_link ? (struct params_bytes){answer->link_hash, sizeof answer->link_hash}
                           : (struct params_bytes){0};
}

/* --- The page -------------------------------------------------------------------------------- */

static json_t *word(struct request *request, const char *group, const char *name)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(request_locale(request), arena_printf(request_arena(request), "%s.%s", group, name),
                NULL, &text);
    json_t *json = json_string(buffer_text(&text));
    buffer_finish(&text);
    return json;
}

static const char *base_of(const struct answer *answer, const struct rows *rows, int row)
{
    struct arena *arena = request_arena(answer->request);
    char id[ID_TEXT_BYTES];
    if (answer->by_link)
        return arena_printf(arena, "/desk/join/%s", request_path(answer->request, "token"));
    struct id invitation_id = rows_id(rows, row, "invitation_id");
    id_format(&invitation_id, id);
    return arena_printf(arena, ACCOUNT_PATH_INVITATIONS "/%s", id);
}

static json_t *invitation_view(const struct answer *answer, const struct rows *rows, int row)
{
    struct request *request = answer->request;
    const char *role = role_name(account_invitation_list_role(rows, row));
    bool is_other = account_of(request) && !rows_bool(rows, row, "is_own");
    return json_pack(
        "{s:s, s:s, s:s?, s:o, s:o, s:s, s:s, s:b}", "organiser", rows_text(rows, row, "organiser"),
        "email", rows_text(rows, row, "email"), "event", view_text_of(rows, row, "title"), "role",
        word(request, "team.role", role), "sentence", word(request, "team.role_means", role),
        "expires_on", rows_text(rows, row, "expires_on"), "base", base_of(answer, rows, row),
        "is_other", is_other);
}

static void on_list(void *context, const struct db_result *result)
{
    const struct answer *answer = context;
    struct request *request = answer->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    int count = rows_count(result->rows);
    json_t *invitations = json_array();
    for (int row = 0; row < count; row++)
        json_array_append_new(invitations, invitation_view(answer, result->rows, row));
    reply_header(request, "Cache-Control", "no-store");
    reply_page(request, answer->by_link && count == 0 ? 410 : answer->status,
               "features/account/invitations.html",
               json_pack("{s:o, s:b, s:s}", "invitations", invitations, "by_link", answer->by_link,
                         "own_email", request_caller(request)->email));
}

static void show(struct answer *answer)
{
    struct request *request = answer->request;
    db_ask(request_worker(request)->db,
           account_invitation_list_params(
               &(struct account_invitation_list){.account_id = account_of(request),
                                                 .hash = link_of(answer),
                                                 .language = locale_code(request_locale(request))}),
           on_list, answer);
}

void invitations_show(struct request *request)
{
    show(begin(request));
}

/* --- The answer ------------------------------------------------------------------------------ */

static void ask_to_sign_in(struct request *request)
{
    struct buffer path;
    buffer_init(&path);
    buffer_add_text(&path, "/desk/sign-in?done=account.known&to=");
    percent_encode(&path, arena_printf(request_arena(request), "/desk/join/%s",
                                       request_path(request, "token")));
    reply_see_other(request, arena_copy(request_arena(request), buffer_text(&path)));
    buffer_finish(&path);
}

static void on_accepted(void *context, const struct db_result *result)
{
    struct answer *answer = context;
    struct request *request = answer->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    switch (account_invitation_accept_outcome(result->rows, 0)) {
    case ACCEPT_OUTCOME_ENTERED: /* the account has no password yet */
        session_cookie_set(request, answer->session.secret);
        reply_see_other(request, "/desk/account?done=account.entered");
        return;
    case ACCEPT_OUTCOME_JOINED:
        reply_see_other(request, "/desk?done=account.joined");
        return;
    case ACCEPT_OUTCOME_WANTS_SIGN_IN:
        ask_to_sign_in(request);
        return;
    case ACCEPT_OUTCOME_OTHER_ACCOUNT: /* the page says so */
        answer->status = 403;
        show(answer);
        return;
    case ACCEPT_OUTCOME_GONE:
        answer->status = 410;
        show(answer);
        return;
    case ACCEPT_OUTCOME_NONE:
        break;
    }
    reply_refuse(request, 500, "internal");
}

static bool reads_id(struct answer *answer)
{
    if (answer->by_link ||
        id_parse(request_path(answer->request, "invitation"), &answer->invitation_id))
        return true;
    reply_refuse(answer->request, 404, "not_found");
    return false;
}

void invitations_accept(struct request *request)
{
    struct answer *answer = begin(request);
    const struct caller *caller = request_caller(request);
    struct id fresh;
    if (!reads_id(answer))
        return;
    id_make(&fresh);
    session_make(request, &answer->session);
    db_ask(request_worker(request)->db,
           account_invitation_accept_params(&(struct account_invitation_accept){
               .link_hash = link_of(answer),
               .invitation_id = answer->by_link ? NULL : &answer->invitation_id,
               .caller = account_of(request),
               .session_id = account_of(request) ? &caller->session_id : &answer->session.id,
               .fresh = &fresh,
               .hash = {answer->session.hash, sizeof answer->session.hash},
               .device = answer->session.device,
           }),
           on_accepted, answer);
}

static void on_declined(void *context, const struct db_result *result)
{
    struct answer *answer = context;
    struct request *request = answer->request;
    if (result->outcome != DB_DONE)
        reply_failed(request, result);
    else if (rows_count(result->rows) == 0)
        show(answer);
    else
        reply_see_other(request, account_of(request) ? "/desk?done=account.declined"
                                                     : "/desk/sign-in?done=account.declined");
}

void invitations_decline(struct request *request)
{
    struct answer *answer = begin(request);
    if (!reads_id(answer))
        return;
    db_ask(request_worker(request)->db,
           account_invitation_decline_params(&(struct account_invitation_decline){
               .link_hash = link_of(answer),
               .invitation_id = answer->by_link ? NULL : &answer->invitation_id,
               .caller = answer->by_link ? NULL : account_of(request),
           }),
           on_declined, answer);
}
