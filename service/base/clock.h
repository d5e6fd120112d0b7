/* Time. Points in time are microseconds since 1970-01-01 UTC in an int64_t named …_us or …_at. */
#ifndef EINLASS_BASE_CLOCK_H
#define EINLASS_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_SECOND_US INT64_C(1000000)

enum { CLOCK_TEXT_BYTES = 32 };

int64_t clock_now_us(void);

/* For durations and deadlines: it never jumps. */
int64_t clock_monotonic_us(void);

/* RFC 3339 in UTC: "2026-05-13T08:00:00Z", with a fraction of a second only if it is not 0. */
void clock_format(int64_t at_us, char ret_text[CLOCK_TEXT_BYTES]);

/*
 * Reads RFC 3339 section 5.6 (date "T" time, fraction of up to 9 digits, "Z" or an offset).
 * Refuses anything else, days that do not exist, and years outside 1970 to 9999 (in local time or
 * in UTC). Reads a leap second as the next second.
 */
MUST_CHECK bool clock_parse(const char *text, int64_t *ret_at_us);

/* A local time of an event file. */
struct clock_local {
    int64_t shown_us; /* what the clocks show, as if they showed UTC */
    bool has_offset;
    int offset_s; /* local time minus UTC */
};

/* Reads "2022-05-13T10:00", with seconds and an offset such as "+02:00" optional. */
MUST_CHECK bool clock_parse_local(const char *text, struct clock_local *ret_local);
MUST_CHECK bool clock_is_local(const char *text);

/* Writes a point in time as clocks with this offset show it: "2022-05-13T10:00", with seconds only
 * if they are not 0, and with the offset if wanted. */
void clock_format_local(int64_t at_us, int offset_s, bool with_offset,
                        char ret_text[CLOCK_TEXT_BYTES]);

/* Whether the text is an existing day: "2022-05-13". Accepts years before 1970 for birthdays. */
MUST_CHECK bool clock_is_date(const char *text);

#endif
