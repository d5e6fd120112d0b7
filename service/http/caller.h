/*
 * The caller of a request and its rights. For each request the dispatcher finds the caller
 * (identity and memberships), then the scope (organiser and event in the path), and then compares
 * the caller's role in that scope with the roles of the route. Nothing else decides whether a
 * request may go on.
 */
#ifndef EINLASS_HTTP_CALLER_H
#define EINLASS_HTTP_CALLER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/id.h"
#include "http/router.h"

struct event; /* an event's definition: event/event.h */

enum { CALLER_MEMBERSHIPS_MOST = 32 };

enum caller_identity {
    CALLER_ANYBODY,
    CALLER_MANAGE_LINK,
    CALLER_DEVICE,
    CALLER_API_TOKEN,
};

struct membership {
    unsigned role;          /* one bit of enum route_who */
    struct id organiser_id; /* zero: a manage link, whose key fits the path */
    struct id event_id;     /* zero: all events of the organiser */
};

struct caller {
    enum caller_identity identity;
    struct id id;    /* of the API token, device or registration; zero: anybody */
    char door[65];   /* slug of a device's door */
    char label[129]; /* for the audit log: "token 0198…", "device main" */
    size_t membership_count;
    struct membership memberships[CALLER_MEMBERSHIPS_MOST]; /* the strongest role first */
};

/* The organiser and event of a request. */
struct scope {
    const struct event *event; /* NULL: the event does not exist */
    struct id organiser_id, event_id;
    bool is_public;            /* callers without a role may know that it exists */
    const char *frame_origins; /* may frame the event's pages; NULL: none */
    void (*release)(const struct event *event);
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
