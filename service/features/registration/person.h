/*
 * A person's page at the desk, /desk/events/{event}/attendees/{attendee}: all that organisers see
 * of an attendee, and what they can do. person.sql gives the data as JSON; here it gets its words.
 */
#ifndef EINLASS_FEATURES_REGISTRATION_PERSON_H
#define EINLASS_FEATURES_REGISTRATION_PERSON_H

#include <jansson.h>

#include "features/registration/errand.h"

struct request;

/* A request about one attendee; lives in its arena. The errand is about the registration of the
 * attendee. */
struct visit {
    struct errand errand; /* first: its callbacks get the visit */
    struct request *request;
    struct id attendee_id;
    json_t *person; /* from person_look; the answer takes it */
    void (*then)(struct visit *visit);

    const char *seen; /* the newest entry of the history that the form showed; NULL: not said */

    /* Why an action was refused; NULL: not yet. */
    const char *refusal;
    json_t *errors;
    int status;
};

/* Loads the attendee in the path and calls `then` later, once, or answers the request. */
void person_look(struct request *request, void (*then)(struct visit *visit));

/* Loads again, after a refusal. */
void person_look_again(struct visit *visit, void (*then)(struct visit *visit));

/* The path of the person's page and what is below it: "", "/cancel". Lives in the arena. */
const char *person_path(const struct visit *visit, const char *below);

/* Answers with the view of the page, with its words. Takes visit->person and `more`. */
void person_reply(struct visit *visit, int status, const char *template, json_t *more);

/* The word person.KEY; NULL: there is none. A new reference. */
json_t *person_word(struct request *request, const char *key, const json_t *data);

/* Answers with the person's page: after a refusal with why, and with what was typed. */
void person_show_page(struct visit *visit);

/* GET /api/v1/events/{event}/attendees/{attendee}, and the page. */
void person_show(struct request *request);

#endif
