/*
 * An errand is one request about an existing registration. It may load the registration, may change
 * it under the lock on its event, and answers with the registration as it is then. A page redirects
 * to the registration's page. Lives in the arena of its request.
 */
#ifndef EINLASS_FEATURES_REGISTRATION_ERRAND_H
#define EINLASS_FEATURES_REGISTRATION_ERRAND_H

#include "base/id.h"
#include "db/db.h"
#include "features/registration/registration.h"

struct request;

enum { ERRAND_LOOKS_MOST = 10 }; /* loads of a registration that others keep changing */

/* For what is possible a number of times a day. */
#define ERRAND_OFTEN_RETRY_AFTER_S "3600"

/* Reads the outcome of a statement that changes a registration. */
typedef enum change_outcome errand_outcome(const struct rows *rows, int row);

struct errand {
    struct request *request;
    struct id registration_id;
    int looks;
    bool is_to_change;
    errand_outcome *outcome; /* of the running change */

    /* Loaded last; NULL: not yet. */
    const struct registration *registration;

    /* For errand_look. */
    void (*on_looked)(struct errand *errand, const struct registration *registration);

    /* The next page shows the wording manage.done.NAME. NULL: none. */
    const char *done;

    /* Answers a change. NULL: it is answered with the registration. */
    void (*on_changed)(struct errand *errand);

    /* Answers a refusal, for example with the form. Takes the errors, which may be NULL. NULL: a
     * refusal is answered with a problem. */
    void (*on_refused)(struct errand *errand, int status, const char *code, json_t *errors);
};

/* NULL: the path has no valid id, and the request was answered. */
struct errand *errand_begin(struct request *request);

/* Loads the registration and calls on_looked later, once. Without a registration, it answers the
 * request instead. */
void errand_look(struct errand *errand,
                 void (*on_looked)(struct errand *errand, const struct registration *registration));

/* The same before a change: answers 410 erased or 409 not_held (cancelled) instead. A page
 * redirects to the registration's page, which says so. */
void errand_look_to_change(struct errand *errand,
                           void (*on_looked)(struct errand *errand,
                                             const struct registration *registration));

/* True: the loaded registration was erased or cancelled, and the request was answered so. */
bool errand_is_closed(struct errand *errand);

/* The attendee in the path; NULL: there is none, and the request was answered. */
const struct registered_attendee *errand_attendee(struct errand *errand,
                                                  const struct registration *registration);

/* Runs a statement that gives one outcome, after lock_tally. `stale` loads the registration again,
 * for the same on_looked. Other refusals are answered with their name as the code. After a change
 * it answers with the registration. */
void errand_change(struct errand *errand, struct params *params, errand_outcome *outcome);

void errand_show(struct errand *errand);

void errand_refuse(struct errand *errand, int status, const char *code);

/* Answers 422. Takes the errors (findings_take). */
void errand_reply_invalid(struct errand *errand, json_t *errors);

#endif
