/* The share of a source in the places that are held for unverified addresses. */
#ifndef EINLASS_FEATURES_REGISTRATION_HOLDS_H
#define EINLASS_FEATURES_REGISTRATION_HOLDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"

struct event;
struct registration;
struct request;

enum {
    HOLDS_OF_SOURCE_MOST = 100,   /* limit: unverified places of one source at an event at once */
    HOLDS_OF_SOURCE_PERCENT = 65, /* limit: the same, in percent of the event's capacity */
};

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
