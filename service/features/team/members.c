#include <string.h>

#include "base/email.h"
#include "config.h"
#include "db/db.h"
#include "features/team/team.h"
#include "form/field_view.h"
#include "form/form.h"
#include "http/reply.h"
#include "security/secret.h"
#include "statements.h"
#include "view/locale.h"
#include "worker.h"

#define LIST_PAGE "/desk/team"

/* --- The list -------------------------------------------------------------------------------- */

static json_t *role_title(struct request *request, enum role role)
{
    const char *key = arena_printf(request_arena(request), "team.role.%s", role_name(role));
    return team_word(request, key, NULL);
}

static json_t *member_view(struct request *request, const struct rows *rows, int row)
{
    enum role role = team_list_role(rows, row);
    struct id account_id = rows_id(rows, row, "account_id");
    json_t *view = json_pack(
        "{s:o, s:s, s:s, s:o, s:b, s:b, s:b}", "id", view_id_of(rows, row, "membership_id"),
        "email", rows_text(rows, row, "email"), "role", role_name(role), "role_title",
        role_title(request, role), "has_joined", rows_bool(rows, row, "has_joined"),
        "has_second_factor", rows_bool(rows, row, "has_second_factor"), "is_self",
        id_equal(&account_id, &request_caller(request)->id));
    if (!rows_is_null(rows, row, "event"))
        json_object_set_new(view, "event",
                            json_pack("{s:s, s:s}", "slug", rows_text(rows, row, "event"), "title",
                                      rows_text(rows, row, "title")));
    return view;
}

static json_t *organiser_view(const struct rows *rows, int row)
{
    return json_pack("{s:s, s:s, s:b, s:[]}", "slug", rows_text(rows, row, "organiser"), "name",
                     rows_text(rows, row, "organiser_name"), "requires_second_factor",
                     rows_bool(rows, row, "requires_second_factor"), "members");
}

static void on_list(void *context, const struct db_result *result)
{
    struct request *request = context;
    const struct rows *rows = result->rows;
    json_t *organisers = json_array(), *organiser = NULL;
    if (result->outcome != DB_DONE) {
        json_decref(organisers);
        reply_failed(request, result);
        return;
    }
    for (int row = 0; row < rows_count(rows); row++) {
        if (row == 0 ||
            strcmp(rows_text(rows, row, "organiser"), rows_text(rows, row - 1, "organiser")) != 0) {
            organiser = organiser_view(rows, row);
            json_array_append_new(organisers, organiser);
        }
        json_array_append_new(json_object_get(organiser, "members"),
                              member_view(request, rows, row));
    }
    reply_view(
        request, 200,
        json_pack("{s:o, s:o}", "organisers", organisers, "roles", team_roles(request, NULL)));
}

static struct params *list_params(struct request *request, const struct id *membership_id)
{
    struct params *params = team_list_params(&(struct team_list){
        .language = locale_code(request_locale(request)), .membership_id = membership_id});
    TEAM_ADD_OWN(team_list, params, request, WHO_OWNER);
    return params;
}

void members_show(struct request *request)
{
    db_ask(request_worker(request)->db, list_params(request, NULL), on_list, request);
}

/* --- Inviting -------------------------------------------------------------------------------- */

struct invitation {
    struct email email;
    const char *role, *place;
};

static const char *const role_slugs[] = {"owner", "manager", "door", "viewer"};

static const struct form_field invitation_fields[] = {
    {"email", KIND_EMAIL, FORM_AT(struct invitation, email), FORM_NEEDED, "email_needed"},
    {"role", KIND_CHOICE, FORM_AT(struct invitation, role), FORM_NEEDED, "role_needed",
     .wrong = "role_needed", .choices = KIND_CHOICES(role_slugs)},
    {"place", KIND_TEXT, FORM_AT(struct invitation, place), FORM_NEEDED, "place_needed",
     .wrong = "place_needed"},
};
static const struct form invitation_form = FORM(struct invitation, invitation_fields);

/* A form that is shown again with what was typed. Lives in its request's arena. */
struct asking {
    int status;
    json_t *errors;
};

static const char *typed(struct request *request, const char *name)
{
    return json_string_value(json_object_get(request_body(request), name));
}

