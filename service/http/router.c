#include "http/router.h"

#include "base/memory.h"
#include "base/text.h"

enum { SEGMENTS_MOST = 8 };

struct segment {
    const char *text; /* a literal, or a parameter's name */
    size_t length;
    bool is_parameter;
};

/* A row at one of its mounts. */
struct mounted {
    const struct route *route;
    enum route_mount mount;
    char *pattern; /* owned; the segments point into it */
    struct segment segments[SEGMENTS_MOST];
    int index;
};

struct router {
    struct mounted *rows; /* sorted by the number of their segments */
    int count;
    int first[SEGMENTS_MOST + 2]; /* index of the first row with so many segments */
};

struct path {
    const char *segments[SEGMENTS_MOST];
    size_t lengths[SEGMENTS_MOST];
    int count;
};

static bool split_pattern(struct mounted *row, int *ret_count)
{
    int count = 0, parameters = 0;
    const char *at = row->pattern;
    while (*at == '/' && at[1]) {
        size_t length = strcspn(++at, "/");
        if (length == 0 || count == SEGMENTS_MOST)
            return false;
        struct segment *segment = &row->segments[count++];
        segment->is_parameter = *at == '{';
        if (segment->is_parameter && (at[length - 1] != '}' || length < 3))
            return false;
        segment->text = segment->is_parameter ? at + 1 : at;
        segment->length = segment->is_parameter ? length - 2 : length;
        parameters += segment->is_parameter;
        at += length;
    }
    *ret_count = count;
    return parameters <= ROUTE_PARAMETERS_MOST && (*at == '\0' || strcmp(row->pattern, "/") == 0);
}

/* Returns whether a path can match both patterns and neither is the more literal one. */
static bool overlap(const struct mounted *a, const struct mounted *b, int segments)
{
    bool left_is_literal = false, right_is_literal = false;
    for (int i = 0; i < segments; i++) {
        const struct segment *left = &a->segments[i], *right = &b->segments[i];
        left_is_literal |= right->is_parameter && !left->is_parameter;
        right_is_literal |= left->is_parameter && !right->is_parameter;
        if (left->is_parameter || right->is_parameter)
            continue;
        if (left->length != right->length || memcmp(left->text, right->text, left->length) != 0)
            return false;
    }
    return left_is_literal == right_is_literal;
}

static bool is_method(const char *method)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (strcmp(method, methods[i]) == 0)
            return true;
    }
    return false;
}

static bool check_route(const struct route *route, struct buffer *ret_error)
{
    const char *fault = NULL;
    if (!is_method(route->method))
        fault = "has a method we do not know (HEAD comes with GET)";
    else if (!route->handle)
        fault = "has no handler";
    else if (!route->mount)
        fault = "is mounted nowhere";
    else if (!route->who)
        fault = "may be called by nobody, not even by anybody";
    else if ((route->mount & ROUTE_PAGE) && !route->template)
        fault = "is a page without a template";
    else if (route->body != BODY_NONE && strcmp(route->method, "GET") == 0)
        fault = "reads a body with GET";
    if (fault)
        buffer_printf(ret_error, "route %s %s %s", route->method, route->path, fault);
    return !fault;
}

/* Inserts the row in order. Returns false if it overlaps with another row. */
static bool insert(struct router *router, struct mounted row, int segments,
                   struct buffer *ret_error)
{
    for (int i = router->first[segments]; i < router->first[segments + 1]; i++) {
        const struct mounted *other = &router->rows[i];
        if (strcmp(row.route->method, other->route->method) == 0 &&
            overlap(&row, other, segments)) {
            buffer_printf(ret_error, "routes %s %s and %s %s can mean the same request",
                          row.route->method, row.pattern, other->route->method, other->pattern);
            return false;
        }
    }
    int at = router->first[segments + 1];
    router->rows = memory_grow(router->rows, sizeof *router->rows * ((size_t)router->count + 1));
    memmove(router->rows + at + 1, router->rows + at,
            sizeof *router->rows * (size_t)(router->count - at));
    router->rows[at] = row;
    router->count++;
    for (int i = segments + 1; i < SEGMENTS_MOST + 2; i++)
        router->first[i]++;
    return true;
}

const char *router_prefix(enum route_mount mount)
{
    return mount == ROUTE_API ? "/api/v1" : mount == ROUTE_DESK ? "/desk" : "";
}

