/*
 * A rate limit as a token bucket. The bucket holds at most `most` permits and gains `an_hour`
 * permits per hour or, if that is 0, `a_second` per second. Times are of the monotonic clock.
 */
#ifndef EINLASS_BASE_PACE_H
#define EINLASS_BASE_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace_limit {
    int64_t most, a_second, an_hour;
};

/* A zeroed struct has all permits. */
struct pace {
    int64_t full_at_us; /* when the bucket is full again */
};

bool pace_allows(const struct pace *pace, const struct pace_limit *limit, int64_t now_us);

/* Takes a permit. */
void pace_count(struct pace *pace, const struct pace_limit *limit, int64_t now_us);

#endif
