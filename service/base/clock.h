/* Time. Points in time are microseconds since 1970-01-01 UTC in an int64_t named …_us or …_at. */
#ifndef EINLASS_BASE_CLOCK_H
#define EINLASS_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_SECOND_US INT64_C(1000000)

enum { CLOCK_TEXT_BYTES = 32 };

int64_t clock_now_us(void);

/* For measuring and for deadlines: never steps. */
int64_t clock_monotonic_us(void);

/* RFC 3339 in UTC, "2026-05-13T08:00:00Z", with a fraction only where there is one. */
void clock_format(int64_t at_us, char ret_text[CLOCK_TEXT_BYTES]);

/*
 * Reads RFC 3339 section 5.6 (date "T" time, fraction of up to 9 digits, "Z" or an offset).
 * Refuses anything else, days that do not exist and years outside 1970 to 9999, here or in UTC; a
 * leap second reads as the second after it.
 */
MUST_CHECK bool clock_parse(const char *text, int64_t *ret_at_us);

/* Whether it is a local time as event files write it: "2022-05-13T10:00" or with seconds. */
MUST_CHECK bool clock_is_local(const char *text);

/* Whether it is a day that exists: "2022-05-13", or one long ago on which somebody was born. */
MUST_CHECK bool clock_is_date(const char *text);

#endif
