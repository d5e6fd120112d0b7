#include "base/clock.h"

#include <time.h>

enum { DATE_LENGTH = 10, TIME_LENGTH = 8, FIRST_YEAR = 1970 };

#define YEAR_10000_US (INT64_C(253402300800) * CLOCK_SECOND_US)

int64_t clock_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * CLOCK_SECOND_US + now.tv_nsec / 1000;
}

int64_t clock_monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * CLOCK_SECOND_US + now.tv_nsec / 1000;
}

static void put_digits(char *text, int count, int64_t number)
{
    for (; count > 0; number /= 10)
        text[--count] = (char)('0' + number % 10);
}

/* strftime() and snprintf() would take most of the time of a line of the log. */
void clock_format(int64_t at_us, char ret_text[CLOCK_TEXT_BYTES])
{
    static const char shape[] = "0000-00-00T00:00:00";
    int64_t fraction = at_us % CLOCK_SECOND_US;
    time_t seconds = (time_t)(at_us / CLOCK_SECOND_US);
    if (fraction < 0) {
        fraction += CLOCK_SECOND_US;
        seconds--;
    }
    struct tm parts;
    gmtime_r(&seconds, &parts);
    size_t length = sizeof shape - 1;
    if (parts.tm_year < 1000 - 1900 || parts.tm_year > 9999 - 1900) {
        length = strftime(ret_text, CLOCK_TEXT_BYTES, "%Y-%m-%dT%H:%M:%S", &parts);
    } else {
        memcpy(ret_text, shape, sizeof shape);
        put_digits(ret_text, 4, parts.tm_year + 1900);
        put_digits(ret_text + 5, 2, parts.tm_mon + 1);
        put_digits(ret_text + 8, 2, parts.tm_mday);
        put_digits(ret_text + 11, 2, parts.tm_hour);
        put_digits(ret_text + 14, 2, parts.tm_min);
        put_digits(ret_text + 17, 2, parts.tm_sec);
    }
    if (fraction) {
        ret_text[length] = '.';
        put_digits(ret_text + length + 1, 6, fraction);
        length += 7;
    }
    memcpy(ret_text + length, "Z", 2);
}

/* Reads exactly `count` digits. */
static bool read_digits(const char *text, int count, int *ret_number)
{
    int number = 0;
    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        number = number * 10 + (text[i] - '0');
    }
    *ret_number = number;
    return true;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

static bool read_date(const char *text, int first_year, struct tm *ret_parts)
{
    int year, month, day;
    if (!read_digits(text, 4, &year) || text[4] != '-' || !read_digits(text + 5, 2, &month) ||
        text[7] != '-' || !read_digits(text + 8, 2, &day))
        return false;
    if (year < first_year || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;
    ret_parts->tm_year = year - 1900;
    ret_parts->tm_mon = month - 1;
    ret_parts->tm_mday = day;
    return true;
}

static bool read_hours_and_minutes(const char *text, struct tm *ret_parts)
{
    return read_digits(text, 2, &ret_parts->tm_hour) && text[2] == ':' &&
           read_digits(text + 3, 2, &ret_parts->tm_min) && ret_parts->tm_hour < 24 &&
           ret_parts->tm_min < 60;
}

static bool read_seconds(const char *text, struct tm *ret_parts)
{
    return text[0] == ':' && read_digits(text + 1, 2, &ret_parts->tm_sec) && ret_parts->tm_sec < 61;
}

/* Reads ".123" as microseconds. Ignores digits after the sixth. */
static bool read_fraction(const char **at, int64_t *ret_us)
{
    int64_t us = 0, unit = CLOCK_SECOND_US / 10;
    int digits = 0;
    for ((*at)++; **at >= '0' && **at <= '9'; (*at)++, unit /= 10, digits++)
        us += unit * (**at - '0');
    *ret_us = us;
    return digits >= 1 && digits <= 9;
}

static bool read_offset(const char *text, int64_t *ret_us)
{
    if ((text[0] == 'Z' || text[0] == 'z') && text[1] == '\0') {
        *ret_us = 0;
        return true;
    }
    struct tm parts = {0};
    if ((text[0] != '+' && text[0] != '-') || strlen(text) != 6 ||
        !read_hours_and_minutes(text + 1, &parts))
        return false;
    int64_t us = (parts.tm_hour * 60 + parts.tm_min) * 60 * CLOCK_SECOND_US;
    *ret_us = text[0] == '-' ? -us : us;
    return true;
}

bool clock_parse(const char *text, int64_t *ret_at_us)
{
    struct tm parts = {0};
    if (strlen(text) < DATE_LENGTH + 1 + TIME_LENGTH + 1 || !read_date(text, FIRST_YEAR, &parts) ||
        (text[10] != 'T' && text[10] != 't') || !read_hours_and_minutes(text + 11, &parts) ||
        !read_seconds(text + 16, &parts))
        return false;
    const char *rest = text + DATE_LENGTH + 1 + TIME_LENGTH;
    int64_t fraction_us = 0, offset_us;
    if (*rest == '.' && !read_fraction(&rest, &fraction_us))
        return false;
    if (!read_offset(rest, &offset_us))
        return false;
    int64_t at_us = timegm(&parts) * CLOCK_SECOND_US + fraction_us - offset_us;
    if (at_us < 0 || at_us >= YEAR_10000_US)
        return false; /* an offset or a leap second can lead to year 1969 or 10000 */
    *ret_at_us = at_us;
    return true;
}

bool clock_parse_local(const char *text, struct clock_local *ret_local)
{
    struct tm parts = {0};
    int64_t offset_us = 0;
    if (!read_date(text, FIRST_YEAR, &parts) || text[10] != 'T' ||
        !read_hours_and_minutes(text + 11, &parts))
        return false;
    const char *rest = text + 16;
    if (*rest == ':') {
        if (!read_seconds(rest, &parts))
            return false;
        rest += strlen(":00");
    }
    bool has_offset = *rest == '+' || *rest == '-';
    if (has_offset ? !read_offset(rest, &offset_us) : *rest != '\0')
        return false;
    *ret_local = (struct clock_local){.shown_us = timegm(&parts) * CLOCK_SECOND_US,
                                      .has_offset = has_offset,
                                      .offset_s = (int)(offset_us / CLOCK_SECOND_US)};
    return true;
}

bool clock_is_local(const char *text)
{
    struct clock_local local;
    return clock_parse_local(text, &local);
}

void clock_format_local(int64_t at_us, int offset_s, bool with_offset,
                        char ret_text[CLOCK_TEXT_BYTES])
{
    enum { MINUTE = 60, HOUR = 60 * MINUTE };
    time_t shown = (time_t)(at_us / CLOCK_SECOND_US) + offset_s;
    int size = offset_s < 0 ? -offset_s : offset_s;
    struct tm parts;
    gmtime_r(&shown, &parts);
    size_t length = strftime(ret_text, CLOCK_TEXT_BYTES,
                             parts.tm_sec ? "%Y-%m-%dT%H:%M:%S" : "%Y-%m-%dT%H:%M", &parts);
    if (with_offset)
        snprintf(ret_text + length, CLOCK_TEXT_BYTES - length, "%c%02d:%02d",
                 offset_s < 0 ? '-' : '+', size / HOUR % 24, size % HOUR / MINUTE);
}

bool clock_is_date(const char *text)
{
    struct tm parts = {0};
    return strlen(text) == DATE_LENGTH && read_date(text, 1, &parts);
}
