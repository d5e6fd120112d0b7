/* Places that are held for unverified addresses. */
#ifndef EINLASS_FEATURES_REGISTRATION_HOLDS_H
#define EINLASS_FEATURES_REGISTRATION_HOLDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"

struct event;
struct registration;
struct request;
struct worker;

enum {
    HOLDS_END_EVERY_MS = 5000,
    HOLDS_EVENTS_MOST = 50,
    HOLDS_OF_SOURCE_MOST = 100,   /* limit: unverified places of one source at an event at once */
    HOLDS_OF_SOURCE_PERCENT = 65, /* limit: the same, in percent of the event's capacity */
};

/* Cancels unverified registrations whose time is over, in at most HOLDS_EVENTS_MOST events. Several
 * processes may do so at the same time, because the statement decides. */
void holds_end(struct worker *worker);

/*
 * One source must not hold all places of an event (PACE_HOLDS). Takes the permits of a sign-up.
 * False: the source holds too many; refuse with 429. The permits come back after four times
 * `verify_hours`, or when holds_ended is called for places that are not or no longer held.
 */
MUST_CHECK bool holds_may_begin(struct request *request, const struct event *event, size_t places);
void holds_ended(struct request *request, const struct event *event, size_t places);

/* The same when the address of an unverified registration was verified. Counts once for each. */
void holds_verified(struct request *request, const struct registration *registration);

#endif
