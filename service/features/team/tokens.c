#include "config.h"
#include "db/db.h"
#include "features/team/team.h"
#include "form/form.h"
#include "http/reply.h"
#include "security/secret.h"
#include "statements.h"
#include "view/locale.h"
#include "worker.h"

#define LIST_PAGE "/desk/tokens"

/* --- The list -------------------------------------------------------------------------------- */

static void add_text(json_t *view, const struct rows *rows, int row, const char *column,
                     const char *name)
{
    if (!rows_is_null(rows, row, column))
        json_object_set_new(view, name, json_string(rows_text(rows, row, column)));
}

static json_t *token_view(struct request *request, const struct rows *rows, int row)
{
    enum token_state state = team_token_list_state(rows, row);
    json_t *view = json_pack("{s:o, s:s, s:b, s:b}", "id", view_id_of(rows, row, "token_id"),
                             "name", rows_text(rows, row, "name"), "is_good",
                             state == TOKEN_STATE_GOOD, "is_revoked", state == TOKEN_STATE_REVOKED);
    team_add_place(request, view, rows, row, team_token_list_role(rows, row));
    add_text(view, rows, row, "expires_on", "expires_on");
    add_text(view, rows, row, "last_used_on", "last_used_on");
    return view;
}

static void on_list(void *context, const struct db_result *result)
{
    struct request *request = context;
    const struct rows *rows = result->rows;
    json_t *organisers = json_array();
    if (result->outcome != DB_DONE) {
        json_decref(organisers);
        reply_failed(request, result);
        return;
    }
    for (int row = 0; row < rows_count(rows); row++) {
        bool has_token = !rows_is_null(rows, row, "token_id");
        json_t *organiser = team_add_to_organiser(
            organisers, rows, row, "tokens", has_token ? token_view(request, rows, row) : NULL);
        if (has_token)
            json_object_set_new(organiser, "has_tokens", json_true());
    }
    reply_view(request, 200, json_pack("{s:o}", "organisers", organisers));
}

void tokens_show(struct request *request)
{
    struct params *params = team_token_list_params(
        &(struct team_token_list){.language = locale_code(request_locale(request))});
    TEAM_ADD_OWN(team_token_list, params, request, WHO_OWNER);
    db_ask(request_worker(request)->db, params, on_list, request);
}

/* --- Making one ------------------------------------------------------------------------------ */

struct wish {
    struct id id; /* of the form: sent again, it makes no second token */
    const char *name, *role, *place, *expires_on;
};

static const char *const role_slugs[] = {"owner", "manager", "door", "viewer"};

static const struct form_field wish_fields[] = {
    {"id", KIND_ID, FORM_AT(struct wish, id), FORM_NEEDED},
    {"name", KIND_TEXT, FORM_AT(struct wish, name), FORM_NEEDED, "token_name_needed",
     .most = TEAM_TOKEN_NAME_MOST},
    {"role", KIND_CHOICE, FORM_AT(struct wish, role), FORM_NEEDED, "role_needed",
     .wrong = "role_needed", .choices = KIND_CHOICES(role_slugs)},
    {"place", KIND_TEXT, FORM_AT(struct wish, place), FORM_NEEDED, "place_needed",
     .wrong = "place_needed"},
    {"expires_on", KIND_DATE, FORM_AT(struct wish, expires_on), .wrong = "day_expected"},
};
static const struct form wish_form = FORM(struct wish, wish_fields);

/* Takes the errors. */
static void ask(struct request *request, int status, json_t *errors)
{
    static const char *const fields[] = {"name", "role", "place", "expires_on", NULL};
    json_t *id = json_object_get(request_body(request), "id");
    struct id new_id;
    id_make(&new_id);
    team_ask(request, &(struct team_asking){
                          .status = status,
                          .errors = errors,
                          .fields = fields,
                          .view = json_pack("{s:o}", "id", id ? json_incref(id) : view_id(&new_id)),
                      });
}

void tokens_ask(struct request *request)
{
    ask(request, 200, NULL);
}

