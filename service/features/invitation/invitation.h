/* Invitations: whom an organiser asks to come, their answers, reminders, and places that are kept.
 */
#ifndef EINLASS_FEATURES_INVITATION_INVITATION_H
#define EINLASS_FEATURES_INVITATION_INVITATION_H

#include <jansson.h>

#include "db/db.h"
#include "features/feature.h"
#include "statements.h"

struct request;

enum {
    INVITATIONS_MOST = 20000,            /* limit: invitations of an event */
    INVITATIONS_PAGE = 100,              /* limit: invitations on a page */
    INVITE_PEOPLE_MOST = 1000,           /* limit: people who are put on the list at once */
    INVITE_BODY_BYTES = 2 * 1024 * 1024, /* limit: body with people to invite */
    INVITATION_WORD_MOST = 1000, /* limit: characters of a word with which somebody says no */
    INVITATION_WORDS_MOST =
        2000, /* limit: characters of an organiser's own words in an invitation */
    INVITATION_GOOD_FOR_MOST = 100, /* limit: registrations that an invitation is good for */
    INVITATION_QUERY_MOST = 200,
    KEPT_EVERY_MS = 1000,        /* the time of kept places may be over */
    KEPT_COUNT_EVERY_MS = 60000, /* invited people may have registered without the link */
    INVITATIONS_FORGET_EVERY_MS = 3600000,
};

extern const struct feature feature_invitation;

/* The path of a page of the invitations, below the desk, in the arena. */
const char *invitation_path(struct request *request, const char *rest);

/* Reads {invitation}. False: it has refused the request. */
MUST_CHECK bool invitation_read_id(struct request *request, struct id *ret_id);

/* A word in the language of the request, a new reference. Borrows data, which may be NULL. */
json_t *invitation_word(struct request *request, const char *key, const json_t *data);

/* Runs a statement under the lock on the event's tally. Takes the params. */
void invitation_run_locked(struct request *request, struct params *params, db_done *on_done,
                           void *context);

/* An invitation of a row of list.sql as JSON, a new reference. For a page it has words, too. */
json_t *invitation_view(struct request *request, const struct rows *rows, int row);

/* Whether the installation has a mail server. */
bool invitation_has_mail(const struct request *request);

#endif
