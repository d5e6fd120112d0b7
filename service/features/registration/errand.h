/*
 * One thing done to one registration that is there: looked at first or not, changed under the lock
 * on its event or not, and answered with the registration as it is then. Lives in the arena of its
 * request.
 */
#ifndef EINLASS_FEATURES_REGISTRATION_ERRAND_H
#define EINLASS_FEATURES_REGISTRATION_ERRAND_H

#include "base/id.h"
#include "db/db.h"
#include "features/registration/registration.h"

struct findings;
struct request;

struct errand {
    struct request *request;
    struct id registration_id;

    /* For errand_look. */
    void (*on_looked)(struct errand *errand, const struct registration *registration);
};

/* NULL: the path's id is none, and the request has been answered. */
struct errand *errand_begin(struct request *request);

/* Parameters for a statement whose first two are the event and the registration. */
struct params *errand_params(const struct errand *errand, const struct statement *statement);

/* Asks for the registration as it is; on_looked comes once, later, or the request is answered
 * where there is none. */
void errand_look(struct errand *errand,
                 void (*on_looked)(struct errand *errand, const struct registration *registration));

/* Runs a statement after the lock, which gives one row with its `outcome`: not_found and reasons
 * that begin with "not_" are answered as such, everything else with the registration. */
void errand_change(struct errand *errand, const struct statement *statement, struct params *params);

/* Answers with the registration. */
void errand_show(struct errand *errand);

/* Answers 422 with what was found, which is taken. */
void errand_reply_invalid(struct errand *errand, struct findings *findings);

#endif
