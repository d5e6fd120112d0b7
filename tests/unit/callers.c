/* Callers: the rights of their memberships, and the cache of a worker: its times, and what removes
 * a caller from it. */
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
    struct caller caller = {.identity = CALLER_DEVICE, .membership_count = 1};
    caller.memberships[0].role = WHO_DEVICE;
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
    assert_int_equal(known->memberships[0].role, WHO_DEVICE);
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
    callers_forget(*state, &other.id); /* also for another caller: the result may be stale */
    callers_keep(*state, hash_of(1), &caller, generation, START_US);
    assert_null(callers_find(*state, hash_of(1), START_US));
}

static void who_was_away_longest_makes_room(void **state)
{
    for (int i = 0; i < CALLERS_MOST; i++)
        keep(*state, i, START_US);
    assert_non_null(callers_find(*state, hash_of(0), START_US));
    keep(*state, CALLERS_MOST, START_US);
    assert_non_null(callers_find(*state, hash_of(0), START_US));
    assert_null(callers_find(*state, hash_of(1), START_US));
    assert_non_null(callers_find(*state, hash_of(CALLERS_MOST), START_US));
}

/* --- Memberships and scopes ------------------------------------------------------------------ */

enum { OURS = 1, THEIRS, THIRD }; /* organisers; each has events 10, 20 and so on */

static struct id id_of(int number)
{
    struct id id = {{0}};
    memcpy(id.bytes, &number, sizeof number);
    return id;
}

static struct scope scope_of(int organiser, int event, bool is_public)
{
    return (struct scope){.event = (const struct event *)"an event",
                          .organiser_id = id_of(organiser),
                          .event_id = id_of(event),
                          .is_public = is_public};
}

static struct membership membership_of(unsigned role, int organiser, int event)
{
    return (struct membership){
        .role = role, .organiser_id = id_of(organiser), .event_id = id_of(event)};
}

/* Manages our events, reads theirs, and admits at their event 20. */
static struct caller helper(void)
{
    struct caller caller = {.identity = CALLER_API_TOKEN, .membership_count = 3};
    caller.memberships[0] = membership_of(WHO_MANAGER, OURS, 0);
    caller.memberships[1] = membership_of(WHO_VIEWER, THEIRS, 0);
    caller.memberships[2] = membership_of(WHO_DOOR, THEIRS, 20);
    return caller;
}

static enum caller_verdict judge(const struct caller *caller, const struct scope *scope,
                                 unsigned who)
{
    return caller_judge(caller, scope, caller_role_in(caller, scope, who), who);
}

static void the_membership_in_the_scope_counts(void **state)
{
    const struct caller caller = helper();
    const struct scope ours = scope_of(OURS, 10, true), theirs = scope_of(THEIRS, 10, true),
                       third = scope_of(THIRD, 10, true);
    (void)state;
    assert_int_equal(caller_role_in(&caller, &ours, WHO_EDITORS), WHO_MANAGER);
    assert_int_equal(caller_role_in(&caller, &theirs, WHO_EDITORS), WHO_VIEWER);
    assert_int_equal(caller_role_in(&caller, &third, WHO_EDITORS), WHO_ANYBODY);
    assert_int_equal(judge(&caller, &ours, WHO_EDITORS), CALLER_MAY);
    assert_int_equal(judge(&caller, &theirs, WHO_EDITORS), CALLER_FORBIDDEN);
    assert_int_equal(judge(&caller, &third, WHO_EDITORS), CALLER_FORBIDDEN);
    assert_int_equal(judge(&caller, &third, WHO_EDITORS | WHO_ANYBODY), CALLER_MAY);
}

static void of_several_memberships_the_one_that_the_row_admits_counts(void **state)
{
    const struct caller caller = helper();
    const struct scope there = scope_of(THEIRS, 20, true), beside = scope_of(THEIRS, 10, true);
    (void)state;
    assert_int_equal(caller_role_in(&caller, &there, WHO_ADMITTERS), WHO_DOOR);
    assert_int_equal(caller_role_in(&caller, &there, WHO_READERS), WHO_VIEWER);
    assert_int_equal(judge(&caller, &beside, WHO_ADMITTERS), CALLER_FORBIDDEN);
    assert_int_equal(caller_role_in(&caller, NULL, WHO_DOOR), WHO_DOOR);
    assert_int_equal(judge(&caller, NULL, WHO_OWNER), CALLER_FORBIDDEN);
}

static void a_hidden_event_is_answered_like_none(void **state)
{
    const struct caller caller = helper(), nobody = {.identity = CALLER_ANYBODY};
    const struct scope none = {0}, third = scope_of(THIRD, 10, false),
                       theirs = scope_of(THEIRS, 10, false);
    const unsigned rows[] = {WHO_ANYBODY, WHO_EDITORS, WHO_OWNER, WHO_DEVICES};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(judge(&caller, &none, rows[i]), judge(&caller, &third, rows[i]));
        assert_int_equal(judge(&nobody, &none, rows[i]), judge(&nobody, &third, rows[i]));
    }
    assert_int_equal(judge(&caller, &third, WHO_EDITORS), CALLER_NOT_FOUND);
    assert_int_equal(judge(&caller, &third, WHO_OWNER), CALLER_FORBIDDEN);
    assert_int_equal(judge(&nobody, &third, WHO_ANYBODY), CALLER_NOT_FOUND);
    assert_int_equal(judge(&nobody, &third, WHO_EDITORS), CALLER_UNAUTHORISED);
    assert_int_equal(judge(&caller, &theirs, WHO_READERS), CALLER_MAY);
    assert_int_equal(judge(&caller, &theirs, WHO_EDITORS), CALLER_FORBIDDEN);
}

static void who_is_known_but_belongs_nowhere_is_forbidden_and_not_unknown(void **state)
{
    const struct caller caller = {.identity = CALLER_API_TOKEN};
    const struct scope ours = scope_of(OURS, 10, true);
    (void)state;
    assert_int_equal(judge(&caller, &ours, WHO_EDITORS), CALLER_FORBIDDEN);
    assert_int_equal(judge(&caller, &ours, WHO_ANYBODY), CALLER_MAY);
    assert_string_equal(caller_log_name(&caller, WHO_ANYBODY), "api_token");
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
        cmocka_unit_test(the_membership_in_the_scope_counts),
        cmocka_unit_test(of_several_memberships_the_one_that_the_row_admits_counts),
        cmocka_unit_test(a_hidden_event_is_answered_like_none),
        cmocka_unit_test(who_is_known_but_belongs_nowhere_is_forbidden_and_not_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
