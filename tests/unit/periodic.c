/* Periodic work: the rows of a table run again and again, on the workers that they name. */
#include "jobs/periodic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <event2/event.h>

static int first_only[2], on_all[2]; /* runs on each worker */

static void run_first_only(struct worker *worker)
{
    first_only[worker->index]++;
}

static void run_on_all(struct worker *worker)
{
    if (++on_all[worker->index] == 5 && worker->index == 1)
        event_base_loopbreak(worker->loop);
}

static const struct periodic rows[] = {
    {.run = run_first_only, .every_ms = 2},
    {.run = run_on_all, .every_ms = 10, .on_all_workers = true},
    {0},
};

static void rows_run_again_on_the_workers_that_they_name(void **state)
{
    struct event_base *loop = event_base_new();
    struct worker first = {.loop = loop}, second = {.index = 1, .loop = loop};
    (void)state;
    periodic_start(&first, rows);
    periodic_start(&first, NULL);
    periodic_start(&second, rows);
    event_base_dispatch(loop);
    assert_true(on_all[0] > 1 && first_only[0] > 1);
    assert_int_equal(on_all[1], 5);
    assert_int_equal(first_only[1], 0);
    worker_end_states(&first);
    worker_end_states(&second);
    event_base_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_run_again_on_the_workers_that_they_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
