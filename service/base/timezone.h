/*
 * Time zones of the IANA database as the machine has them (TZif, RFC 8536). The C library converts
 * only for one zone a process; this is for any, in any thread.
 */
#ifndef EINLASS_BASE_TIMEZONE_H
#define EINLASS_BASE_TIMEZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TIMEZONE_NAME_MOST = 64 };

struct timezone;

/* A time at which the clocks were or will be set, and what they show from then on. */
struct timezone_change {
    int64_t at_us; /* INT64_MIN: has always been so */
    int offset_s;  /* of local time from UTC, east is positive */
    int offset_before_s;
    bool is_daylight;
    const char *name; /* "CEST"; of the zone's memory */
};

/* "Europe/Berlin"; UTC always is there. False: the machine knows no zone of this name. */
MUST_CHECK bool timezone_load(const char *name, struct timezone **ret_zone);
void timezone_destroy(struct timezone *zone);

/*
 * The change in force at a time. *ret_next (may be NULL): when the next one comes, INT64_MAX if
 * none is known. False: nothing is certain then, as it lies behind the end of the zone's table.
 */
MUST_CHECK bool timezone_at(const struct timezone *zone, int64_t at_us,
                            struct timezone_change *ret_change, int64_t *ret_next_us);

#endif
