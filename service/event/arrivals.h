/*
 * The arrivals of a day: how many people came in each five minutes, at each door, with each ticket
 * type. Each person counts once. There is no count to keep for this, so it reads the scans of the
 * day: about 0.1 s for 100,000 people. A worker therefore shares one query among all that ask,
 * keeps the result while nothing changes, and spends at most a twentieth of the time on it.
 */
#ifndef EINLASS_EVENT_ARRIVALS_H
#define EINLASS_EVENT_ARRIVALS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"

struct worker;

enum {
    ARRIVALS_KEPT_MOST = 64, /* limit: results that a worker keeps */
    ARRIVALS_STEP_S = 5 * 60,
    ARRIVALS_SHARE = 20,    /* a query that took long comes again after so many times its time */
    ARRIVALS_QUICK_MS = 25, /* a quicker one comes again at once */
};

struct arrivals_asked {
    const struct id *event_id;
    const char *day; /* "2026-05-13"; NULL: all days, each person once, without steps */
    bool with_types;
    bool is_over; /* the event has ended: a result counts for ten minutes */
};

/*
 * `arrivals` is borrowed until the call returns:
 *
 *     {"people": 61, "steps": [{"at_us": …, "people": 12}, …], "doors": {"main": 61},
 *      "ticket_types": {"guest": 61}}
 *
 * Steps without arrivals are left out. NULL: the database failed. Runs once, also before
 * arrivals_find() returns.
 */
typedef void arrivals_found(void *context, const json_t *arrivals);
void arrivals_find(struct worker *worker, const struct arrivals_asked *asked,
                   arrivals_found *on_found, void *context);

#endif
