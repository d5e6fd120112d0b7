/* Compares with the C library, which knows one zone at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <time.h>

#include "base/clock.h"
#include "base/timezone.h"

static const char *const zones[] = {
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "UTC",
    "Africa/Casablanca",
    "Europe/Dublin",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "America/Sao_Paulo",
    "Antarctica/Troll",
    "America/St_Johns",
};

static void every_offset_is_that_of_the_c_library(void **state)
{
    (void)state;
    const int64_t first = -1000000000, last = 2114380800 /* 2037-01-01 */;
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
        struct timezone *zone;
        assert_true(timezone_load(zones[i], &zone));
        setenv("TZ", zones[i], 1);
        tzset();
        for (int64_t at = first; at < last; at += 7 * 3600 + 1231) {
            struct timezone_change change;
            struct tm local;
            time_t seconds = (time_t)at;
            localtime_r(&seconds, &local);
            assert_true(timezone_at(zone, at * CLOCK_SECOND_US, &change, NULL));
            if (change.offset_s != local.tm_gmtoff || change.is_daylight != (local.tm_isdst > 0) ||
                strcmp(change.name, local.tm_zone) != 0)
                fail_msg("%s at %lld: %d, not %ld", zones[i], (long long)at, change.offset_s,
                         local.tm_gmtoff);
        }
        timezone_destroy(zone);
    }
}

static void a_change_knows_what_was_before_and_what_comes_next(void **state)
{
    (void)state;
    struct timezone *zone;
    struct timezone_change change;
    int64_t onset, end, next;
    assert_true(timezone_load("Europe/Berlin", &zone));
    assert_true(clock_parse("2026-03-29T01:00:00Z", &onset));
    assert_true(clock_parse("2026-10-25T01:00:00Z", &end));
    assert_true(timezone_at(zone, onset, &change, &next));
    assert_int_equal(change.at_us, onset);
    assert_int_equal(change.offset_s, 7200);
    assert_int_equal(change.offset_before_s, 3600);
    assert_true(change.is_daylight);
    assert_string_equal(change.name, "CEST");
    assert_int_equal(next, end);
    assert_true(timezone_at(zone, onset - 1, &change, &next));
    assert_int_equal(change.offset_s, 3600);
    assert_int_equal(next, onset);
    timezone_destroy(zone);
}

static void what_nobody_knows_yet_is_not_made_up(void **state)
{
    (void)state;
    struct timezone *zone;
    struct timezone_change change;
    int64_t far, next;
    assert_true(clock_parse("2300-07-01T00:00:00Z", &far));
    assert_true(timezone_load("Europe/Berlin", &zone));
    assert_false(timezone_at(zone, far, &change, NULL));
    timezone_destroy(zone);
    assert_true(timezone_load("Asia/Kolkata", &zone));
    assert_true(timezone_at(zone, far, &change, &next)); /* the zone has no later change */
    assert_int_equal(change.offset_s, 19800);
    assert_int_equal(next, INT64_MAX);
    timezone_destroy(zone);
}

static int64_t shown(const char *text)
{
    struct clock_local local;
    assert_true(clock_parse_local(text, &local));
    return local.shown_us;
}

/* As "2026-10-25T02:30+02:00 2026-10-25T02:30+01:00". */
static void shows(const char *name, const char *local, int times, const char *expected)
{
    struct timezone *zone;
    struct timezone_moment moment;
    char texts[2][CLOCK_TEXT_BYTES], both[2 * CLOCK_TEXT_BYTES];
    assert_true(timezone_load(name, &zone));
    timezone_find(zone, shown(local), &moment);
    for (int i = 0; i < 2; i++)
        clock_format_local(moment.at_us[i], moment.offset_s[i], true, texts[i]);
    snprintf(both, sizeof both, "%s %s", texts[0], texts[1]);
    assert_int_equal(moment.times, times);
    assert_string_equal(both, expected);
    timezone_destroy(zone);
}

static void a_local_time_comes_once_twice_or_never(void **state)
{
    (void)state;
    shows("Europe/Berlin", "2026-10-25T01:59", 1, "2026-10-25T01:59+02:00 2026-10-25T01:59+02:00");
    shows("Europe/Berlin", "2026-10-25T02:00", 2, "2026-10-25T02:00+02:00 2026-10-25T02:00+01:00");
    shows("Europe/Berlin", "2026-10-25T02:59:59", 2,
          "2026-10-25T02:59:59+02:00 2026-10-25T02:59:59+01:00");
    shows("Europe/Berlin", "2026-10-25T03:00", 1, "2026-10-25T03:00+01:00 2026-10-25T03:00+01:00");
    shows("Europe/Berlin", "2026-03-29T01:59", 1, "2026-03-29T01:59+01:00 2026-03-29T01:59+01:00");
    shows("Europe/Berlin", "2026-03-29T02:00", 0, "2026-03-29T01:59+01:00 2026-03-29T03:00+02:00");
    shows("Europe/Berlin", "2026-03-29T02:59:59", 0,
          "2026-03-29T01:59+01:00 2026-03-29T03:00+02:00");
    shows("Europe/Berlin", "2026-03-29T03:00", 1, "2026-03-29T03:00+02:00 2026-03-29T03:00+02:00");
    /* Half an hour, a whole day that Samoa left out, and behind the table. */
    shows("Australia/Lord_Howe", "2026-04-05T01:45", 2,
          "2026-04-05T01:45+11:00 2026-04-05T01:45+10:30");
    shows("Pacific/Apia", "2011-12-30T12:00", 0, "2011-12-29T23:59-10:00 2011-12-31T00:00+14:00");
    shows("UTC", "2026-10-25T02:30", 1, "2026-10-25T02:30+00:00 2026-10-25T02:30+00:00");
    shows("Europe/Berlin", "2300-07-01T12:00", 1, "2300-07-01T12:00+01:00 2300-07-01T12:00+01:00");
}

static void rules_without_a_place_are_no_zones(void **state)
{
    (void)state;
    static const char *const names[] = {"EST5EDT", "posixrules", "localtime", "CET",
                                        "GMT",     "Etc/GMT+5",  "Factory",   "right/Europe/Berlin",
                                        "Poland",  "US/Eastern", "posix/UTC", "europe/berlin"};
    struct timezone *zone;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_false(timezone_load(names[i], &zone));
}

static void only_names_of_zones_are_looked_for(void **state)
{
    (void)state;
    static const char *const names[] = {"",
                                        "Nowhere/At",
                                        "../../../etc/passwd",
                                        "/etc/localtime",
                                        "Europe",
                                        "Europe/",
                                        "tzdata.zi",
                                        "zone.tab",
                                        "Europe/Ber lin",
                                        "Europe/./Berlin",
                                        "Europe/Berlin\n"};
    char endless[TIMEZONE_NAME_MOST + 2];
    struct timezone *zone;
    memset(endless, 'a', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    assert_false(timezone_load(endless, &zone));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_false(timezone_load(names[i], &zone));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_offset_is_that_of_the_c_library),
        cmocka_unit_test(a_change_knows_what_was_before_and_what_comes_next),
        cmocka_unit_test(what_nobody_knows_yet_is_not_made_up),
        cmocka_unit_test(a_local_time_comes_once_twice_or_never),
        cmocka_unit_test(rules_without_a_place_are_no_zones),
        cmocka_unit_test(only_names_of_zones_are_looked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
