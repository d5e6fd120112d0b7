#include "features/operations/operations.h"

#include "base/log.h"
#include "db/db.h"
#include "db/primary.h"
#include "features/operations/metrics_page.h"
#include "features/operations/openapi.h"
#include "features/operations/problems.h"
#include "features/operations/reference.h"
#include "http/listener.h"
#include "http/reply.h"
#include "jobs/db_clock.h"
#include "statements.h"

enum { RETRY_AFTER_S = 1, DUE_TIMES_EVERY_MS = 10 * 1000 };

static void show_health(struct request *request)
{
    reply_view(request, 200, json_pack("{s:s, s:s}", "status", "ok", "version", EINLASS_VERSION));
}

/* What is wrong although the service works. */
static json_t *list_problems(const struct primary_state *state)
{
    json_t *problems = json_array();
    if (state->has_too_few)
        json_array_append_new(problems, json_pack("{s:s, s:i, s:i}", "code", "too_few_connections",
                                                  "needed", state->connections_needed, "open",
                                                  state->connections_open));
    if (state->fsync_is_off)
        json_array_append_new(problems, json_pack("{s:s}", "code", "fsync_is_off"));
    if (state->full_page_writes_is_off)
        json_array_append_new(problems, json_pack("{s:s}", "code", "full_page_writes_is_off"));
    return problems;
}

static void reply_ready(struct request *request, int schema_version,
                        const struct primary_state *primary)
{
    json_t *problems = list_problems(primary);
    bool is_degraded = json_array_size(problems) > 0;
    json_t *view = json_pack("{s:s, s:i}", "status", is_degraded ? "degraded" : "ready",
                             "schema_version", schema_version);
    if (is_degraded)
        json_object_set(view, "problems", problems);
    json_decref(problems);
    reply_view(request, 200, view);
}

static void show_readiness(struct request *request)
{
    struct worker *worker = request_worker(request);
    static const char *const codes[] = {
        [DB_UNREACHABLE] = "database_unreachable",   [DB_REFUSES] = "database_refuses",
        [DB_NOT_MIGRATED] = "database_not_migrated", [DB_UNFIT] = "database_unfit",
        [DB_OTHER_KEYS] = "database_of_other_keys",  [DB_POOLED] = "database_pooled",
        [DB_OLD_PRIMARY] = "database_old_primary",   [DB_OTHER_CLUSTER] = "database_other_cluster",
    };
    struct db_state state;
    struct primary_state primary;
    primary_state(db_primary(worker->db), &primary);
    db_state(worker->db, &state);
    if (listener_is_draining(worker->listener))
        reply_busy(request, "stopping");
    else if (state.absence == DB_PRESENT)
        reply_ready(request, state.schema_version_found, &primary);
    else
        reply_problem(
            request,
            &(struct problem){.status = 503,
                              .code = codes[state.absence],
                              .retry_after_s = RETRY_AFTER_S,
                              .data = json_pack("{s:s, s:i}", "sqlstate", state.sqlstate,
                                                "connections_needed", primary.connections_needed)});
}

#define OPERATIONS_PAGE(name) "features/operations/" name ".html"

static const struct route routes[] = {
    {"GET", "/healthz", ROUTE_PLAIN, WHO_ANYBODY, .handle = show_health},
    {"GET", "/readyz", ROUTE_PLAIN, WHO_ANYBODY, .handle = show_readiness},
    {"GET", "/metrics", ROUTE_PLAIN, WHO_ANYBODY, .handle = metrics_page_show},
    {"GET", "/openapi.json", ROUTE_API, WHO_ANYBODY, .handle = openapi_show},
    {"GET", "/api", ROUTE_PAGE, WHO_ANYBODY, .template = OPERATIONS_PAGE("reference"),
     .handle = reference_show},
    {"GET", "/api/{operation}", ROUTE_PAGE, WHO_ANYBODY, .template = OPERATIONS_PAGE("operation"),
     .handle = reference_show_operation},
    {"GET", "/problems", ROUTE_PAGE, WHO_ANYBODY, .template = OPERATIONS_PAGE("problems"),
     .handle = problems_list},
    {"GET", "/problems/{problem}", ROUTE_PAGE, WHO_ANYBODY, .template = OPERATIONS_PAGE("problem"),
     .handle = problems_show},
    {0},
};

static const struct command *const commands[] = {&command_routes, NULL};

static struct params *ask_clock(void)
{
    return operations_clock_params();
}

static void start(struct worker *worker)
{
    metrics_page_start(worker);
    if (worker->index == 0)
        db_clock_watch(worker, ask_clock);
}

static void on_mended(void *context, const struct db_result *result)
{
    int64_t count = result->outcome == DB_DONE ? rows_number(result->rows, 0, "count") : 0;
    (void)context;
    if (count > 0)
        log_event(LOG_WARNING, "due_times_mended", log_number("jobs", count));
}

static void mend_due_times(struct worker *worker)
{
    db_ask(worker->db, operations_due_times_params(), on_mended, NULL);
}

static const struct periodic periodic[] = {
    {.run = mend_due_times, .every_ms = DUE_TIMES_EVERY_MS},
    {.run = metrics_page_publish, .every_ms = METRICS_PUBLISH_EVERY_MS, .on_all_workers = true},
    {0},
};

const struct feature feature_operations = {
    .name = "operations",
    .commands = commands,
    .routes = routes,
    .periodic = periodic,
    .start = start,
    .stop = metrics_page_stop,
};

const struct command command_routes = {
    .words = "routes",
    .arguments = "",
    .help = "print the table of routes: method, path, mount, who may call and the query",
    .run = openapi_list_routes,
};
