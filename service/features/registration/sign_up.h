/* Signs up people. The handler checks the draft against the cached event. The worker's batcher
 * sends it to the database with other drafts, and the database returns an outcome for each. */
#ifndef EINLASS_FEATURES_REGISTRATION_SIGN_UP_H
#define EINLASS_FEATURES_REGISTRATION_SIGN_UP_H

#include <jansson.h>
#include <stdbool.h>

#include "features/feature.h"

struct draft;
struct event;
struct registration;
struct request;

enum {
    SIGN_UP_BATCH_MOST = 256,                    /* limit: sign-ups of a batch */
    SIGN_UP_BATCH_MOST_BYTES = 16 * 1024 * 1024, /* limit: their bodies, if there are several */
    SIGN_UP_WAITING_MOST = 20000,                /* limit: sign-ups that wait, of a worker */
    WALK_INS_WAITING_MOST = 1000,
    WALK_INS_IN_FLIGHT_MOST = 4,
    SIGN_UP_TRIES_MOST = 5, /* while the event's definition changes */
    SIGN_UP_LATER_MOST = 8, /* batches with an earlier sign-up of the same id or address */
};

/* How the API, the page and the door answer. */
struct sign_up_answer {
    bool at_door; /* it is a walk-in */
    bool at_desk; /* an organiser adds a person by hand: a walk-in with more freedom */
    /* Refuses a valid draft before the database gets it: returns the problem's code and sets
     * *ret_status, which is 429; NULL: accepts it. The function may be NULL. */
    const char *(*objects)(struct request *request, const struct draft *draft, int *ret_status);
    /* With the event of its definition, which the request may not have. */
    void (*registered)(struct request *request, const struct event *event,
                       const struct registration *registration);
    /* Takes the errors (findings_take). */
    void (*invalid)(struct request *request, json_t *errors);
    /* A problem: no place, closed, already registered. Takes the data for its wording, which may be
     * NULL. */
    void (*refused)(struct request *request, int status, const char *code, json_t *data);
};

/* For .refused: answers with the problem. */
void sign_up_reply_refused(struct request *request, int status, const char *code, json_t *data);

/* Reads the request's body and signs it up. `answer` is static. */
void sign_up_begin(struct request *request, const struct sign_up_answer *answer);

/* Whether the event takes sign-ups now; if not, the data for the wording of the problem "closed" (a
 * new reference). */
bool sign_up_is_open(const struct event *event);
json_t *sign_up_closed_data(const struct event *event);

/* POST /api/v1/events/{event}/registrations */
void sign_up_handle(struct request *request);

/* Adds the gauges of the worker's batches. */
void sign_up_measure(struct worker *worker, struct gauges *gauges);

#endif
