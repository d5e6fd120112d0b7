/*
 * Routes, and the router that finds the one for a method and a path. A route is a row: everything
 * the dispatcher can enforce stands in it, so that a handler reads its input, asks the database and
 * answers with one view. Each feature has a table of rows, ending with one whose method is NULL.
 * The router is built once and read by all workers.
 */
#ifndef EINLASS_HTTP_ROUTER_H
#define EINLASS_HTTP_ROUTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"

struct request;
struct router;

/* Where the row is mounted: as JSON under /api/v1, as a page, or exactly at its path (/healthz). */
enum route_mount { ROUTE_API = 1, ROUTE_PAGE = 2, ROUTE_PLAIN = 4 };

/* Who may call it; several may be allowed. Roles are those of API tokens and memberships. */
enum route_who {
    WHO_ANYBODY = 1,
    WHO_MANAGE_LINK = 2, /* the attendee, by the key of the registration's manage link */
    WHO_DEVICE = 4,      /* a paired door, with staff at it */
    WHO_DOOR = 8,
    WHO_VIEWER = 16,
    WHO_MANAGER = 32,
    WHO_OWNER = 64,
    WHO_SCANNER = 128, /* a paired door that scans, and no more */
    WHO_DEVICES = WHO_DEVICE | WHO_SCANNER,
    WHO_EDITORS = WHO_MANAGER | WHO_OWNER,
    WHO_READERS = WHO_VIEWER | WHO_MANAGER | WHO_OWNER,
    WHO_ADMITTERS = WHO_DEVICES | WHO_DOOR | WHO_MANAGER | WHO_OWNER,
};

/* What the body may be. A page form (application/x-www-form-urlencoded) becomes JSON of the same
 * shape as the API takes, see urlencoded.h; GET and DELETE have none. */
enum route_body { BODY_NONE, BODY_JSON };

enum {
    ROUTE_PARAMETERS_MOST = 4,
    ROUTE_BODY_DEFAULT_BYTES = 64 * 1024, /* limit: body of most requests */
};

/* Tables name the first four members by their place, the others by their names. */
struct route {
    const char *method; /* "GET" answers HEAD too */
    const char *path;   /* "/events/{event}/registrations"; {name} is one segment, not empty */
    unsigned mount, who;
    enum route_body body;
    size_t body_bytes;    /* 0: ROUTE_BODY_DEFAULT_BYTES */
    const char *template; /* for pages: asset name such as "event/event.html" */
    void (*handle)(struct request *request);
};

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