struct making {
    struct request *request;
    struct wish wish;
    const char *event;
    char token[SECRET_TEXT_BYTES];
    unsigned char hash[SECRET_HASH_BYTES];
};

/* Shows the token, once, and a line to try it. */
static void reply_token(const struct making *making)
{
    struct request *request = making->request;
    struct arena *arena = request_arena(request);
    bool is_door = role_parse(making->wish.role) == ROLE_DOOR;
    const char *path = making->event ? arena_printf(arena, "/events/%s/%s", making->event,
                                                    is_door ? "doors" : "attendees")
                                     : "/events";
    const char *line =
        arena_printf(arena, "curl -H \"Authorization: Bearer %s\" %s/api/v1%s", making->token,
                     request_worker(request)->config->public_url, path);
    reply_header(request, "Cache-Control", "no-store");
    reply_page(request, 200, "features/team/token_made.html",
               json_pack("{s:s, s:s, s:s}", "name", making->wish.name, "token", making->token,
                         "curl", line));
}

static void on_made(void *context, const struct db_result *result)
{
    struct making *making = context;
    struct request *request = making->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    switch (team_token_add_outcome(result->rows, 0)) {
    case TOKEN_OUTCOME_MADE:
        reply_token(making);
        return;
    case TOKEN_OUTCOME_AGAIN:
        reply_see_other(request, LIST_PAGE "?done=team.token_shown");
        return;
    case TOKEN_OUTCOME_TOO_MANY:
        ask(request, 422, team_finding(request, "name", "too_many_tokens"));
        return;
    case TOKEN_OUTCOME_NO_ORGANISER:
    case TOKEN_OUTCOME_NO_EVENT:
        ask(request, 422, team_finding(request, "place", "place_needed"));
        return;
    case TOKEN_OUTCOME_NONE:
        break;
    }
    reply_refuse(request, 500, "internal");
}

static void make(struct request *request, const struct wish *wish)
{
    struct making *making = arena_alloc(request_arena(request), sizeof *making);
    const char *organiser;
    *making = (struct making){.request = request, .wish = *wish};
    secret_make(TEAM_TOKEN_PREFIX, making->token);
    secret_hash(making->token, making->hash);
    team_split_place(request, wish->place, &organiser, &making->event);
    struct params *params = team_token_add_params(&(struct team_token_add){
        .organiser = organiser,
        .event = making->event,
        .token_id = &making->wish.id,
        .hash = {making->hash, sizeof making->hash},
        .role = role_parse(wish->role),
        .name = wish->name,
        .expires_on = wish->expires_on,
        .actor = request_caller(request)->label,
        .most = TEAM_TOKENS_MOST,
    });
    TEAM_ADD_OWN(team_token_add, params, request, WHO_OWNER);
    db_ask(request_worker(request)->db, params, on_made, making);
}

void tokens_make(struct request *request)
{
    struct wish wish = {0};
    json_t *errors = form_read_body(request, &wish_form, NULL, &wish);
    if (errors)
        ask(request, 422, errors);
    else
        make(request, &wish);
}

/* --- Revoking -------------------------------------------------------------------------------- */

static void on_revoked(void *context, const struct db_result *result)
{
    struct request *request = context;
    if (result->outcome != DB_DONE)
        reply_failed(request, result);
    else if (rows_count(result->rows) == 0)
        reply_refuse(request, 404, "not_found");
    else
        reply_see_other(request, LIST_PAGE "?done=team.token_revoked");
}

void tokens_revoke(struct request *request)
{
    struct id token_id;
    if (!id_parse(request_path(request, "token"), &token_id)) {
        reply_refuse(request, 404, "not_found");
        return;
    }
    struct params *params = team_token_revoke_params(&(struct team_token_revoke){
        .token_id = &token_id, .actor = request_caller(request)->label});
    TEAM_ADD_OWN(team_token_revoke, params, request, WHO_OWNER);
    db_ask(request_worker(request)->db, params, on_revoked, request);
}
