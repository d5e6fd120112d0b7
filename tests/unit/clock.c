/* Time: reads only RFC 3339, and reads back what it writes. */
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void reads_as(const char *text, int64_t expected_us)
{
    int64_t at_us = -1;
    if (!clock_parse(text, &at_us))
        fail_msg("'%s' is refused", text);
    assert_int_equal(at_us, expected_us);
}

/* RFC 3339, section 5.8. GNU date gave the seconds. */
static void reads_the_examples_of_rfc_3339(void **state)
{
    (void)state;
    reads_as("1985-04-12T23:20:50.52Z", 482196050520000);
    reads_as("1996-12-19T16:39:57-08:00", 851042397000000);
    reads_as("1990-12-31T23:59:60Z", 662688000000000);
    reads_as("1990-12-31T15:59:60-08:00", 662688000000000);
}

static void reads_offsets_fractions_and_the_ends_of_its_range(void **state)
{
    (void)state;
    reads_as("1970-01-01T00:00:00Z", 0);
    reads_as("1970-01-01t00:00:00z", 0);
    reads_as("1970-01-01T00:00:00-00:00", 0);
    reads_as("1970-01-01T00:00:00.000001Z", 1);
    reads_as("1970-01-01T00:00:00.123456789Z", 123456);
    reads_as("1970-01-01T05:30:00+05:30", 0);
    reads_as("2000-02-29T12:00:00+01:00", 951822000000000);
    reads_as("9999-12-31T23:59:59.999999Z", 253402300799999999);
}

static void refuses_what_is_no_time(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "2026",
                                        "2026-05-13",
                                        "2026-05-13T08:00",
                                        "2026-05-13T08:00Z",
                                        "2026-05-13T08:00:00",
                                        "2026-05-13 08:00:00Z",
                                        "2026-05-13T08:00:00Z ",
                                        " 2026-05-13T08:00:00Z",
                                        "2026-5-13T08:00:00Z",
                                        "2026-05-13T8:00:00Z",
                                        "26-05-13T08:00:00Z",
                                        "+2026-05-13T08:00:00Z",
                                        "2026-05-13T08:00:00.Z",
                                        "2026-05-13T08:00:00.1234567890Z",
                                        "2026-05-13T08:00:00,5Z",
                                        "2026-05-13T08:00:00+0100",
                                        "2026-05-13T08:00:00+01",
                                        "2026-05-13T08:00:00+24:00",
                                        "2026-05-13T08:00:00+01:60",
                                        "2026-05-13T08:00:00+01:00Z",
                                        "2026-05-13T08:00:00ZZ",
                                        "2026-05-13T24:00:00Z",
                                        "2026-05-13T08:60:00Z",
                                        "2026-05-13T08:00:61Z",
                                        "2026-05-13T08:00:-1Z",
                                        "2026-00-13T08:00:00Z",
                                        "2026-13-13T08:00:00Z",
                                        "2026-05-00T08:00:00Z",
                                        "2026-05-32T08:00:00Z",
                                        "2026-04-31T08:00:00Z",
                                        "2026-02-29T08:00:00Z",
                                        "2100-02-29T08:00:00Z",
                                        "1969-12-31T23:59:59Z",
                                        "10000-01-01T00:00:00Z",
                                        "tomorrow",
                                        "1778716800"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int64_t at_us = 77;
        if (clock_parse(texts[i], &at_us))
            fail_msg("'%s' is taken", texts[i]);
        assert_int_equal(at_us, 77);
    }
}

/* The date is in range, but the point in time is not. */
static void refuses_offsets_that_lead_out_of_its_range(void **state)
{
    (void)state;
    int64_t at_us;
    assert_false(clock_parse("1970-01-01T00:00:00+00:01", &at_us));
    assert_false(clock_parse("9999-12-31T23:59:59-00:01", &at_us));
    assert_false(clock_parse("9999-12-31T23:59:60Z", &at_us));
}

