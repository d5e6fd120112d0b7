#include "db/db.h"
#include "features/team/team.h"
#include "http/reply.h"
#include "view/locale.h"

#define LIST_PAGE "/desk/team"

/* --- The list -------------------------------------------------------------------------------- */

static json_t *member_view(struct request *request, const struct rows *rows, int row)
{
    struct id account_id = rows_id(rows, row, "account_id");
    json_t *view = json_pack("{s:o, s:s, s:b, s:b}", "id", view_id_of(rows, row, "membership_id"),
                             "email", rows_text(rows, row, "email"), "has_second_factor",
                             rows_bool(rows, row, "has_second_factor"), "is_self",
                             id_equal(&account_id, &request_caller(request)->id));
    team_add_place(request, view, rows, row, team_list_role(rows, row));
    return view;
}

static void show_list(struct request *request, json_t *organisers)
{
    reply_view(
        request, 200,
        json_pack("{s:o, s:o}", "organisers", organisers, "roles", team_roles(request, NULL)));
}

static void on_list(void *context, const struct db_result *result)
{
    struct request *request = context;
    const struct rows *rows = result->rows;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    json_t *organisers = json_array();
    for (int row = 0; row < rows_count(rows); row++) {
        json_t *organiser = team_add_to_organiser(organisers, rows, row, "members",
                                                  member_view(request, rows, row));
        json_object_set_new(organiser, "requires_second_factor",
                            json_boolean(rows_bool(rows, row, "requires_second_factor")));
    }
    invitations_load(request, organisers, show_list);
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
    json_t *view = json_pack("{s:o, s:o, s:s}", "roles",
                             team_roles(request, role_name(team_list_role(result->rows, 0))),
                             "member", member_view(request, result->rows, 0), "organiser_name",
                             rows_text(result->rows, 0, "organiser_name"));
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
    if (!showing)
        return;
    enum role role = role_parse(json_string_value(json_object_get(request_body(request), "role")));
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
