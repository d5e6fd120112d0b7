/*
 * How fast somebody may go: permits that come back by themselves, so many a second or (where it
 * says that) an hour, and are kept up to so many. Stands below all features. Times are of the
 * monotonic clock.
 */
#ifndef EINLASS_BASE_PACE_H
#define EINLASS_BASE_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace_limit {
    int64_t most, a_second, an_hour;
};

/* Zeroed: all permits are there. */
struct pace {
    int64_t full_at_us; /* when all permits will be there again */
};

bool pace_allows(const struct pace *pace, const struct pace_limit *limit, int64_t now_us);

/* Takes a permit. */
void pace_count(struct pace *pace, const struct pace_limit *limit, int64_t now_us);

#endif