static void writes_utc_with_a_fraction_only_where_there_is_one(void **state)
{
    (void)state;
    char text[CLOCK_TEXT_BYTES];
    clock_format(1778659200000000, text);
    assert_string_equal(text, "2026-05-13T08:00:00Z");
    clock_format(1778659200000001, text);
    assert_string_equal(text, "2026-05-13T08:00:00.000001Z");
    clock_format(-1, text);
    assert_string_equal(text, "1969-12-31T23:59:59.999999Z");
    clock_format(-1000000, text);
    assert_string_equal(text, "1969-12-31T23:59:59Z");
}

static void writes_any_number_without_harm(void **state)
{
    (void)state;
    char text[CLOCK_TEXT_BYTES];
    clock_format(INT64_MIN, text);
    assert_true(strlen(text) < CLOCK_TEXT_BYTES);
    clock_format(INT64_MAX, text);
    assert_string_equal(text, "294247-01-10T04:00:54.775807Z");
}

static void reads_back_what_it_writes(void **state)
{
    (void)state;
    for (int64_t at_us = 0; at_us < 253402300800000000; at_us += 86399999777 * 13) {
        char text[CLOCK_TEXT_BYTES];
        clock_format(at_us, text);
        reads_as(text, at_us);
    }
}

static void knows_local_times(void **state)
{
    (void)state;
    assert_true(clock_is_local("2022-05-13T10:00"));
    assert_true(clock_is_local("2022-05-13T10:00:59"));
    struct clock_local local;
    assert_true(clock_parse_local("2022-05-13T10:00-03:30", &local));
    assert_true(local.has_offset);
    assert_int_equal(local.offset_s, -12600);
    assert_int_equal(local.shown_us, 1652436000000000);
    char text[CLOCK_TEXT_BYTES];
    clock_format_local(1652436000000000, -12600, true, text);
    assert_string_equal(text, "2022-05-13T06:30-03:30");
    clock_format_local(1652436005000000, 7200, false, text);
    assert_string_equal(text, "2022-05-13T12:00:05");
    static const char *const texts[] = {"",
                                        "2022-05-13",
                                        "2022-05-13T10",
                                        "2022-05-13T10:00Z",
                                        "2022-05-13T10:00:00Z",
                                        "2022-05-13 10:00",
                                        "2022-05-13T24:00",
                                        "1969-12-31T10:00",
                                        "2022-02-29T10:00",
                                        "2022-05-13T10:00:0x",
                                        "2022-05-13T10:00+01",
                                        "2022-05-13T10:00+0100",
                                        "2022-05-13T10:00+01:00Z",
                                        "2022-05-13T10:00+24:00"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_false(clock_is_local(texts[i]));
}

static void knows_days(void **state)
{
    (void)state;
    assert_true(clock_is_date("2022-05-13"));
    assert_true(clock_is_date("2024-02-29"));
    assert_true(clock_is_date("2000-02-29"));
    assert_true(clock_is_date("1949-12-31"));
    static const char *const texts[] = {"",           "2022-05-1",  "2022-05-133", "2023-02-29",
                                        "2022-06-31", "2022-00-10", "2022-05-13T", "13.05.2022",
                                        "2022/05/13", "0000-01-01", "2022-05-00"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_false(clock_is_date(texts[i]));
}

static void the_monotonic_clock_never_steps_back(void **state)
{
    (void)state;
    int64_t last_us = clock_monotonic_us();
    for (int i = 0; i < 1000; i++) {
        int64_t now_us = clock_monotonic_us();
        assert_true(now_us >= last_us);
        last_us = now_us;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_examples_of_rfc_3339),
        cmocka_unit_test(reads_offsets_fractions_and_the_ends_of_its_range),
        cmocka_unit_test(refuses_what_is_no_time),
        cmocka_unit_test(refuses_offsets_that_lead_out_of_its_range),
        cmocka_unit_test(writes_utc_with_a_fraction_only_where_there_is_one),
        cmocka_unit_test(writes_any_number_without_harm),
        cmocka_unit_test(reads_back_what_it_writes),
        cmocka_unit_test(knows_local_times),
        cmocka_unit_test(knows_days),
        cmocka_unit_test(the_monotonic_clock_never_steps_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
