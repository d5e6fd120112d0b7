/*
 * Routes, and the router that finds the route of a method and a path. A route is a row with
 * everything that the dispatcher enforces. Each feature has a table of rows, which ends with a row
 * whose method is NULL. The router is built once and read by all workers.
 */
#ifndef EINLASS_HTTP_ROUTER_H
#define EINLASS_HTTP_ROUTER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/id.h"
#include "base/memory.h"

struct request;
struct router;

/* Mounts of a row: JSON under /api/v1, a page for guests, exactly its path (/healthz), or a page of
 * the desk under /desk ("/" is /desk itself). */
enum route_mount { ROUTE_API = 1, ROUTE_PAGE = 2, ROUTE_PLAIN = 4, ROUTE_DESK = 8 };

/* Bits of the callers that may call a row. Roles belong to API tokens and memberships. */
enum route_who {
    WHO_ANYBODY = 1,
    WHO_MANAGE_LINK = 2, /* an attendee with the key of the manage link */
    WHO_DEVICE = 4,      /* a device with the role staff */
    WHO_DOOR = 8,
    WHO_VIEWER = 16,
    WHO_MANAGER = 32,
    WHO_OWNER = 64,
    WHO_SCANNER = 128, /* a device that only scans */
    WHO_SESSION = 256, /* anybody who is signed in at the desk; for rows without an event */
    WHO_DEVICES = WHO_DEVICE | WHO_SCANNER,
    WHO_EDITORS = WHO_MANAGER | WHO_OWNER,
    WHO_READERS = WHO_VIEWER | WHO_MANAGER | WHO_OWNER,
    WHO_ADMITTERS = WHO_DEVICES | WHO_DOOR | WHO_MANAGER | WHO_OWNER,
};

/* The body of a request. A page's form becomes JSON of the same shape (urlencoded.h). BODY_MAIL is
 * message/rfc822 and stays as it is (request_body_bytes). GET and DELETE have no body. */
enum route_body { BODY_NONE, BODY_JSON, BODY_MAIL };

enum {
    ROUTE_PARAMETERS_MOST = 4,
    ROUTE_BODY_DEFAULT_BYTES = 64 * 1024,     /* limit: body of most requests */
    ROUTE_FORM_LEAST_BYTES = 256 * 1024,      /* limit: body of a sign-up or a correction */
    ROUTE_FORM_MOST_BYTES = 40 * 1024 * 1024, /* limit: the same at an event with a larger form */
};

/* Tables set the first four members by position, and the others by name. */
struct route {
    const char *method; /* "GET" answers HEAD, too */
    const char *path;   /* "/events/{event}/registrations"; {name} is one segment, not empty. A
                           path with more literal segments goes first: /a/new before /a/{b} */
    unsigned mount, who;
    enum route_body body;
    size_t body_bytes;    /* 0: ROUTE_BODY_DEFAULT_BYTES */
    const char *template; /* for pages: asset name such as "event/event.html" */
    void (*handle)(struct request *request);
    const char *menu;    /* an entry of the desk's menu: the word desk.menu.NAME; NULL: none */
    int menu_place;      /* entries go by their place, the lowest first */
    const char *menu_of; /* the .menu of the entry that the page belongs to; NULL: by its path */
    bool takes_file;     /* a page's form may come with a file (request_file) */
    const char *query;   /* parameters of the API behind the "?", with blanks between; NULL: none.
                            `lang`, and `key` of a manage link, go without saying */
    bool body_of_event;  /* the event's form decides how long the body may be (scope.form_bytes) */
};

enum router_outcome { ROUTER_FOUND, ROUTER_NO_PATH, ROUTER_NO_METHOD };

struct router_match {
    const struct route *route;
    enum route_mount mount;                    /* the mount of the request */
    const char *values[ROUTE_PARAMETERS_MOST]; /* decoded, in the order of the path */
    const char *pattern;                       /* "/api/v1/events/{event}", for logs, metrics */
    int index;                                 /* of the row and mount: 0 to router_size() - 1 */
    const char *allow;                         /* with ROUTER_NO_METHOD: for the Allow header */
};

/* `tables` ends with NULL. Returns false with a sentence in ret_error if two rows overlap, or a
 * page has no template or handler. */
MUST_CHECK bool router_create(const struct route *const *tables, struct router **ret_router,
                              struct buffer *ret_error);
void router_destroy(struct router *router);

/* `path` is the raw path of the request line without the query. Segments are percent-decoded (RFC
 * 3986, section 2.1). Bad escapes, NUL and bytes that are not UTF-8 match no row. */
