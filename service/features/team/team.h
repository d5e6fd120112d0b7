/* Who works for an organiser and with which programs, and the log of what they did. */
#ifndef EINLASS_FEATURES_TEAM_TEAM_H
#define EINLASS_FEATURES_TEAM_TEAM_H

#include <jansson.h>

#include "command.h"
#include "features/feature.h"
#include "statements.h"

struct request;
struct rows;

enum {
    TEAM_MOST = 500,        /* limit: members and invited people of an organiser */
    TEAM_TOKENS_MOST = 500, /* limit: API tokens of an organiser */
    TEAM_TOKEN_NAME_MOST = 100,
    TEAM_PLACES_MOST = 500,         /* limit: events to choose from on a page */
    TEAM_INVITATION_HOURS = 7 * 24, /* limit: hours until an invitation expires */
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

/* A form that asks for a role and a place, and for more. It comes again with what was typed. */
struct team_asking {
    int status;
    json_t *errors;            /* taken; NULL: none */
    const char *const *fields; /* all its fields but the id, ends with NULL */
    json_t *view;              /* taken: more for the template */
};
void team_ask(struct request *request, const struct team_asking *asking);

/* The errors of a form with one thing wrong. */
json_t *team_finding(struct request *request, const char *field, const char *code);

/* Appends a view to the list `name` of the organiser of a row. Rows of one organiser stand
 * together, in the columns organiser and organiser_name. Returns the organiser's view, which the
 * array owns. A view of NULL only makes sure that the organiser is there. */
json_t *team_add_to_organiser(json_t *organisers, const struct rows *rows, int row,
                              const char *name, json_t *view);

/* What a row of a member, an invitation or a token says of its role and event. */
void team_add_place(struct request *request, json_t *view, const struct rows *rows, int row,
                    enum role role);

/* The handlers. */
/* Adds the invitations to the views of organisers, for the list of members. Answers on failure. */
typedef void invitations_ready(struct request *request, json_t *organisers);
void invitations_load(struct request *request, json_t *organisers, invitations_ready *then);

void members_show(struct request *request);
void members_show_one(struct request *request);
void members_change(struct request *request);
void members_remove(struct request *request);
void invitations_ask(struct request *request);
void invitations_make(struct request *request);
void invitations_show_one(struct request *request);
void invitations_change(struct request *request);
void invitations_send_again(struct request *request);
void invitations_end(struct request *request);
void tokens_show(struct request *request);
void tokens_ask(struct request *request);
void tokens_make(struct request *request);
void tokens_revoke(struct request *request);
void log_show(struct request *request);

#endif
