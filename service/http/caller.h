/*
 * Who sends a request, and what it may do. The dispatcher asks once for each request, in this
 * order: who is it (identity and memberships), where does it act (scope: the organiser and event
 * that the path names), may it (the role that the caller has in that scope, and the roles of the
 * route's row). Nobody else decides whether a request may go on.
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
    struct id organiser_id; /* zero: a link, whose key was compared with the path itself */
    struct id event_id;     /* zero: all events of the organiser */
};

struct caller {
    enum caller_identity identity;
    struct id id;    /* of the API token, device or registration; zero for anybody */
    char door[65];   /* of a device: the slug of its door */
    char label[129]; /* for the audit log: "token 0198…", "device main" */
    size_t membership_count;
    struct membership memberships[CALLER_MEMBERSHIPS_MOST]; /* the strongest role first */
};

/* Where a request acts. */
struct scope {
    const struct event *event; /* NULL: there is none of that name */
    struct id organiser_id, event_id;
    bool is_public;            /* also those without a role here may know that it exists */
    const char *frame_origins; /* whose pages may frame the event's pages; NULL: nobody's */
    void (*release)(const struct event *event);
};

/* The numbers are HTTP's. */
enum caller_verdict {
    CALLER_MAY = 0,
    CALLER_UNAUTHORISED = 401, /* the row is not for everybody, and nobody says who calls */
    CALLER_FORBIDDEN = 403,    /* the caller is known, its role does not suffice */
    CALLER_NOT_FOUND = 404,    /* the event does not exist or is hidden from this caller */
};

/* Whether this caller may call the row somewhere. If not, the scope makes no difference. */
bool caller_may_somewhere(const struct caller *caller, unsigned who);

/* The role of the membership that counts in the scope: the first one that the row admits, else the
 * first one; WHO_ANYBODY: none. scope NULL: the path names no event, all memberships count. */
unsigned caller_role_in(const struct caller *caller, const struct scope *scope, unsigned who);

/*
 * Whether a caller with this role in the scope may call a row for `who`. Two things are never told
 * to those who may not know: CALLER_UNAUTHORISED does not depend on whether the event exists, and
 * an event that is hidden is answered like one that does not exist.
 */
enum caller_verdict caller_judge(const struct caller *caller, const struct scope *scope,
                                 unsigned role, unsigned who);

/* The name of one bit of enum route_who, "viewer"; NULL: there is none. */
const char *caller_who_name(unsigned who);

/* What a line of log calls the caller: its role in the scope, else how it was identified. */
const char *caller_log_name(const struct caller *caller, unsigned role);

#endif