enum router_outcome router_find(const struct router *router, struct arena *arena,
                                const char *method, const char *path, struct router_match *ret);

/* Returns the names of the query parameters that the API takes at a row, with blanks between. */
const char *router_query(const struct route *route, struct arena *arena);

/* Returns the value of {name} in a match, or NULL. */
const char *router_value(const struct router_match *match, const char *name);

/* Returns what stands before the path of a row: "/api/v1", "/desk" or "". */
const char *router_prefix(enum route_mount mount);

int router_size(const struct router *router);
enum route_mount router_mount(const struct router *router, int index);
const char *router_pattern(const struct router *router, int index);
const struct route *router_route(const struct router *router, int index);

/*
 * The caller of a request and its rights. For each request the dispatcher finds the caller
 * (identity and memberships), then the scope (organiser and event in the path), and then compares
 * the caller's role in that scope with the roles of the route. Nothing else decides whether a
 * request may go on.
 */

struct event; /* an event's definition: event/event.h */

enum { CALLER_MEMBERSHIPS_MOST = 32 };

enum caller_identity {
    CALLER_ANYBODY,
    CALLER_MANAGE_LINK,
    CALLER_DEVICE,
    CALLER_API_TOKEN,
    CALLER_SESSION,
};

struct membership {
    unsigned role;          /* one bit of enum route_who */
    struct id organiser_id; /* zero: a manage link, whose key fits the path */
    struct id event_id;     /* zero: all events of the organiser */
};

struct caller {
    enum caller_identity identity;
    struct id id;    /* of the API token, device, registration or account; zero: anybody */
    char door[65];   /* slug of a device's door */
    char label[129]; /* for the audit log: "token 0198…", "guest"; see audit_entry.actor */

    /* A person at the desk. */
    struct id session_id;     /* zero: there is no session */
    char email[255];          /* of the account */
    bool wants_code;          /* is anybody until the code of the second factor is there */
    bool wants_second_factor; /* memberships are withheld until the account has one */
    bool is_invited;          /* an invitation into a team waits for the account */

    size_t membership_count;
    struct membership memberships[CALLER_MEMBERSHIPS_MOST]; /* the strongest role first */
};

/* The organiser and event of a request. */
struct scope {
    const struct event *event; /* NULL: the event does not exist */
    struct id organiser_id, event_id;
    bool is_public;            /* callers without a role may know that it exists */
    const char *frame_origins; /* may frame the event's pages; NULL: none */
    size_t form_bytes;         /* of the body of the event's largest sign-up */
    int form_fields;           /* the same as a page's form */
    void (*release)(const struct event *event);
    /* Returns what the head of the desk's pages shows of the event, a new reference. */
    json_t *(*describe)(const struct event *event, const char *language);
    /* Returns `host` for the head and foot of guests' pages: who holds the event. A new reference.
     */
    json_t *(*host)(const struct event *event, const char *language);
    /* Returns the source of the inline style in `host`; NULL: it has none. */
    const char *(*host_style_source)(const struct event *event);
};

/* The numbers are HTTP's. */
enum caller_verdict {
    CALLER_MAY = 0,
    CALLER_UNAUTHORISED = 401, /* the row needs a role, and the caller is unknown */
    CALLER_FORBIDDEN = 403,    /* the caller's role does not suffice */
    CALLER_NOT_FOUND = 404,    /* the event does not exist or is hidden from this caller */
};

/* Returns whether the caller may call the row in any scope. */
bool caller_may_somewhere(const struct caller *caller, unsigned who);

/* Returns the caller's role in the scope: of the first membership that the row admits, or of the
 * first one, or WHO_ANYBODY. scope NULL: the path has no event, and all memberships count. */
unsigned caller_role_in(const struct caller *caller, const struct scope *scope, unsigned who);

/*
 * Returns whether a caller with this role in the scope may call a row for `who`. The answer does
 * not tell whether a hidden event exists: CALLER_UNAUTHORISED does not depend on it, and a hidden
 * event gets the same answer as one that does not exist.
 */
enum caller_verdict caller_judge(const struct caller *caller, const struct scope *scope,
                                 unsigned role, unsigned who);

/* Returns the name of one bit of enum route_who, like "viewer", or NULL. */
const char *caller_who_name(unsigned who);

/* Returns the caller's name in the log: its role in the scope, or how it was identified. */
const char *caller_log_name(const struct caller *caller, unsigned role);

#endif
