/* Rate limits: how many permits there are, when they come back, and what a crowd of keys costs. */
#include "security/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "security/security.h"

static const int64_t noon_us = INT64_C(43200) * CLOCK_SECOND_US;
static const int64_t hour_us = INT64_C(3600) * CLOCK_SECOND_US;

enum { FORMS = 30, REQUESTS = 5000 }; /* as the table says */

static int set_up(void **state)
{
    *state = pace_create();
    return 0;
}

static int tear_down(void **state)
{
    pace_destroy(*state);
    return 0;
}

static int taken(struct pace *pace, const struct id *scope, const char *who, int tries,
                 int64_t now_us)
{
    const struct pace_key key = {.limit = PACE_FORMS, .scope = scope, .who = who};
    int count = 0;
    for (int i = 0; i < tries; i++)
        count += pace_take(pace, &key, 1, now_us) == 0;
    return count;
}

static void a_key_has_its_permits_and_they_come_back_slowly(void **state)
{
    struct id event, other;
    id_make(&event);
    id_make(&other);
    assert_int_equal(taken(*state, &event, "a@example.org", 100, noon_us), FORMS);
    assert_int_equal(taken(*state, &event, "b@example.org", 1, noon_us), 1);
    assert_int_equal(taken(*state, &other, "a@example.org", 1, noon_us), 1);
    assert_int_equal(taken(*state, &event, "a@example.org", 100, noon_us + hour_us / 2), 15);
    assert_int_equal(taken(*state, &event, "a@example.org", 100, noon_us + 3 * hour_us), FORMS);
}

static void the_answer_says_when_permits_are_back(void **state)
{
    const struct pace_key key = {.limit = PACE_FORMS, .who = "a@example.org"};
    assert_int_equal(pace_wait(*state, &key, noon_us), 0);
    assert_int_equal(pace_take(*state, &key, FORMS, noon_us), 0);
    assert_int_equal(pace_take(*state, &key, 1, noon_us), 120);
    assert_int_equal(pace_wait(*state, &key, noon_us), 120);
    assert_int_equal(pace_take(*state, &key, 2, noon_us), 240);
    assert_int_equal(pace_take(*state, &key, 1, noon_us + 120 * CLOCK_SECOND_US - 1), 1);
    assert_int_equal(pace_take(*state, &key, 1, noon_us + 120 * CLOCK_SECOND_US), 0);
    pace_give_back(*state, &key, 1, noon_us + 120 * CLOCK_SECOND_US);
    assert_int_equal(pace_take(*state, &key, 1, noon_us + 120 * CLOCK_SECOND_US), 0);
}

/* Who asks for more than a bucket holds is served when it is full. */
static void a_large_wish_takes_a_full_bucket(void **state)
{
    const struct pace_key key = {.limit = PACE_FORMS, .who = "a@example.org"};
    assert_int_equal(pace_take(*state, &key, 10 * FORMS, noon_us), 0);
    assert_int_equal(pace_take(*state, &key, 10 * FORMS, noon_us), 3600);
    assert_int_equal(pace_take(*state, &key, 10 * FORMS, noon_us + hour_us), 0);
}

static void a_key_may_say_itself_how_long_its_permits_take(void **state)
{
    const struct pace_key key = {.limit = PACE_HOLDS, .who = "192.0.2.1", .hours = 96};
    assert_int_equal(pace_take(*state, &key, PACE_ALL, noon_us), 0);
    assert_int_equal(pace_take(*state, &key, PACE_ALL / 2, noon_us + 47 * hour_us), 3600);
    assert_int_equal(pace_take(*state, &key, PACE_ALL / 2, noon_us + 48 * hour_us), 0);
}

static void a_token_goes_as_fast_as_its_limit_and_no_faster(void **state)
{
    struct id token;
    id_make(&token);
    const struct pace_key key = {.limit = PACE_REQUESTS, .scope = &token};
    for (int i = 0; i < REQUESTS; i++)
        assert_int_equal(pace_take(*state, &key, 1, noon_us), 0);
    assert_int_equal(pace_take(*state, &key, 1, noon_us), 1);
    assert_int_equal(pace_take(*state, &key, 1, noon_us + 1000), 0);
    assert_int_equal(pace_take(*state, &key, 1, noon_us + 1000), 1);
}

/* A million keys need no more memory than one. The one with most attempts is dropped last. */
static void a_crowd_of_keys_does_not_free_the_one_that_tried_most(void **state)
{
    struct id event;
    char address[32];
    id_make(&event);
    assert_int_equal(taken(*state, &event, "a@example.org", 100, noon_us), FORMS);
    for (int i = 0; i < 1000000; i++) {
        snprintf(address, sizeof address, "%d@example.org", i);
        assert_int_equal(taken(*state, &event, address, 1, noon_us), 1);
    }
    assert_int_equal(taken(*state, &event, "a@example.org", 100, noon_us), 0);
}

static int set_up_group(void **state)
{
    (void)state;
    log_set_level(LOG_ERROR);
    return security_init() ? 0 : -1;
}

#define with_pace(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_pace(a_key_has_its_permits_and_they_come_back_slowly),
        with_pace(the_answer_says_when_permits_are_back),
        with_pace(a_large_wish_takes_a_full_bucket),
        with_pace(a_key_may_say_itself_how_long_its_permits_take),
        with_pace(a_token_goes_as_fast_as_its_limit_and_no_faster),
        with_pace(a_crowd_of_keys_does_not_free_the_one_that_tried_most),
    };
    return cmocka_run_group_tests(tests, set_up_group, NULL);
}
