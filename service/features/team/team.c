#include "features/team/team.h"

#include <string.h>

#include "base/id.h"
#include "db/db.h"
#include "form/field_view.h"
#include "form/form.h"
#include "http/reply.h"
#include "statements.h"
#include "view/locale.h"

#define TEAM_PAGE(name) "features/team/" name ".html"

bool team_next_own(const struct request *request, unsigned roles, struct team_own *own)
{
    const struct caller *caller = request_caller(request);
    while (own->next < caller->membership_count) {
        const struct membership *membership = &caller->memberships[own->next++];
        if (!(membership->role & roles))
            continue;
        own->organiser_id = &membership->organiser_id;
        own->event_id = id_is_zero(&membership->event_id) ? NULL : &membership->event_id;
        return true;
    }
    return false;
}

json_t *team_word(struct request *request, const char *key, const json_t *data)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(request_locale(request), key, data, &text);
    json_t *json = json_string(buffer_text(&text));
    buffer_finish(&text);
    return json;
}

json_t *team_roles(struct request *request, const char *chosen)
{
    static const enum role roles[] = {ROLE_OWNER, ROLE_MANAGER, ROLE_DOOR, ROLE_VIEWER};
    json_t *views = json_array();
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        struct arena *arena = request_arena(request);
        const char *name = role_name(roles[i]);
        json_array_append_new(
            views,
            json_pack("{s:s, s:o, s:o, s:b}", "slug", name, "title",
                      team_word(request, arena_printf(arena, "team.role.%s", name), NULL),
                      "sentence",
                      team_word(request, arena_printf(arena, "team.role_means.%s", name), NULL),
                      "chosen", chosen && strcmp(chosen, name) == 0));
    }
    return views;
}

/* --- Organisers and events to choose from ---------------------------------------------------- */

struct loading {
    struct request *request;
    const char *chosen;
    team_places_ready *then;
    void *context;
};

static json_t *option_view(const struct loading *loading, const struct rows *rows, int row)
{
    struct arena *arena = request_arena(loading->request);
    bool is_whole = rows_is_null(rows, row, "event");
    const char *organiser = rows_text(rows, row, "organiser");
    const char *value =
        is_whole ? arena_copy(arena, organiser)
                 : arena_printf(arena, "%s/%s", organiser, rows_text(rows, row, "event"));
    json_t *data = json_pack("{s:s}", "organiser", rows_text(rows, row, "organiser_name"));
    json_t *text = is_whole ? team_word(loading->request, "team.all_events", data)
                            : json_string(rows_text(rows, row, "title"));
    json_decref(data);
    return json_pack("{s:s, s:o, s:b}", "value", value, "text", text, "chosen",
                     rows_count(rows) == 1 ||
                         (loading->chosen && strcmp(loading->chosen, value) == 0));
}

static void on_places(void *context, const struct db_result *result)
{
    struct loading *loading = context;
    const struct rows *rows = result->rows;
    json_t *places = json_array();
    if (result->outcome != DB_DONE) {
        json_decref(places);
        reply_failed(loading->request, result);
        return;
    }
    for (int row = 0; row < rows_count(rows); row++)
        team_add_to_organiser(places, rows, row, "options", option_view(loading, rows, row));
    loading->then(loading->request, places, loading->context);
}

void team_load_places(struct request *request, unsigned roles, const char *chosen,
                      team_places_ready *then, void *context)
{
    struct loading *loading = arena_alloc(request_arena(request), sizeof *loading);
    *loading = (struct loading){request, chosen, then, context};
    struct params *params = team_scopes_params(&(struct team_scopes){
        .language = locale_code(request_locale(request)), .most = TEAM_PLACES_MOST});
    TEAM_ADD_OWN(team_scopes, params, request, roles);
    db_ask(request_worker(request)->db, params, on_places, loading);
}

void team_split_place(struct request *request, const char *place, const char **ret_organiser,
                      const char **ret_event)
{
    size_t length = strcspn(place, "/");
    *ret_organiser = arena_copy_bytes(request_arena(request), place, length);
    *ret_event = place[length] == '/' ? place + length + 1 : NULL;
}

/* --- A form ---------------------------------------------------------------------------------- */

static const char *typed(struct request *request, const char *name)
{
    return json_string_value(json_object_get(request_body(request), name));
}

static void on_form_places(struct request *request, json_t *places, void *context)
{
    const struct team_asking *asking = context;
    json_t *view = asking->view, *sent = request_body(request);
    for (const char *const *field = asking->fields; *field; field++)
        json_object_set_new(view, *field,
                            field_view_email(request_arena(request), request_kept_emails(request),
                                             asking->errors, *field,
                                             json_object_get(sent, *field)));
    json_object_set_new(view, "roles", team_roles(request, typed(request, "role")));
    json_object_set_new(view, "places", places);
    json_object_set_new(view, "has_problems", json_boolean(asking->errors != NULL));
    json_object_set_new(view, "problems",
                        field_view_problems(request_arena(request), asking->errors, false));
    json_decref(asking->errors);
    reply_view(request, asking->status, view);
}

