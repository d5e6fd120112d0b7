#include "features/operations/operations.h"

#include "db/db.h"
#include "features/operations/metrics_page.h"
#include "features/operations/openapi.h"
#include "http/listener.h"
#include "http/reply.h"

enum { RETRY_AFTER_S = 1 };

static void show_health(struct request *request)
{
    reply_view(request, 200, json_pack("{s:s, s:s}", "status", "ok", "version", EINLASS_VERSION));
}

static void show_readiness(struct request *request)
{
    struct worker *worker = request_worker(request);
    static const char *const codes[] = {
        [DB_UNREACHABLE] = "database_unreachable",
        [DB_REFUSES] = "database_refuses",
        [DB_NOT_MIGRATED] = "database_not_migrated",
        [DB_UNFIT] = "database_unfit",
    };
    struct db_state state;
    db_state(worker->db, &state);
    if (listener_is_draining(worker->listener))
        reply_busy(request, "stopping");
    else if (state.absence == DB_PRESENT)
        reply_view(request, 200,
                   json_pack("{s:s, s:i}", "status", "ready", "schema_version",
                             state.schema_version_found));
    else
        reply_problem(request,
                      &(struct problem){.status = 503,
                                        .code = codes[state.absence],
                                        .retry_after_s = RETRY_AFTER_S,
                                        .data = json_pack("{s:s}", "sqlstate", state.sqlstate)});
}

static const struct route routes[] = {
    {"GET", "/healthz", ROUTE_PLAIN, WHO_ANYBODY, .handle = show_health},
    {"GET", "/readyz", ROUTE_PLAIN, WHO_ANYBODY, .handle = show_readiness},
    {"GET", "/metrics", ROUTE_PLAIN, WHO_ANYBODY, .handle = metrics_page_show},
    {"GET", "/openapi.json", ROUTE_API, WHO_ANYBODY, .handle = openapi_show},
    {0},
};

static const struct command *const commands[] = {&command_routes, NULL};

static const struct periodic periodic[] = {
    {.run = metrics_page_publish, .every_ms = METRICS_PUBLISH_EVERY_MS, .on_all_workers = true},
    {0},
};

const struct feature feature_operations = {
    .name = "operations",
    .commands = commands,
    .routes = routes,
    .periodic = periodic,
    .start = metrics_page_start,
    .stop = metrics_page_stop,
};

const struct command command_routes = {
    .words = "routes",
    .arguments = "",
    .help = "print the table of routes: method, path, mount and who may call",
    .run = openapi_list_routes,
};
