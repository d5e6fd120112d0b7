/* What organisers do to a registration or an attendee, by the API and at the desk (act.sql), and
 * what they say along with it. */
#ifndef EINLASS_FEATURES_REGISTRATION_ACT_H
#define EINLASS_FEATURES_REGISTRATION_ACT_H

#include <stdbool.h>
#include <stdint.h>

#include "features/registration/errand.h"
#include "form/form.h"

enum {
    ACT_WORDS_MOST = 2000, /* limit: characters of an organiser's own words in a letter */
    ACT_REASON_MOST = 500, /* limit: characters of a reason for more people than the capacity */
};

struct act_said {
    bool tell;               /* letters go; true unless the organiser says no */
    const char *words;       /* of their own, for the letter; NULL: none */
    const char *reason;      /* to exceed a capacity; NULL: none */
    const char *ticket_type; /* the new one */
    bool confirm;            /* that data is erased */
    int64_t version;         /* of the registration that they saw; 0: not said */
};

#define ACT_SAID_NOTHING                                                                           \
    {                                                                                              \
        .tell = true                                                                               \
    }

/* The fields tell and words of a form whose struct has a struct act_said at `member`: said., or
 * nothing if it is one. */
#define ACT_FIELDS(type, member, shown_to)                                                         \
    {"tell", KIND_BOOLEAN, FORM_AT(type, member tell), .shown = (shown_to)},                       \
    {                                                                                              \
        "words", KIND_LONG_TEXT, FORM_AT(type, member words), .most = ACT_WORDS_MOST,              \
                                                              .shown = (shown_to)                  \
    }

/* Reads it from the body. Returns the findings; NULL: there are none. */
json_t *act_read(struct request *request, struct act_said *ret_said);

/* Reads tell and words from the query of a DELETE. False: it has answered the request. */
bool act_read_query(struct request *request, struct act_said *ret_said);

/* Whether the caller acts as an organiser. Otherwise it is the person with the manage link. */
bool act_is_by_editor(const struct request *request);

/* Runs act.sql with the errand. `action` is a word of act_on(). attendee_id NULL: the action
 * is about the registration. */
void act_run(struct errand *errand, const char *action, const struct id *attendee_id,
             const struct act_said *said);

#endif
