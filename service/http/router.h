/* Finds the row for a method and a path. Built once, read by all workers. */
#ifndef EINLASS_HTTP_ROUTER_H
#define EINLASS_HTTP_ROUTER_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "http/route.h"

struct router;

enum router_outcome { ROUTER_FOUND, ROUTER_NO_PATH, ROUTER_NO_METHOD };

struct router_match {
    const struct route *route;
    enum route_mount mount;                    /* the one of the row's mounts that was asked for */
    const char *values[ROUTE_PARAMETERS_MOST]; /* decoded, in the order of the path */
    const char *pattern;                       /* "/api/v1/events/{event}", for logs, metrics */
    int index;                                 /* of the mounted row: 0 to router_size() - 1 */
    const char *allow;                         /* with ROUTER_NO_METHOD: for the Allow header */
};

/* Tables end with NULL. Two rows that one request could mean, or a page without a template or
 * handler, are refused: false, and a sentence in ret_error. */
MUST_CHECK bool router_create(const struct route *const *tables, struct router **ret_router,
                              struct buffer *ret_error);
void router_destroy(struct router *router);

/* The path is the raw one of the request line, without query. Segments are percent-decoded (RFC
 * 3986 section 2.1); bad escapes, NUL and bytes that are not UTF-8 find nothing. */
enum router_outcome router_find(const struct router *router, struct arena *arena,
                                const char *method, const char *path, struct router_match *ret);

/* The value of {name} in a match, NULL when its path has none. */
const char *router_value(const struct router_match *match, const char *name);

int router_size(const struct router *router);
const char *router_pattern(const struct router *router, int index);
const struct route *router_route(const struct router *router, int index);

#endif