static bool mount(struct router *router, const struct route *route, enum route_mount where,
                  struct buffer *ret_error)
{
    struct mounted row = {.route = route, .mount = where};
    struct buffer pattern;
    int segments;
    buffer_init(&pattern);
    bool is_root = where == ROUTE_DESK && strcmp(route->path, "/") == 0;
    buffer_printf(&pattern, "%s%s", router_prefix(where), is_root ? "" : route->path);
    row.pattern = buffer_take(&pattern);
    if (route->path[0] != '/' || !split_pattern(&row, &segments)) {
        buffer_printf(ret_error, "route %s %s has a path that cannot be read", route->method,
                      route->path);
        free(row.pattern);
        return false;
    }
    if (!insert(router, row, segments, ret_error)) {
        free(row.pattern);
        return false;
    }
    return true;
}

static bool add_route(struct router *router, const struct route *route, struct buffer *ret_error)
{
    static const enum route_mount mounts[] = {ROUTE_API, ROUTE_PAGE, ROUTE_PLAIN, ROUTE_DESK};
    if (!check_route(route, ret_error))
        return false;
    for (size_t i = 0; i < sizeof mounts / sizeof *mounts; i++) {
        if ((route->mount & mounts[i]) && !mount(router, route, mounts[i], ret_error))
            return false;
    }
    return true;
}

bool router_create(const struct route *const *tables, struct router **ret_router,
                   struct buffer *ret_error)
{
    struct router *router = memory_alloc(sizeof *router);
    for (; *tables; tables++) {
        for (const struct route *route = *tables; route->method; route++) {
            if (!add_route(router, route, ret_error)) {
                router_destroy(router);
                return false;
            }
        }
    }
    for (int i = 0; i < router->count; i++)
        router->rows[i].index = i;
    *ret_router = router;
    return true;
}

void router_destroy(struct router *router)
{
    if (!router)
        return;
    for (int i = 0; i < router->count; i++)
        free(router->rows[i].pattern);
    free(router->rows);
    free(router);
}

static bool split_path(struct arena *arena, const char *path, struct path *ret)
{
    ret->count = 0;
    if (*path != '/')
        return false;
    while (*path == '/' && (path[1] || ret->count > 0)) {
        size_t length = strcspn(++path, "/");
        if (length == 0 || ret->count == SEGMENTS_MOST)
            return false;
        const char *decoded = percent_decode_strict(arena, path, length);
        if (!decoded)
            return false;
        ret->segments[ret->count] = decoded;
        ret->lengths[ret->count++] = strlen(decoded);
        path += length;
    }
    return true;
}

static bool fits(const struct mounted *row, const struct path *path)
{
    for (int i = 0; i < path->count; i++) {
        const struct segment *segment = &row->segments[i];
        if (segment->is_parameter)
            continue;
        if (segment->length != path->lengths[i] ||
            memcmp(segment->text, path->segments[i], segment->length) != 0)
            return false;
    }
    return true;
}

static int count_literals(const struct mounted *row, const struct path *path)
{
    int literals = 0;
    for (int i = 0; i < path->count; i++)
        literals += !row->segments[i].is_parameter;
    return literals;
}

static void fill(const struct mounted *row, const struct path *path, struct router_match *ret)
{
    int values = 0;
    for (int i = 0; i < path->count; i++) {
        if (row->segments[i].is_parameter)
            ret->values[values++] = path->segments[i];
    }
    ret->route = row->route;
    ret->mount = row->mount;
    ret->pattern = row->pattern;
    ret->index = row->index;
}

static void allow(struct arena *arena, const char **allowed, const char *method)
{
    const char *with_head = strcmp(method, "GET") == 0 ? "GET, HEAD" : method;
    if (!*allowed)
        *allowed = arena_copy(arena, with_head);
    else if (!strstr(*allowed, method))
        *allowed = arena_printf(arena, "%s, %s", *allowed, with_head);
}

enum router_outcome router_find(const struct router *router, struct arena *arena,
                                const char *method, const char *path, struct router_match *ret)
{
    struct path split;
    *ret = (struct router_match){.index = -1};
    if (!split_path(arena, path, &split))
        return ROUTER_NO_PATH;
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method, *allowed = NULL;
    const struct mounted *found = NULL;
    for (int i = router->first[split.count]; i < router->first[split.count + 1]; i++) {
        const struct mounted *row = &router->rows[i];
        if (!fits(row, &split))
            continue;
        if (strcmp(row->route->method, wanted) == 0 &&
            (!found || count_literals(row, &split) > count_literals(found, &split)))
            found = row;
        if (!found)
            fill(row, &split, ret);
        allow(arena, &allowed, row->route->method);
    }
    if (found) {
        fill(found, &split, ret);
        return ROUTER_FOUND;
    }
    ret->allow = allowed;
    return allowed ? ROUTER_NO_METHOD : ROUTER_NO_PATH;
}

