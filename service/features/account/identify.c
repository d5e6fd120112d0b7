#include "features/account/identify.h"

#include <strings.h>

#include "base/clock.h"
#include "db/db.h"
#include "features/account/callers.h"
#include "features/feature.h"
#include "http/reply.h"
#include "http/request.h"
#include "statements.h"

/* A token that is being looked up; lives in its request's arena. */
struct lookup {
    struct request *request;
    unsigned char hash[SECRET_HASH_BYTES];
    uint64_t generation;
};

/* --- Tokens ---------------------------------------------------------------------------------- */

static unsigned who_has_role(enum caller_role role)
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

static struct caller caller_from_row(const struct rows *rows)
{
    struct caller caller = {
        .who = who_has_role(account_caller_role(rows, 0)),
        .id = rows_id(rows, 0, "id"),
        .organiser_id = rows_id(rows, 0, "organiser_id"),
        .event_id = rows_id(rows, 0, "event_id"),
    };
    snprintf(caller.door, sizeof caller.door, "%s", rows_text(rows, 0, "door"));
    snprintf(caller.label, sizeof caller.label, "%s", rows_text(rows, 0, "label"));
    return caller;
}

static void go_on(const struct lookup *lookup, const struct caller *caller)
{
    struct request *request = lookup->request;
    struct callers *callers = callers_of(request_worker(request));
    request_set_caller(request, caller);
    if (callers_count(callers, lookup->hash, clock_monotonic_us()))
        request_continue(request);
    else
        reply_problem(request,
                      &(struct problem){.status = 429, .code = "rate_limited", .retry_after_s = 1});
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
    struct caller caller = caller_from_row(result->rows);
    if (caller.who == 0) {
        reply_refuse(lookup->request, 500, "internal");
        return;
    }
    callers_keep(callers_of(request_worker(lookup->request)), lookup->hash, &caller,
                 lookup->generation, clock_monotonic_us());
    go_on(lookup, &caller);
}

static void look_up(struct request *request, const char *token)
{
    struct worker *worker = request_worker(request);
    struct lookup *lookup = arena_alloc(request_arena(request), sizeof *lookup);
    lookup->request = request;
    lookup->generation = callers_generation(callers_of(worker));
    secret_hash(token, lookup->hash);
    const struct caller *known =
        callers_find(callers_of(worker), lookup->hash, clock_monotonic_us());
    if (known) {
        const struct caller caller = *known;
        go_on(lookup, &caller);
        return;
    }
    db_ask(worker->db,
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

static bool by_manage_link(struct request *request)
{
    if (!(request_route(request)->who & WHO_MANAGE_LINK) ||
        !request_has_path(request, "registration"))
        return false;
    const char *key = request_query(request, "key");
    if (!key)
        key = request_header(request, "X-Manage-Key");
    if (!key)
        return false;
    struct caller caller = {.who = WHO_MANAGE_LINK, .label = "manage link"};
    const struct keyring *keyring = request_worker(request)->keyring;
    if (!id_parse(request_path(request, "registration"), &caller.id) ||
        !secret_link_key_matches(keyring, "manage", &caller.id, key)) {
        reply_refuse(request, 404, "not_found");
        return true;
    }
    request_set_caller(request, &caller);
    request_continue(request);
    return true;
}

/* --- Anybody --------------------------------------------------------------------------------- */

void account_identify(struct request *request)
{
    if (by_token(request) || by_manage_link(request))
        return;
    request_set_caller(request, &(struct caller){.who = WHO_ANYBODY, .label = "anybody"});
    request_continue(request);
}
