/* The callers a worker remembers: for how long, how many, and what makes it forget them. */
#include "features/account/callers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { START_US = 1000 };

static const unsigned char *hash_of(int number)
{
    static unsigned char hash[SECRET_HASH_BYTES];
    memset(hash, 0, sizeof hash);
    memcpy(hash, &number, sizeof number);
    return hash;
}

static struct caller caller_of(int number)
{
    struct caller caller = {.who = WHO_DEVICE};
    memcpy(caller.id.bytes, &number, sizeof number);
    return caller;
}

static void keep(struct callers *callers, int number, int64_t now_us)
{
    const struct caller caller = caller_of(number);
    callers_keep(callers, hash_of(number), &caller, callers_generation(callers), now_us);
}

static int setup(void **state)
{
    *state = callers_create();
    return 0;
}

static int teardown(void **state)
{
    callers_destroy(*state);
    return 0;
}

static void a_caller_is_known_for_a_while_and_then_asked_for_anew(void **state)
{
    assert_null(callers_find(*state, hash_of(1), START_US));
    keep(*state, 1, START_US);
    const struct caller *known = callers_find(*state, hash_of(1), START_US + CALLERS_FRESH_US - 1);
    assert_non_null(known);
    assert_int_equal(known->who, WHO_DEVICE);
    assert_null(callers_find(*state, hash_of(2), START_US));
    assert_null(callers_find(*state, hash_of(1), START_US + CALLERS_FRESH_US));
}

static void a_revoked_caller_is_forgotten_at_once_and_no_other(void **state)
{
    const struct caller revoked = caller_of(1);
    keep(*state, 1, START_US);
    keep(*state, 2, START_US);
    callers_forget(*state, &revoked.id);
    assert_null(callers_find(*state, hash_of(1), START_US));
    assert_non_null(callers_find(*state, hash_of(2), START_US));
    callers_forget_all(*state);
    assert_null(callers_find(*state, hash_of(2), START_US));
}

static void what_was_asked_before_a_revocation_is_not_kept_after_it(void **state)
{
    const struct caller caller = caller_of(1), other = caller_of(2);
    uint64_t generation = callers_generation(*state);
    callers_forget(*state, &other.id); /* whoever it was about: the answer may be from before */
    callers_keep(*state, hash_of(1), &caller, generation, START_US);
    assert_null(callers_find(*state, hash_of(1), START_US));
}

static void who_was_away_longest_makes_room(void **state)
{
    for (int i = 0; i < CALLERS_MOST; i++)
        keep(*state, i, START_US);
    assert_true(callers_count(*state, hash_of(0), START_US));
    keep(*state, CALLERS_MOST, START_US);
    assert_non_null(callers_find(*state, hash_of(0), START_US));
    assert_null(callers_find(*state, hash_of(1), START_US));
    assert_non_null(callers_find(*state, hash_of(CALLERS_MOST), START_US));
}

static void a_caller_may_go_as_fast_as_the_limit_and_no_faster(void **state)
{
    keep(*state, 1, START_US);
    for (int i = 0; i < CALLERS_REQUESTS_MOST; i++)
        assert_true(callers_count(*state, hash_of(1), START_US));
    assert_false(callers_count(*state, hash_of(1), START_US));
    int64_t later_us = START_US + 1000000 / CALLERS_REQUESTS_A_SECOND;
    assert_true(callers_count(*state, hash_of(1), later_us));
    assert_false(callers_count(*state, hash_of(1), later_us));
}

static void asking_anew_gives_no_new_permits(void **state)
{
    const struct caller caller = caller_of(1);
    keep(*state, 1, START_US);
    for (int i = 0; i < CALLERS_REQUESTS_MOST; i++)
        assert_true(callers_count(*state, hash_of(1), START_US));
    callers_forget(*state, &caller.id);
    keep(*state, 1, START_US);
    assert_false(callers_count(*state, hash_of(1), START_US));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_caller_is_known_for_a_while_and_then_asked_for_anew,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_revoked_caller_is_forgotten_at_once_and_no_other, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_was_asked_before_a_revocation_is_not_kept_after_it,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(who_was_away_longest_makes_room, setup, teardown),
        cmocka_unit_test_setup_teardown(a_caller_may_go_as_fast_as_the_limit_and_no_faster, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(asking_anew_gives_no_new_permits, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
