#include "http/caller.h"

/* --- Who may --------------------------------------------------------------------------------- */

bool caller_may_somewhere(const struct caller *caller, unsigned who)
{
    bool may = who & WHO_ANYBODY;
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
static const struct membership *find(const struct caller *caller, const struct scope *scope,
                                     unsigned roles)
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
    const struct membership *membership = find(caller, scope, who);
    if (!membership)
        membership = find(caller, scope, ~0u);
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
    return who & (role | WHO_ANYBODY) ? CALLER_MAY : CALLER_FORBIDDEN;
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
        {WHO_OWNER, "owner"},     {WHO_SCANNER, "scanner"},
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
        [CALLER_ANYBODY] = "anybody",
        [CALLER_MANAGE_LINK] = "manage_link",
        [CALLER_DEVICE] = "device",
        [CALLER_API_TOKEN] = "api_token",
    };
    return role == WHO_ANYBODY ? identities[caller->identity] : caller_who_name(role);
}