void team_ask(struct request *request, const struct team_asking *asking)
{
    struct team_asking *copy = arena_alloc(request_arena(request), sizeof *copy);
    *copy = *asking;
    team_load_places(request, WHO_OWNER, typed(request, "place"), on_form_places, copy);
}

json_t *team_finding(struct request *request, const char *field, const char *code)
{
    struct findings findings;
    findings_init(&findings, request_locale(request));
    findings_add(&findings, arena_printf(request_arena(request), "/%s", field), code, NULL);
    return findings_take(&findings);
}

/* --- Lists by organiser ---------------------------------------------------------------------- */

json_t *team_add_to_organiser(json_t *organisers, const struct rows *rows, int row,
                              const char *name, json_t *view)
{
    const char *slug = rows_text(rows, row, "organiser");
    json_t *organiser = NULL, *known;
    size_t i;
    json_array_foreach (organisers, i, known) {
        if (strcmp(json_string_value(json_object_get(known, "slug")), slug) == 0)
            organiser = known;
    }
    if (!organiser) {
        organiser =
            json_pack("{s:s, s:s}", "slug", slug, "name", rows_text(rows, row, "organiser_name"));
        json_array_append_new(organisers, organiser);
    }
    if (!json_object_get(organiser, name))
        json_object_set_new(organiser, name, json_array());
    if (view)
        json_array_append_new(json_object_get(organiser, name), view);
    return organiser;
}

void team_add_place(struct request *request, json_t *view, const struct rows *rows, int row,
                    enum role role)
{
    const char *key = arena_printf(request_arena(request), "team.role.%s", role_name(role));
    json_object_set_new(view, "role", json_string(role_name(role)));
    json_object_set_new(view, "role_title", team_word(request, key, NULL));
    if (!rows_is_null(rows, row, "event"))
        json_object_set_new(view, "event",
                            json_pack("{s:s, s:s}", "slug", rows_text(rows, row, "event"), "title",
                                      rows_text(rows, row, "title")));
}

/* --- The feature ----------------------------------------------------------------------------- */

static const struct route routes[] = {
    {"GET", "/team", ROUTE_DESK, WHO_OWNER, .template = TEAM_PAGE("team"), .handle = members_show,
     .menu = "team", .menu_place = 30},
    {"GET", "/team/new", ROUTE_DESK, WHO_OWNER, .template = TEAM_PAGE("invite"),
     .handle = invitations_ask},
    {"POST", "/team/new", ROUTE_DESK, WHO_OWNER, .body = BODY_JSON, .template = TEAM_PAGE("invite"),
     .handle = invitations_make},
    {"GET", "/team/members/{member}", ROUTE_DESK, WHO_OWNER, .template = TEAM_PAGE("member"),
     .handle = members_show_one},
    {"POST", "/team/members/{member}", ROUTE_DESK, WHO_OWNER, .body = BODY_JSON,
     .template = TEAM_PAGE("member"), .handle = members_change},
    {"POST", "/team/members/{member}/remove", ROUTE_DESK, WHO_OWNER,
     .template = TEAM_PAGE("member"), .handle = members_remove},
    {"GET", "/team/invitations/{invitation}", ROUTE_DESK, WHO_OWNER,
     .template = TEAM_PAGE("invitation"), .handle = invitations_show_one},
    {"POST", "/team/invitations/{invitation}", ROUTE_DESK, WHO_OWNER, .body = BODY_JSON,
     .template = TEAM_PAGE("invitation"), .handle = invitations_change},
    {"POST", "/team/invitations/{invitation}/again", ROUTE_DESK, WHO_OWNER, .body = BODY_JSON,
     .template = TEAM_PAGE("invitation"), .handle = invitations_send_again},
    {"POST", "/team/invitations/{invitation}/end", ROUTE_DESK, WHO_OWNER,
     .template = TEAM_PAGE("invitation"), .handle = invitations_end},
    {"GET", "/tokens", ROUTE_DESK, WHO_OWNER, .template = TEAM_PAGE("tokens"),
     .handle = tokens_show, .menu = "tokens", .menu_place = 40},
    {"GET", "/tokens/new", ROUTE_DESK, WHO_OWNER, .template = TEAM_PAGE("token_new"),
     .handle = tokens_ask},
    {"POST", "/tokens/new", ROUTE_DESK, WHO_OWNER, .body = BODY_JSON,
     .template = TEAM_PAGE("token_new"), .handle = tokens_make},
    {"POST", "/tokens/{token}/revoke", ROUTE_DESK, WHO_OWNER, .body = BODY_JSON,
     .template = TEAM_PAGE("tokens"), .handle = tokens_revoke},
    {"GET", "/log", ROUTE_API | ROUTE_DESK, WHO_EDITORS, .template = TEAM_PAGE("log"),
     .handle = log_show, .menu = "log", .menu_place = 50,
     .query = "organiser event who action since until before"},
    {0},
};

static const struct command *const commands[] = {&command_token_add, &command_token_list,
                                                 &command_token_revoke, NULL};

const struct feature feature_team = {.name = "team", .routes = routes, .commands = commands};
