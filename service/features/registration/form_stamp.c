#include "features/registration/form_stamp.h"

#include <stdio.h>

#include "base/clock.h"

static bool read_age(const struct keyring *keyring, const struct id *event_id, const char *stamp,
                     int64_t now_us, int64_t *ret_age_us)
{
    int64_t at_us;
    if (!stamp || !secret_read_stamp(keyring, "form", event_id, stamp, &at_us))
        return false;
    *ret_age_us = now_us - at_us;
    return true;
}

bool form_stamp_is_good(const struct keyring *keyring, const struct id *event_id, const char *stamp,
                        int64_t now_us)
{
    int64_t age_us;
    return read_age(keyring, event_id, stamp, now_us, &age_us) &&
           age_us >= FORM_LEAST_S * CLOCK_SECOND_US && age_us <= FORM_MOST_S * CLOCK_SECOND_US;
}

void form_stamp_next(const struct keyring *keyring, const struct id *event_id, const char *earlier,
                     bool is_used, int64_t now_us, char ret_stamp[SECRET_STAMP_TEXT_BYTES])
{
    int64_t age_us = 0;
    bool is_ours = read_age(keyring, event_id, earlier, now_us, &age_us);
    if (is_ours && !is_used && age_us <= FORM_MOST_S * CLOCK_SECOND_US)
        snprintf(ret_stamp, SECRET_STAMP_TEXT_BYTES, "%s", earlier);
    else
        secret_make_stamp(keyring, "form", event_id,
                          is_ours ? now_us - FORM_LEAST_S * CLOCK_SECOND_US : now_us, ret_stamp);
}
