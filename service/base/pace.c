#include "base/pace.h"

#include "base/clock.h"

enum { HOUR_S = 3600 };

/* Microseconds until so many permits are back. */
static int64_t take_us(const struct pace_limit *limit, int64_t permits)
{
    return limit->an_hour ? permits * HOUR_S * CLOCK_SECOND_US / limit->an_hour
                          : permits * CLOCK_SECOND_US / limit->a_second;
}

bool pace_allows(const struct pace *pace, const struct pace_limit *limit, int64_t now_us)
{
    int64_t missing_us = pace->full_at_us - now_us;
    return missing_us <= take_us(limit, limit->most - 1);
}

void pace_count(struct pace *pace, const struct pace_limit *limit, int64_t now_us)
{
    if (pace->full_at_us < now_us)
        pace->full_at_us = now_us;
    pace->full_at_us += take_us(limit, 1);
}
