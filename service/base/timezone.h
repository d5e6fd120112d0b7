/*
 * Time zones from the machine's copy of the IANA database (TZif, RFC 8536). The C library knows one
 * zone per process; this module reads any zone in any thread.
 */
#ifndef EINLASS_BASE_TIMEZONE_H
#define EINLASS_BASE_TIMEZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TIMEZONE_NAME_MOST = 64 };

struct timezone;

/* A time at which the zone's clocks change, and the offset from then on. */
struct timezone_change {
    int64_t at_us; /* INT64_MIN: there is no earlier change */
    int offset_s;  /* local time minus UTC */
    int offset_before_s;
    bool is_daylight;
    const char *name; /* "CEST"; lives as long as the zone */
};

/* Loads the zone of a place, "Europe/Berlin", or UTC. Rules without a place, such as "EST5EDT" and
 * "Etc/GMT+5", and old names of countries are refused: people mean a place. False: the machine has
 * no such zone. */
MUST_CHECK bool timezone_load(const char *name, struct timezone **ret_zone);
void timezone_destroy(struct timezone *zone);

/*
 * Finds the change in force at a time. *ret_next (may be NULL) is the time of the next change, or
 * INT64_MAX if none is known. False: the time lies behind the end of the zone's table.
 */
MUST_CHECK bool timezone_at(const struct timezone *zone, int64_t at_us,
                            struct timezone_change *ret_change, int64_t *ret_next_us);

/* What the clocks of a zone make of a local time. */
struct timezone_moment {
    int times; /* how often they show it: 1, or 2 when they are set back, or 0 when they skip it */
    /* times 1: both the same. times 2: the earlier and the later one. times 0: the last whole
     * minute before the gap and the first one after it. */
    int64_t at_us[2];
    int offset_s[2]; /* in force at each */
};

/* Finds when the clocks show a local time (clock_local.shown_us). Behind the end of the zone's
 * table it counts with the table's last offset, and as if no clock changed. */
void timezone_find(const struct timezone *zone, int64_t shown_us,
                   struct timezone_moment *ret_moment);

#endif
