/*
 * A route is a row: everything the dispatcher can enforce stands in it, so that a handler reads
 * its input, asks the database and answers with one view. Each feature has a table of rows, ending
 * with one whose method is NULL.
 */
#ifndef EINLASS_HTTP_ROUTE_H
#define EINLASS_HTTP_ROUTE_H

#include <stddef.h>

struct request;

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
 * shape as the API takes, see form.h; GET and DELETE have none. */
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

#endif
