/*
 * One thing done to one registration that is there: looked at first or not, changed under the lock
 * on its event or not, and answered with the registration as it is then; as a page, by going on to
 * the registration's page. Lives in the arena of its request.
 */
#ifndef EINLASS_FEATURES_REGISTRATION_ERRAND_H
#define EINLASS_FEATURES_REGISTRATION_ERRAND_H

#include "base/id.h"
#include "db/db.h"
#include "features/registration/registration.h"

struct request;

enum { ERRAND_LOOKS_MOST = 10 }; /* at a registration that changes under it each time */

/* Reads the outcome of a statement that changes a registration. */
typedef enum change_outcome errand_outcome(const struct rows *rows, int row);

struct errand {
    struct request *request;
    struct id registration_id;
    int looks;
    bool is_to_change;
    errand_outcome *outcome; /* of the change under way */

    /* What was looked at last; NULL: nothing yet. */
    const struct registration *registration;

    /* For errand_look. */
    void (*on_looked)(struct errand *errand, const struct registration *registration);

    /* What the page that comes afterwards says was done: the wording manage.done.NAME. NULL:
     * nothing. */
    const char *done;

    /* Takes the place of the problem a refusal is answered with (a form shows it above what was
     * typed). Takes the errors, NULL where there are none. NULL: the problem. */
    void (*on_refused)(struct errand *errand, int status, const char *code, json_t *errors);
};

/* NULL: the path's id is none, and the request has been answered. */
struct errand *errand_begin(struct request *request);

/* Asks for the registration as it is; on_looked comes once, later, or the request is answered
 * where there is none. */
void errand_look(struct errand *errand,
                 void (*on_looked)(struct errand *errand, const struct registration *registration));

/* The same for who wants to change it: one that was erased is answered 410 erased, one that was
 * cancelled 409 not_held; pages go on to the registration's, which says so. */
void errand_look_to_change(struct errand *errand,
                           void (*on_looked)(struct errand *errand,
                                             const struct registration *registration));

/* The attendee that the path names; NULL: there is none, and the request has been answered. */
const struct registered_attendee *errand_attendee(struct errand *errand,
                                                  const struct registration *registration);

/* Runs a statement after the lock, which gives one row with its `outcome`. A refusal is answered
 * with its name; after `stale` it looks again, for the same on_looked; what was done is answered
 * with the registration. */
void errand_change(struct errand *errand, struct params *params, errand_outcome *outcome);

/* Answers with the registration. */
void errand_show(struct errand *errand);

/* Answers with a refusal. */
void errand_refuse(struct errand *errand, int status, const char *code);

/* Answers 422 with the errors (findings_take), which are taken. */
void errand_reply_invalid(struct errand *errand, json_t *errors);

#endif
