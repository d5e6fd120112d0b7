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
        cmocka_unit_test(only_names_of_zones_are_looked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