const char *router_value(const struct router_match *match, const char *name)
{
    size_t length = strlen(name);
    const char *at = match->pattern;
    for (int i = 0; i < ROUTE_PARAMETERS_MOST && (at = strchr(at, '{')) != NULL; i++) {
        if (strncmp(++at, name, length) == 0 && at[length] == '}')
            return match->values[i];
    }
    return NULL;
}

const char *router_query(const struct route *route, struct arena *arena)
{
    const char *own = route->query ? route->query : "";
    const char *key = route->who & WHO_MANAGE_LINK ? "key " : "";
    return arena_printf(arena, "%s%s%slang", own, *own ? " " : "", key);
}

int router_size(const struct router *router)
{
    return router->count;
}

const char *router_pattern(const struct router *router, int index)
{
    return router->rows[index].pattern;
}

enum route_mount router_mount(const struct router *router, int index)
{
    return router->rows[index].mount;
}

const struct route *router_route(const struct router *router, int index)
{
    return router->rows[index].route;
}

/* --- Callers -------------------------------------------------------------------------------------
 */

/* --- Who may --------------------------------------------------------------------------------- */

static bool is_session(const struct caller *caller, unsigned who)
{
    return (who & WHO_SESSION) && caller->identity == CALLER_SESSION;
}

bool caller_may_somewhere(const struct caller *caller, unsigned who)
{
    bool may = (who & WHO_ANYBODY) || is_session(caller, who);
    for (size_t i = 0; i < caller->membership_count; i++)
        may |= (caller->memberships[i].role & who) != 0;
    return may;
}

static bool counts_in(const struct membership *membership, const struct scope *scope)
{
    if (!scope || id_is_zero(&membership->organiser_id))
        return true;
    return id_equal(&membership->organiser_id, &scope->organiser_id) &&
           (id_is_zero(&membership->event_id) || id_equal(&membership->event_id, &scope->event_id));
}

/* Returns the first membership in the scope with one of these roles. */
static const struct membership *find_membership(const struct caller *caller,
                                                const struct scope *scope, unsigned roles)
{
    for (size_t i = 0; i < caller->membership_count; i++) {
        const struct membership *membership = &caller->memberships[i];
        if ((membership->role & roles) && counts_in(membership, scope))
            return membership;
    }
    return NULL;
}

unsigned caller_role_in(const struct caller *caller, const struct scope *scope, unsigned who)
{
    const struct membership *membership = find_membership(caller, scope, who);
    if (!membership)
        membership = find_membership(caller, scope, ~0u);
    return membership ? membership->role : WHO_ANYBODY;
}

enum caller_verdict caller_judge(const struct caller *caller, const struct scope *scope,
                                 unsigned role, unsigned who)
{
    bool may_know = !scope || (scope->event && (scope->is_public || role != WHO_ANYBODY));
    if (!(who & WHO_ANYBODY) && caller->identity == CALLER_ANYBODY)
        return CALLER_UNAUTHORISED;
    if (!caller_may_somewhere(caller, who))
        return CALLER_FORBIDDEN;
    if (!may_know)
        return CALLER_NOT_FOUND;
    return who & (role | WHO_ANYBODY) || is_session(caller, who) ? CALLER_MAY : CALLER_FORBIDDEN;
}

/* --- Names ----------------------------------------------------------------------------------- */

const char *caller_who_name(unsigned who)
{
    static const struct {
        enum route_who who;
        const char *name;
    } names[] = {
        {WHO_ANYBODY, "anybody"}, {WHO_MANAGE_LINK, "manage_link"}, {WHO_DEVICE, "device"},
        {WHO_DOOR, "door"},       {WHO_VIEWER, "viewer"},           {WHO_MANAGER, "manager"},
        {WHO_OWNER, "owner"},     {WHO_SCANNER, "scanner"},         {WHO_SESSION, "session"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].who == who)
            return names[i].name;
    }
    return NULL;
}

const char *caller_log_name(const struct caller *caller, unsigned role)
{
    static const char *const identities[] = {
        [CALLER_ANYBODY] = "anybody", [CALLER_MANAGE_LINK] = "manage_link",
        [CALLER_DEVICE] = "device",   [CALLER_API_TOKEN] = "api_token",
        [CALLER_SESSION] = "session",
    };
    return role == WHO_ANYBODY ? identities[caller->identity] : caller_who_name(role);
}
