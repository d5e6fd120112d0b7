#include "features/operations/openapi.h"

#include "base/memory.h"
#include "command.h"
#include "features/feature.h"
#include "http/reply.h"
#include "view/asset.h"

void openapi_show(struct request *request)
{
    const struct asset *description = asset_find("features/operations/openapi.json");
    reply_header(request, "Access-Control-Allow-Origin", "*"); /* viewers run on other sites */
    reply_json_text(request, 200, (const char *)description->bytes, description->length);
}

/* --- The table of routes --------------------------------------------------------------------- */

static void say_who(unsigned who)
{
    const char *before = "\t";
    for (unsigned role = 1; role != 0; role <<= 1) {
        if (who & role) {
            printf("%s%s", before, caller_who_name(role));
            before = ",";
        }
    }
}

static void say_route(const struct route *route)
{
    struct arena arena;
    arena_init(&arena);
    static const struct {
        enum route_mount mount;
        const char *name;
    } mounts[] = {
        {ROUTE_API, "api"}, {ROUTE_PAGE, "page"}, {ROUTE_PLAIN, "plain"}, {ROUTE_DESK, "desk"}};
    for (size_t i = 0; i < sizeof mounts / sizeof *mounts; i++) {
        if (!(route->mount & mounts[i].mount))
            continue;
        const char *path = mounts[i].mount == ROUTE_DESK && !route->path[1] ? "" : route->path;
        printf("%s\t%s%s\t%s", route->method, router_prefix(mounts[i].mount), path, mounts[i].name);
        say_who(route->who);
        printf("\t%s\n", mounts[i].mount == ROUTE_API ? router_query(route, &arena) : "");
    }
    arena_finish(&arena);
}

int openapi_list_routes(const struct config *config, int argc, char **argv)
{
    (void)config;
    (void)argv;
    if (argc != 0)
        return COMMAND_USAGE;
    for (const struct feature *const *feature = all_features; *feature; feature++) {
        for (const struct route *at = (*feature)->routes; at && at->method; at++)
            say_route(at);
    }
    return COMMAND_DONE;
}
