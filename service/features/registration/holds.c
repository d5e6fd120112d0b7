#include "features/registration/holds.h"

#include "base/clock.h"
#include "event/event.h"
#include "features/registration/registration.h"
#include "http/source.h"
#include "statements.h"
#include "worker.h"

/* The source can take all permits again while its first places are still held, so they come back
 * slower than places do. */
static struct pace_key share_of(const struct event *event)
{
    enum { TIMES = 4 };
    return (struct pace_key){
        .limit = PACE_HOLDS, .scope = &event->id, .hours = TIMES * event->verify_hours};
}

static int64_t permits_for(const struct event *event, size_t places)
{
    int64_t most = event->capacity * HOLDS_OF_SOURCE_PERCENT / 100;
    if (event->capacity < 0 || most > HOLDS_OF_SOURCE_MOST)
        most = HOLDS_OF_SOURCE_MOST;
    return most > 0 ? (int64_t)places * PACE_ALL / most : PACE_ALL;
}

bool holds_may_begin(struct request *request, const struct event *event, size_t places)
{
    const struct pace_key key = share_of(event);
    return source_takes(request, &key, permits_for(event, places));
}

void holds_ended(struct request *request, const struct event *event, size_t places)
{
    const struct pace_key key = share_of(event);
    source_gives_back(request, &key, permits_for(event, places));
}

void holds_verified(struct request *request, const struct registration *registration)
{
    const struct pace_key once = {.limit = PACE_VERIFIED, .scope = &registration->id};
    if (registration->status == REGISTRATION_STATUS_UNVERIFIED &&
        pace_take(pace_of(request_worker(request)), &once, 1, clock_monotonic_us()) == 0)
        holds_ended(request, request_event(request), registration->attendee_count);
}
