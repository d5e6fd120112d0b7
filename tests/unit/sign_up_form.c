/* The protection of the sign-up form against programs, over days. */
#include "features/registration/register_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "security/security.h"

static const unsigned char seed[KEYRING_SEED_BYTES] = {7};
static const int64_t noon_us = INT64_C(1770000000000000), second_us = CLOCK_SECOND_US,
                     hour_us = 3600 * CLOCK_SECOND_US;

static void a_form_counts_from_two_seconds_to_a_day_after_it_was_shown(void **state)
{
    (void)state;
    struct keyring *keyring = keyring_from_seed(seed);
    struct id event;
    char stamp[SECRET_STAMP_TEXT_BYTES];
    id_make(&event);
    form_stamp_next(keyring, &event, NULL, false, noon_us, stamp);
    assert_false(form_stamp_is_good(keyring, &event, stamp, noon_us - second_us));
    assert_true(form_stamp_is_good(keyring, &event, stamp, noon_us - hour_us)); /* was set back */
    assert_false(form_stamp_is_good(keyring, &event, stamp, noon_us - 25 * hour_us));
    assert_false(form_stamp_is_good(keyring, &event, stamp, noon_us + 2 * second_us - 1000));
    assert_true(form_stamp_is_good(keyring, &event, stamp, noon_us + 2 * second_us));
    assert_true(form_stamp_is_good(keyring, &event, stamp, noon_us + 24 * hour_us));
    assert_false(form_stamp_is_good(keyring, &event, stamp, noon_us + 24 * hour_us + 1000));
    assert_false(form_stamp_is_good(keyring, &event, NULL, noon_us + hour_us));
    keyring_destroy(keyring);
}

static void a_stamp_stays_while_it_can_become_good_and_is_new_after_that(void **state)
{
    (void)state;
    struct keyring *keyring = keyring_from_seed(seed);
    struct id event;
    char stamp[SECRET_STAMP_TEXT_BYTES], next[SECRET_STAMP_TEXT_BYTES];
    id_make(&event);
    form_stamp_next(keyring, &event, NULL, false, noon_us, stamp);
    form_stamp_next(keyring, &event, stamp, false, noon_us + second_us, next);
    assert_string_equal(next, stamp);
    form_stamp_next(keyring, &event, stamp, false, noon_us + 24 * hour_us, next);
    assert_string_equal(next, stamp);

    /* A visitor whose stamp is old or used does not wait. */
    form_stamp_next(keyring, &event, stamp, false, noon_us + 25 * hour_us, next);
    assert_string_not_equal(next, stamp);
    assert_true(form_stamp_is_good(keyring, &event, next, noon_us + 25 * hour_us));
    form_stamp_next(keyring, &event, stamp, true, noon_us + hour_us, next);
    assert_string_not_equal(next, stamp);
    assert_true(form_stamp_is_good(keyring, &event, next, noon_us + hour_us));

    /* A visitor without a stamp waits. */
    form_stamp_next(keyring, &event, "made up", false, noon_us, next);
    assert_false(form_stamp_is_good(keyring, &event, next, noon_us));
    keyring_destroy(keyring);
}

static int set_up_group(void **state)
{
    (void)state;
    return security_init() ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_form_counts_from_two_seconds_to_a_day_after_it_was_shown),
        cmocka_unit_test(a_stamp_stays_while_it_can_become_good_and_is_new_after_that),
    };
    return cmocka_run_group_tests(tests, set_up_group, NULL);
}