static void on_invite_places(struct request *request, json_t *places, void *context)
{
    struct asking *asking = context;
    json_t *sent = request_body(request);
    json_t *view = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:b, s:o*, s:b}", "email",
        field_view_plain(asking->errors, "email", json_object_get(sent, "email")), "role",
        field_view_plain(asking->errors, "role", NULL), "place",
        field_view_plain(asking->errors, "place", NULL), "roles",
        team_roles(request, sent ? typed(request, "role") : NULL), "places", places, "is_mailed",
        *request_worker(request)->config->smtp != '\0', "problems",
        asking->errors ? field_view_problems(request_arena(request), asking->errors, false) : NULL,
        "has_problems", asking->errors != NULL);
    json_decref(asking->errors);
    reply_view(request, asking->status, view);
}

/* Takes the errors. */
static void ask_invite(struct request *request, int status, json_t *errors)
{
    struct asking *asking = arena_alloc(request_arena(request), sizeof *asking);
    *asking = (struct asking){status, errors};
    team_load_places(request, WHO_OWNER, request_body(request) ? typed(request, "place") : NULL,
                     on_invite_places, asking);
}

void members_ask_invite(struct request *request)
{
    ask_invite(request, 200, NULL);
}

struct inviting {
    struct request *request;
    char token[SECRET_TEXT_BYTES]; /* of a link to hand over */
    unsigned char hash[SECRET_HASH_BYTES];
    const char *email;
    bool is_mailed;
};

static void refuse_invite(struct request *request, const char *field, const char *code)
{
    struct findings findings;
    findings_init(&findings, request_locale(request));
    findings_add(&findings, arena_printf(request_arena(request), "/%s", field), code, NULL);
    ask_invite(request, 422, findings_take(&findings));
}

/* Shows the link, once. */
static void reply_link(const struct inviting *inviting)
{
    struct request *request = inviting->request;
    const char *link = arena_printf(request_arena(request), "%s/desk/sign-in/%s",
                                    request_worker(request)->config->public_url, inviting->token);
    reply_header(request, "Cache-Control", "no-store");
    reply_page(request, 200, "features/team/invited.html",
               json_pack("{s:s, s:s}", "email", inviting->email, "link", link));
}

static void on_invited(void *context, const struct db_result *result)
{
    struct inviting *inviting = context;
    struct request *request = inviting->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    switch (team_invite_outcome(result->rows, 0)) {
    case INVITE_OUTCOME_INVITED:
        if (rows_bool(result->rows, 0, "is_open"))
            reply_link(inviting);
        else
            reply_see_other(request, inviting->is_mailed ? LIST_PAGE "?done=team.invited"
                                                         : LIST_PAGE "?done=team.invited_known");
        return;
    case INVITE_OUTCOME_ALREADY_MEMBER:
        refuse_invite(request, "email", "already_member");
        return;
    case INVITE_OUTCOME_TOO_MANY:
        refuse_invite(request, "email", "team_full");
        return;
    case INVITE_OUTCOME_NOT_FOUND:
        refuse_invite(request, "place", "place_needed");
        return;
    case INVITE_OUTCOME_NONE:
        break;
    }
    reply_refuse(request, 500, "internal");
}

static void invite(struct request *request, const struct invitation *invitation)
{
    struct inviting *inviting = arena_alloc(request_arena(request), sizeof *inviting);
    const char *organiser, *event;
    struct id account_id;
    inviting->request = request;
    inviting->email = invitation->email.address;
    inviting->is_mailed = *request_worker(request)->config->smtp != '\0';
    secret_make("", inviting->token);
    secret_hash(inviting->token, inviting->hash);
    id_make(&account_id);
    team_split_place(request, invitation->place, &organiser, &event);
    struct params *params = team_invite_params(&(struct team_invite){
        .organiser = organiser,
        .event = event,
        .account_id = &account_id,
        .email = invitation->email.address,
        .email_key = invitation->email.key,
        .role = role_parse(invitation->role),
        .actor = request_caller(request)->label,
        .hands_over = !inviting->is_mailed,
        .link_hash = {inviting->hash, sizeof inviting->hash},
        .link_hours = TEAM_LINK_HOURS,
        .most = TEAM_MOST,
        .language = locale_code(request_locale(request)),
    });
    TEAM_ADD_OWN(team_invite, params, request, WHO_OWNER);
    db_ask(request_worker(request)->db, params, on_invited, inviting);
}

void members_invite(struct request *request)
{
    struct invitation invitation = {0};
    json_t *errors = form_read_body(request, &invitation_form, NULL, &invitation);
    if (errors)
        ask_invite(request, 422, errors);
    else
        invite(request, &invitation);
}

/* --- One member ------------------------------------------------------------------------------ */

/* A page about a member, and what was wrong with a change. Lives in its request's arena. */
struct showing {
    struct request *request;
    struct id membership_id;
    int status;
    const char *problem; /* the code of what was refused; NULL: nothing */
};

