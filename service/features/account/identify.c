#include "features/account/identify.h"

#include <strings.h>

#include "base/clock.h"
#include "db/db.h"
#include "event/links.h"
#include "features/account/callers.h"
#include "features/account/sessions.h"
#include "features/feature.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/session_cookie.h"
#include "http/source.h"
#include "statements.h"

/* A running lookup; lives in its request's arena. */
struct lookup {
    struct request *request;
    unsigned char hash[SECRET_HASH_BYTES];
    uint64_t generation;
};

/* --- Tokens ---------------------------------------------------------------------------------- */

static unsigned who_has(enum caller_role role)
{
    switch (role) {
    case CALLER_ROLE_OWNER:
        return WHO_OWNER;
    case CALLER_ROLE_MANAGER:
        return WHO_MANAGER;
    case CALLER_ROLE_DOOR:
        return WHO_DOOR;
    case CALLER_ROLE_VIEWER:
        return WHO_VIEWER;
    case CALLER_ROLE_DEVICE:
        return WHO_DEVICE;
    case CALLER_ROLE_SCANNER:
        return WHO_SCANNER;
    case CALLER_ROLE_NONE:
        break;
    }
    return 0;
}

/* Ignores memberships beyond the limit. False: the role is unknown. */
static bool add_membership(struct caller *caller, const struct rows *rows, int row)
{
    unsigned role = who_has(account_caller_role(rows, row));
    if (caller->membership_count < CALLER_MEMBERSHIPS_MOST)
        caller->memberships[caller->membership_count++] = (struct membership){
            .role = role,
            .organiser_id = rows_id(rows, row, "organiser_id"),
            .event_id = rows_id(rows, row, "event_id"),
        };
    return role != 0;
}

/* Each row is a membership. A token or device has one. */
static bool read_caller(const struct rows *rows, struct caller *ret_caller)
{
    bool is_device = !rows_is_null(rows, 0, "door"), is_known = true;
    struct caller caller = {
        .identity = is_device ? CALLER_DEVICE : CALLER_API_TOKEN,
        .id = rows_id(rows, 0, "id"),
    };
    snprintf(caller.door, sizeof caller.door, "%s", rows_text(rows, 0, "door"));
    snprintf(caller.label, sizeof caller.label, "%s", rows_text(rows, 0, "label"));
    for (int row = 0; row < rows_count(rows); row++)
        is_known &= add_membership(&caller, rows, row);
    *ret_caller = caller;
    return is_known;
}

/* Returns the page for somebody who may do nothing else yet: to set up the second factor, or to
 * accept an invitation. NULL: the request may go on. */
static const char *leads_elsewhere(struct request *request, const struct caller *caller)
{
    if (caller->membership_count > 0 || request_mount(request) != ROUTE_DESK ||
        (request_route(request)->who & (WHO_ANYBODY | WHO_SESSION)))
        return NULL;
    if (caller->wants_second_factor)
        return ACCOUNT_PATH_SECOND_FACTOR;
    return caller->is_invited ? ACCOUNT_PATH_INVITATIONS : NULL;
}

static void go_on(const struct lookup *lookup, const struct caller *caller)
{
    struct request *request = lookup->request;
    request_set_caller(request, caller);
    const char *elsewhere = leads_elsewhere(request, caller);
    if (elsewhere) {
        reply_see_other(request, elsewhere);
        return;
    }
    if (request_takes(request, &(struct pace_key){.limit = PACE_REQUESTS, .scope = &caller->id}))
        request_continue(request);
    else
        reply_refuse(request, 429, "rate_limited");
}

static void on_looked_up(void *context, const struct db_result *result)
{
    const struct lookup *lookup = context;
    if (result->outcome != DB_DONE) {
        reply_failed(lookup->request, result);
        return;
    }
    if (rows_count(result->rows) == 0) {
        reply_refuse(lookup->request, 401, "bad_token");
        return;
    }
    struct caller caller;
    if (!read_caller(result->rows, &caller)) {
        reply_refuse(lookup->request, 500, "internal");
        return;
    }
    callers_keep(callers_of(request_worker(lookup->request)), lookup->hash, &caller,
                 lookup->generation, clock_monotonic_us());
    go_on(lookup, &caller);
}

static struct lookup *lookup_of(struct request *request, const char *secret)
{
    struct lookup *lookup = arena_alloc(request_arena(request), sizeof *lookup);
    lookup->request = request;
    lookup->generation = callers_generation(callers_of(request_worker(request)));
    secret_hash(secret, lookup->hash);
    return lookup;
}

static void look_up(struct request *request, const char *token)
{
    struct lookup *lookup = lookup_of(request, token);
    const struct caller *known =
        callers_find(callers_of(request_worker(request)), lookup->hash, clock_monotonic_us());
    if (known) {
        const struct caller caller = *known;
        go_on(lookup, &caller);
        return;
    }
    db_ask(request_worker(request)->db,
           account_caller_params(
               &(struct account_caller){.hash = {lookup->hash, sizeof lookup->hash}}),
           on_looked_up, lookup);
}

static bool by_token(struct request *request)
{
    static const char scheme[] = "Bearer";
    const char *token = request_header(request, "Authorization");
    if (!token || strncasecmp(token, scheme, sizeof scheme - 1) != 0)
        return false;
    token += sizeof scheme - 1;
    if (*token != ' ' && *token != '\0')
        return false;
    token += strspn(token, " ");
    if (*token == '\0' || strlen(token) >= SECRET_TEXT_BYTES)
        reply_refuse(request, 401, "bad_token");
    else
        look_up(request, token);
    return true;
}

/* --- Manage links ---------------------------------------------------------------------------- */

