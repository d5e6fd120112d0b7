#include "features/pace.h"

#include "base/clock.h"

bool pace_allows(const struct pace *pace, const struct pace_limit *limit, int64_t now_us)
{
    int64_t missing_us = pace->full_at_us - now_us;
    return missing_us <= (limit->most - 1) * CLOCK_SECOND_US / limit->a_second;
}

void pace_count(struct pace *pace, const struct pace_limit *limit, int64_t now_us)
{
    if (pace->full_at_us < now_us)
        pace->full_at_us = now_us;
    pace->full_at_us += CLOCK_SECOND_US / limit->a_second;
}
