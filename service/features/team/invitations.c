#include <string.h>

#include "base/email.h"
#include "config.h"
#include "db/db.h"
#include "event/explanation.h"
#include "features/team/team.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/source.h"
#include "security/pace.h"
#include "security/secret.h"
#include "view/locale.h"
#include "worker.h"

#define LIST_PAGE "/desk/team"

static bool has_mail(const struct request *request)
{
    return *request_worker(request)->config->smtp != '\0';
}

/* Whether one more mail may go out that invites this address. */
static bool may_mail(struct request *request, const char *email_key)
{
    const struct pace_key address = {.limit = PACE_INVITATIONS, .who = email_key};
    const struct pace_key caller = {.limit = PACE_INVITATIONS_OF_ONE,
                                    .scope = &request_caller(request)->id};
    return !has_mail(request) ||
           (request_takes(request, &caller) && request_takes(request, &address));
}

/* --- As views -------------------------------------------------------------------------------- */

/* Says why the mail has not arrived, in plain words. */
static void explain(struct request *request, json_t *view, const struct rows *rows, int row)
{
    const struct explained mail = {
        .state = team_invitation_list_mail_state(rows, row),
        .code = rows_is_null(rows, row, "code") ? 0 : (int)rows_number(rows, row, "code"),
        .words = rows_text(rows, row, "words"),
        .has_server = has_mail(request),
    };
    const char *key = mail.state == MESSAGE_STATE_NONE ? NULL : explanation_key(&mail);
    if (!key)
        return;
    const char *own = arena_printf(request_arena(request), "team.mail.%s", key);
    if (!locale_has(request_locale(request), own))
        own = arena_printf(request_arena(request), "message.explain.%s", key);
    json_object_set_new(view, "mail_problem", team_word(request, own, NULL));
}

static json_t *invitation_view(struct request *request, const struct rows *rows, int row)
{
    json_t *view =
        json_pack("{s:o, s:s, s:I, s:s, s:b}", "id", view_id_of(rows, row, "invitation_id"),
                  "email", rows_text(rows, row, "email"), "links",
                  (json_int_t)rows_number(rows, row, "links"), "expires_on",
                  rows_text(rows, row, "expires_on"), "is_over", rows_bool(rows, row, "is_over"));
    team_add_place(request, view, rows, row, team_invitation_list_role(rows, row));
    explain(request, view, rows, row);
    return view;
}

static struct params *list_params(struct request *request, const struct id *invitation_id)
{
    struct params *params = team_invitation_list_params(&(struct team_invitation_list){
        .language = locale_code(request_locale(request)), .invitation_id = invitation_id});
    TEAM_ADD_OWN(team_invitation_list, params, request, WHO_OWNER);
    return params;
}

/* Lives in its request's arena. */
struct loading {
    struct request *request;
    json_t *organisers;
    invitations_ready *then;
};

static void on_list(void *context, const struct db_result *result)
{
    const struct loading *loading = context;
    if (result->outcome != DB_DONE) {
        json_decref(loading->organisers);
        reply_failed(loading->request, result);
        return;
    }
    for (int row = 0; row < rows_count(result->rows); row++)
        team_add_to_organiser(loading->organisers, result->rows, row, "invitations",
                              invitation_view(loading->request, result->rows, row));
    loading->then(loading->request, loading->organisers);
}

void invitations_load(struct request *request, json_t *organisers, invitations_ready *then)
{
    struct loading *loading = arena_alloc(request_arena(request), sizeof *loading);
    *loading = (struct loading){request, organisers, then};
    db_ask(request_worker(request)->db, list_params(request, NULL), on_list, loading);
}

/* --- Links ----------------------------------------------------------------------------------- */

/* A link that an owner passes on, where no mail goes out. Lives in its request's arena. */
struct link {
    struct request *request;
    char token[SECRET_TEXT_BYTES];
    unsigned char hash[SECRET_HASH_BYTES];
    const char *email;
};

static struct link *make_link(struct request *request)
{
    struct link *link = arena_alloc(request_arena(request), sizeof *link);
    link->request = request;
    secret_make("", link->token);
    secret_hash(link->token, link->hash);
    return link;
}

/* With a mail server, the letter gets a link of its own. */
static struct params_bytes hash_of(const struct link *link)
{
    return has_mail(link->request) ? (struct params_bytes){0}
                                   : (struct params_bytes){link->hash, sizeof link->hash};
}