/* Returns whether this is the first time that somebody opens a link from a letter. Programs that
 * check the links in a mail count, too. */
static bool is_newly_opened(struct request *request, const struct rows *rows)
{
    const char *key = request_link_key(request, "mail");
    struct id id = rows_id(rows, 0, "registration_id");
    return key && !rows_bool(rows, 0, "vouched") &&
           link_verify_key_matches(request_worker(request), &id, rows_text(rows, 0, "email"), key,
                                   request_arena(request));
}

static void on_opened(void *context, const struct db_result *result)
{
    struct request *request = context;
    if (result->outcome != DB_DONE)
        reply_failed(request, result);
    else
        request_continue(request);
}

static void note_opened(struct request *request, const struct rows *rows)
{
    struct id event_id = rows_id(rows, 0, "event_id");
    struct id registration_id = rows_id(rows, 0, "registration_id");
    db_ask(request_worker(request)->db,
           account_manage_link_opened_params(&(struct account_manage_link_opened){
               .event_id = &event_id, .registration_id = &registration_id}),
           on_opened, request);
}

static void on_link_found(void *context, const struct db_result *result)
{
    struct request *request = context;
    struct caller caller = {
        .identity = CALLER_MANAGE_LINK,
        .label = "guest",
        .membership_count = 1,
        .memberships = {{.role = WHO_MANAGE_LINK}},
    };
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    if (rows_count(result->rows) == 0) {
        reply_refuse(request, 404, "not_found");
        return;
    }
    caller.id = rows_id(result->rows, 0, "registration_id");
    request_set_caller(request, &caller);
    if (is_newly_opened(request, result->rows))
        note_opened(request, result->rows);
    else
        request_continue(request);
}

/* The database is asked only about keys that the service has made. */
static bool by_manage_link(struct request *request)
{
    if (!(request_route(request)->who & WHO_MANAGE_LINK) ||
        !request_has_path(request, "registration"))
        return false;
    const char *key = request_link_key(request, "key");
    if (!key)
        key = request_header(request, "X-Manage-Key");
    if (!key)
        return false;
    struct worker *worker = request_worker(request);
    struct id id;
    int64_t version;
    if (!id_parse(request_path(request, "registration"), &id) ||
        !link_manage_key_version(worker, &id, key, request_arena(request), &version)) {
        reply_refuse(request, 404, "not_found");
        return true;
    }
    db_ask(worker->db,
           account_manage_link_params(&(struct account_manage_link){
               .event_number = id_event_number(&id), .registration_id = &id, .version = version}),
           on_link_found, request);
    return true;
}

/* --- Sessions -------------------------------------------------------------------------------- */

static bool read_session(const struct rows *rows, struct caller *ret_caller)
{
    struct caller caller = {
        .identity = CALLER_SESSION,
        .id = rows_id(rows, 0, "account_id"),
        .session_id = rows_id(rows, 0, "session_id"),
        .is_invited = rows_bool(rows, 0, "is_invited"),
    };
    char id[ID_TEXT_BYTES];
    id_format(&caller.id, id);
    snprintf(caller.email, sizeof caller.email, "%s", rows_text(rows, 0, "email"));
    snprintf(caller.label, sizeof caller.label, "account %s", id);
    *ret_caller = caller;
    switch (account_session_caller_state(rows, 0)) {
    case SESSION_STATE_OPEN:
    case SESSION_STATE_WANTS_SECOND_FACTOR:
        ret_caller->wants_second_factor =
            account_session_caller_state(rows, 0) == SESSION_STATE_WANTS_SECOND_FACTOR;
        for (int row = 0; row < rows_count(rows); row++) {
            if (!rows_is_null(rows, row, "role") && !add_membership(ret_caller, rows, row))
                return false;
        }
        return true;
    case SESSION_STATE_WANTS_CODE:
        *ret_caller = (struct caller){.identity = CALLER_ANYBODY,
                                      .label = "anybody",
                                      .session_id = caller.session_id,
                                      .wants_code = true};
        return true;
    case SESSION_STATE_NONE:
        break;
    }
    return false;
}

/* A session is not cached: who accepts an invitation sees what it opens on the next page,
 * which another worker may answer. */
static void on_session(void *context, const struct db_result *result)
{
    const struct lookup *lookup = context;
    struct request *request = lookup->request;
    struct caller caller;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    if (rows_count(result->rows) == 0) {
        request_continue(request); /* it has ended: anybody */
        return;
    }
    if (!read_session(result->rows, &caller)) {
        reply_refuse(request, 500, "internal");
        return;
    }
    go_on(lookup, &caller);
}

/* Guests' pages do not ask who is at the desk: an organiser signs up there like anybody. */
static bool by_session(struct request *request)
{
    enum route_mount mount = request_mount(request);
    const char *secret = mount == ROUTE_DESK || mount == ROUTE_API ? session_cookie(request) : NULL;
    if (!secret || strlen(secret) + 1 != SECRET_LINK_TEXT_BYTES)
        return false;
    struct lookup *lookup = lookup_of(request, secret);
    db_ask(request_worker(request)->db,
           account_session_caller_params(
               &(struct account_session_caller){.hash = {lookup->hash, sizeof lookup->hash},
                                                .idle_hours = SESSION_IDLE_HOURS,
                                                .most = CALLER_MEMBERSHIPS_MOST}),
           on_session, lookup);
    return true;
}

/* --- All ways -------------------------------------------------------------------------------- */

/* The first way that applies returns true: it sets the caller and continues, or replies. */
static bool (*const ways[])(struct request *request) = {by_token, by_manage_link, by_session};

void account_identify(struct request *request)
{
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        if (ways[i](request))
            return;
    }
    request_continue(request); /* anybody */
}
