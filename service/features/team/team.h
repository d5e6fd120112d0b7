/* Who works for an organiser and with which programs, and the log of what they did. */
#ifndef EINLASS_FEATURES_TEAM_TEAM_H
#define EINLASS_FEATURES_TEAM_TEAM_H

#include <jansson.h>

#include "command.h"
#include "features/feature.h"

struct request;

enum {
    TEAM_MOST = 500,        /* limit: memberships of an organiser */
    TEAM_TOKENS_MOST = 500, /* limit: API tokens of an organiser */
    TEAM_TOKEN_NAME_MOST = 100,
    TEAM_PLACES_MOST = 500,   /* limit: events to choose from on a page */
    TEAM_LINK_HOURS = 7 * 24, /* limit: hours until an invitation that is handed over expires */
};

#define TEAM_TOKEN_PREFIX "einlass_api_"

extern const struct feature feature_team;
extern const struct command command_token_add, command_token_list, command_token_revoke;

/* One of the caller's memberships; zeros before the first. */
struct team_own {
    const struct id *organiser_id, *event_id; /* event_id NULL: all events */
    size_t next;
};

/* Goes to the next membership with one of these roles. False: there is none. */
bool team_next_own(const struct request *request, unsigned roles, struct team_own *own);

/* Adds the caller's memberships to the row `own` of a statement. Statements see only these
 * organisers and events, so nobody learns of others. */
#define TEAM_ADD_OWN(statement, params, request, roles)                                            \
    for (struct team_own own = {0}; team_next_own(request, roles, &own);)                          \
    statement##_add_own(params, &(struct statement##_own){.organiser_id = own.organiser_id,        \
                                                          .event_id = own.event_id})

/* A word in the language of the request, a new reference. */
json_t *team_word(struct request *request, const char *key, const json_t *data);

/* [{"slug", "title", "sentence", "chosen"}]: the roles, each explained. A new reference. */
json_t *team_roles(struct request *request, const char *chosen);

/*
 * An organiser or an event as a choice of a form: "ORGANISER" or "ORGANISER/EVENT". Loads those in
 * which the caller has one of the roles, and calls `then` with [{"name", "options": [{"value",
 * "text", "chosen"}]}], which it owns. If the caller may choose only one, it is chosen.
 */
typedef void team_places_ready(struct request *request, json_t *places, void *context);
void team_load_places(struct request *request, unsigned roles, const char *chosen,
                      team_places_ready *then, void *context);

/* Splits such a choice; both live in the arena. ret_event is NULL for a whole organiser. */
void team_split_place(struct request *request, const char *place, const char **ret_organiser,
                      const char **ret_event);

/* The handlers. */
void members_show(struct request *request);
void members_ask_invite(struct request *request);
void members_invite(struct request *request);
void members_show_one(struct request *request);
void members_change(struct request *request);
void members_remove(struct request *request);
void members_link(struct request *request);
void tokens_show(struct request *request);
void tokens_ask(struct request *request);
void tokens_make(struct request *request);
void tokens_revoke(struct request *request);
void log_show(struct request *request);

#endif
