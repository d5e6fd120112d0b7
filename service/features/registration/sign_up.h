/*
 * Signing up, from socket to disk: the handler reads the draft against the event in memory, the
 * worker's batcher takes it to the database with the others that came meanwhile, one outcome comes
 * back for each.
 */
#ifndef EINLASS_FEATURES_REGISTRATION_SIGN_UP_H
#define EINLASS_FEATURES_REGISTRATION_SIGN_UP_H

#include <jansson.h>
#include <stdbool.h>

#include "features/feature.h"

struct draft;
struct event;
struct request;

enum {
    SIGN_UP_BODY_BYTES = 256 * 1024, /* limit: body of a sign-up or a correction */
    SIGN_UP_BATCH_MOST = 256,        /* limit: sign-ups of a batch */
    SIGN_UP_WAITING_MOST = 20000,    /* limit: sign-ups that wait, of a worker */
    WALK_INS_WAITING_MOST = 1000,
    WALK_INS_IN_FLIGHT_MOST = 4,
    SIGN_UP_TRIES_MOST = 5, /* with an event that changes under it */
    SIGN_UP_LATER_MOST = 8, /* times it is put off for another of the same id or address */
};

/* How the two ways in (API and page) show what became of it. */
struct sign_up_answer {
    bool at_door; /* it is a walk-in: somebody stands at the door */
    /* What a draft in which nothing is wrong is refused for all the same, before the database is
     * asked: a problem's code and *ret_status; NULL: nothing. The function may be NULL. */
    const char *(*objects)(struct request *request, const struct draft *draft, int *ret_status);
    /* Takes the view of the registration. */
    void (*registered)(struct request *request, json_t *view);
    /* What is wrong with the body, as findings_take gives it; takes it. */
    void (*invalid)(struct request *request, json_t *errors);
    /* No place, closed, already registered: a problem with this status and code, and data for its
     * wording (taken, may be NULL). */
    void (*refused)(struct request *request, int status, const char *code, json_t *data);
};

/* For .refused: the problem itself. */
void sign_up_reply_refused(struct request *request, int status, const char *code, json_t *data);

/* Signs up what the request's body asks for. The answer's tables outlive all requests. */
void sign_up_begin(struct request *request, const struct sign_up_answer *answer);

/* Whether the event takes sign-ups now; and, while it does not, what the wording of the problem
 * "closed" needs (a new reference). */
bool sign_up_is_open(const struct event *event);
json_t *sign_up_closed_data(const struct event *event);

/* POST /api/v1/events/{event}/registrations */
void sign_up_handle(struct request *request);

/* Adds the gauges of the worker's batches. */
void sign_up_measure(struct worker *worker, struct gauges *gauges);

#endif