/* Shows the link, once. */
static void reply_link(const struct link *link)
{
    struct request *request = link->request;
    const char *url = arena_printf(request_arena(request), "%s/desk/join/%s",
                                   request_worker(request)->config->public_url, link->token);
    reply_header(request, "Cache-Control", "no-store");
    reply_page(request, 200, "features/team/invited.html",
               json_pack("{s:s, s:s}", "email", link->email, "link", url));
}

/* --- Inviting -------------------------------------------------------------------------------- */

struct wish {
    struct email email;
    const char *role, *place;
};

static const char *const role_slugs[] = {"owner", "manager", "door", "viewer"};

static const struct form_field fields[] = {
    {"email", KIND_EMAIL, FORM_AT(struct wish, email), FORM_NEEDED, "email_needed"},
    {"role", KIND_CHOICE, FORM_AT(struct wish, role), FORM_NEEDED, "role_needed",
     .wrong = "role_needed", .choices = KIND_CHOICES(role_slugs)},
    {"place", KIND_TEXT, FORM_AT(struct wish, place), FORM_NEEDED, "place_needed",
     .wrong = "place_needed"},
};
static const struct form form = FORM(struct wish, fields);

/* Takes the errors. */
static void ask(struct request *request, int status, json_t *errors)
{
    static const char *const names[] = {"email", "role", "place", NULL};
    team_ask(request, &(struct team_asking){
                          .status = status,
                          .errors = errors,
                          .fields = names,
                          .view = json_pack("{s:b}", "is_mailed", has_mail(request)),
                      });
}

void invitations_ask(struct request *request)
{
    ask(request, 200, NULL);
}

static void on_invited(void *context, const struct db_result *result)
{
    struct link *link = context;
    struct request *request = link->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    switch (team_invite_outcome(result->rows, 0)) {
    case INVITE_OUTCOME_INVITED:
        if (has_mail(request))
            reply_see_other(request, LIST_PAGE "?done=team.invited");
        else
            reply_link(link);
        return;
    case INVITE_OUTCOME_ALREADY_INVITED:
        ask(request, 422, team_finding(request, "email", "already_invited"));
        return;
    case INVITE_OUTCOME_ALREADY_MEMBER:
        ask(request, 422, team_finding(request, "email", "already_member"));
        return;
    case INVITE_OUTCOME_TOO_MANY:
        ask(request, 422, team_finding(request, "email", "team_full"));
        return;
    case INVITE_OUTCOME_NOT_FOUND:
        ask(request, 422, team_finding(request, "place", "place_needed"));
        return;
    case INVITE_OUTCOME_NONE:
        break;
    }
    reply_refuse(request, 500, "internal");
}

static void invite(struct request *request, const struct wish *wish)
{
    struct link *link = make_link(request);
    const char *organiser, *event;
    struct id invitation_id;
    link->email = wish->email.address;
    id_make(&invitation_id);
    team_split_place(request, wish->place, &organiser, &event);
    struct params *params = team_invite_params(&(struct team_invite){
        .organiser = organiser,
        .event = event,
        .invitation_id = &invitation_id,
        .email = wish->email.address,
        .email_key = wish->email.key,
        .role = role_parse(wish->role),
        .actor = request_caller(request)->label,
        .hash = hash_of(link),
        .hours = TEAM_INVITATION_HOURS,
        .most = TEAM_MOST,
        .language = locale_code(request_locale(request)),
    });
    TEAM_ADD_OWN(team_invite, params, request, WHO_OWNER);
    db_ask(request_worker(request)->db, params, on_invited, link);
}

void invitations_make(struct request *request)
{
    struct wish wish = {0};
    json_t *errors = form_read_body(request, &form, NULL, &wish);
    if (errors)
        ask(request, 422, errors);
    else if (!may_mail(request, wish.email.key))
        ask(request, 429, team_finding(request, "email", "too_many_invitations"));
    else
        invite(request, &wish);
}

/* --- One invitation -------------------------------------------------------------------------- */

/* Lives in its request's arena. */
struct showing {
    struct request *request;
    struct id invitation_id;
    int status;
    const char *problem; /* a key of what was refused; NULL: nothing */
    const char *done;    /* what a change is called */
};

static struct showing *begin(struct request *request)
{
    struct showing *showing = arena_alloc(request_arena(request), sizeof *showing);
    showing->request = request;
    showing->status = 200;
    if (id_parse(request_path(request, "invitation"), &showing->invitation_id))
        return showing;
    reply_refuse(request, 404, "not_found");
    return NULL;
}