static struct showing *begin(struct request *request)
{
    struct showing *showing = arena_alloc(request_arena(request), sizeof *showing);
    showing->request = request;
    showing->status = 200;
    if (id_parse(request_path(request, "member"), &showing->membership_id))
        return showing;
    reply_refuse(request, 404, "not_found");
    return NULL;
}

static void on_member(void *context, const struct db_result *result)
{
    struct showing *showing = context;
    struct request *request = showing->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    if (rows_count(result->rows) == 0) {
        reply_refuse(request, 404, "not_found");
        return;
    }
    json_t *member = member_view(request, result->rows, 0);
    const char *role = json_string_value(json_object_get(member, "role"));
    json_t *view = json_pack("{s:o, s:o, s:s, s:b}", "roles", team_roles(request, role), "member",
                             member, "organiser_name", rows_text(result->rows, 0, "organiser_name"),
                             "is_mailed", *request_worker(request)->config->smtp != '\0');
    if (showing->problem)
        json_object_set_new(
            view, "problem",
            team_word(request,
                      arena_printf(request_arena(request), "team.problem.%s", showing->problem),
                      NULL));
    reply_page(request, showing->status, "features/team/member.html", view);
}

static void show(struct showing *showing)
{
    db_ask(request_worker(showing->request)->db,
           list_params(showing->request, &showing->membership_id), on_member, showing);
}

void members_show_one(struct request *request)
{
    struct showing *showing = begin(request);
    if (showing)
        show(showing);
}

static void on_changed(void *context, const struct db_result *result)
{
    struct showing *showing = context;
    struct request *request = showing->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    switch (team_change_outcome(result->rows, 0)) {
    case MEMBER_OUTCOME_CHANGED:
        reply_see_other(request, LIST_PAGE "?done=team.changed");
        return;
    case MEMBER_OUTCOME_REMOVED:
        reply_see_other(request, LIST_PAGE "?done=team.removed");
        return;
    case MEMBER_OUTCOME_LAST_OWNER:
        showing->status = 409;
        showing->problem = "last_owner";
        show(showing);
        return;
    case MEMBER_OUTCOME_NOT_FOUND:
        reply_refuse(request, 404, "not_found");
        return;
    case MEMBER_OUTCOME_NONE:
        break;
    }
    reply_refuse(request, 500, "internal");
}

/* ROLE_NONE removes the member. */
static void change(struct showing *showing, enum role becomes)
{
    struct request *request = showing->request;
    struct params *params =
        team_change_params(&(struct team_change){.membership_id = &showing->membership_id,
                                                 .becomes = becomes,
                                                 .actor = request_caller(request)->label});
    TEAM_ADD_OWN(team_change, params, request, WHO_OWNER);
    db_ask(request_worker(request)->db, params, on_changed, showing);
}

void members_change(struct request *request)
{
    struct showing *showing = begin(request);
    enum role role = role_parse(typed(request, "role"));
    if (!showing)
        return;
    if (role != ROLE_NONE) {
        change(showing, role);
        return;
    }
    showing->status = 422;
    showing->problem = "role_needed";
    show(showing);
}

void members_remove(struct request *request)
{
    struct showing *showing = begin(request);
    if (showing)
        change(showing, ROLE_NONE);
}

/* --- Another link ---------------------------------------------------------------------------- */

static void on_link(void *context, const struct db_result *result)
{
    struct inviting *inviting = context;
    struct request *request = inviting->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
    } else if (rows_count(result->rows) == 0) {
        reply_see_other(request, LIST_PAGE "?done=team.invited_known");
    } else {
        inviting->email = arena_copy(request_arena(request), rows_text(result->rows, 0, "email"));
        reply_link(inviting);
    }
}

void members_link(struct request *request)
{
    struct showing *showing = begin(request);
    if (!showing)
        return;
    struct inviting *inviting = arena_alloc(request_arena(request), sizeof *inviting);
    inviting->request = request;
    secret_make("", inviting->token);
    secret_hash(inviting->token, inviting->hash);
    if (*request_worker(request)->config->smtp != '\0') {
        reply_refuse(request, 404, "not_found");
        return;
    }
    struct params *params = team_invite_again_params(&(struct team_invite_again){
        .membership_id = &showing->membership_id,
        .actor = request_caller(request)->label,
        .link_hash = {inviting->hash, sizeof inviting->hash},
        .link_hours = TEAM_LINK_HOURS,
    });
    TEAM_ADD_OWN(team_invite_again, params, request, WHO_OWNER);
    db_ask(request_worker(request)->db, params, on_link, inviting);
}