static void on_invitation(void *context, const struct db_result *result)
{
    const struct showing *showing = context;
    struct request *request = showing->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    if (rows_count(result->rows) == 0) { /* it was accepted, declined or taken back */
        reply_see_other(request, LIST_PAGE "?done=team.answered");
        return;
    }
    json_t *view =
        json_pack("{s:o, s:o, s:s, s:b}", "roles",
                  team_roles(request, role_name(team_invitation_list_role(result->rows, 0))),
                  "invitation", invitation_view(request, result->rows, 0), "organiser_name",
                  rows_text(result->rows, 0, "organiser_name"), "is_mailed", has_mail(request));
    if (showing->problem)
        json_object_set_new(view, "problem", team_word(request, showing->problem, NULL));
    reply_page(request, showing->status, "features/team/invitation.html", view);
}

static void show(struct showing *showing)
{
    db_ask(request_worker(showing->request)->db,
           list_params(showing->request, &showing->invitation_id), on_invitation, showing);
}

static void refuse(struct showing *showing, int status, const char *problem)
{
    showing->status = status;
    showing->problem = problem;
    show(showing);
}

void invitations_show_one(struct request *request)
{
    struct showing *showing = begin(request);
    if (showing)
        show(showing);
}

static void on_changed(void *context, const struct db_result *result)
{
    const struct showing *showing = context;
    if (result->outcome != DB_DONE)
        reply_failed(showing->request, result);
    else
        reply_see_other(showing->request, rows_count(result->rows) > 0 ? showing->done
                                                                       : LIST_PAGE
                                              "?done=team.answered");
}

/* ROLE_NONE takes it back. */
static void change(struct showing *showing, enum role becomes)
{
    struct request *request = showing->request;
    showing->done =
        becomes == ROLE_NONE ? LIST_PAGE "?done=team.taken_back" : LIST_PAGE "?done=team.changed";
    struct params *params = team_invitation_change_params(
        &(struct team_invitation_change){.invitation_id = &showing->invitation_id,
                                         .becomes = becomes,
                                         .actor = request_caller(request)->label});
    TEAM_ADD_OWN(team_invitation_change, params, request, WHO_OWNER);
    db_ask(request_worker(request)->db, params, on_changed, showing);
}

void invitations_change(struct request *request)
{
    struct showing *showing = begin(request);
    if (!showing)
        return;
    enum role role = role_parse(json_string_value(json_object_get(request_body(request), "role")));
    if (role == ROLE_NONE)
        refuse(showing, 422, "team.problem.role_needed");
    else
        change(showing, role);
}

void invitations_end(struct request *request)
{
    struct showing *showing = begin(request);
    if (showing)
        change(showing, ROLE_NONE);
}

/* --- Once more ------------------------------------------------------------------------------- */

struct again {
    int64_t links;
};

static const struct form_field again_fields[] = {
    {"links", KIND_INTEGER, FORM_AT(struct again, links), FORM_NEEDED},
};
static const struct form again_form = FORM(struct again, again_fields);

static void on_sent(void *context, const struct db_result *result)
{
    struct link *link = context;
    struct request *request = link->request;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
    } else if (rows_count(result->rows) == 0) {
        reply_see_other(request, LIST_PAGE "?done=team.sent_already");
    } else if (has_mail(request)) {
        reply_see_other(request, LIST_PAGE "?done=team.invited");
    } else {
        link->email = arena_copy(request_arena(request), rows_text(result->rows, 0, "email"));
        reply_link(link);
    }
}

void invitations_send_again(struct request *request)
{
    struct showing *showing = begin(request);
    struct again again = {0};
    if (!showing)
        return;
    json_t *errors = form_read_body(request, &again_form, NULL, &again);
    if (errors) {
        form_refuse(request, errors);
        return;
    }
    char id[ID_TEXT_BYTES];
    id_format(&showing->invitation_id, id);
    if (!may_mail(request, id)) {
        refuse(showing, 429, "finding.too_many_invitations");
        return;
    }
    struct link *link = make_link(request);
    struct params *params = team_invitation_again_params(&(struct team_invitation_again){
        .invitation_id = &showing->invitation_id,
        .links = again.links,
        .actor = request_caller(request)->label,
        .hash = hash_of(link),
        .hours = TEAM_INVITATION_HOURS,
        .language = locale_code(request_locale(request)),
    });
    TEAM_ADD_OWN(team_invitation_again, params, request, WHO_OWNER);
    db_ask(request_worker(request)->db, params, on_sent, link);
}
