#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

#include "base/pool.h"

enum { MANY = 5000, LOOPS = 3 };

/* A job of a test. */
struct task {
    sem_t *gate;  /* NULL: does not wait */
    sem_t *begun; /* NULL: not posted */
    pthread_t ran_on;
    int runs, dones, drops;
    struct task *log[8]; /* of the first task: ended tasks in order */
    struct task *first;
    int log_count;
};

static void on_run(void *context)
{
    struct task *task = context;
    if (task->begun)
        sem_post(task->begun);
    if (task->gate)
        sem_wait(task->gate);
    task->ran_on = pthread_self();
    task->runs++;
}

static void on_done(void *context)
{
    struct task *task = context;
    task->dones++;
    if (task->first && task->first->log_count < 8)
        task->first->log[task->first->log_count++] = task;
}

static void on_dropped(void *context)
{
    struct task *task = context;
    task->drops++;
}

static bool submit(struct pool_outlet *outlet, struct task *task)
{
    return pool_submit(outlet, &(struct pool_job){on_run, on_done, on_dropped, task});
}

/* Works like a loop until so many tasks have ended, or nothing comes for a while. */
static void turn(struct pool_outlet *outlet, const int *count, int until)
{
    while (*count < until) {
        struct pollfd fd = {.fd = pool_outlet_fd(outlet), .events = POLLIN};
        assert_int_equal(poll(&fd, 1, 10000), 1);
        pool_outlet_run(outlet);
    }
}

static void jobs_run_elsewhere_and_end_here_in_order(void **state)
{
    (void)state;
    struct pool *pool = pool_create(1, 10);
    struct pool_outlet *outlet = pool_outlet_create(pool);
    struct task tasks[5] = {0};
    for (int i = 0; i < 5; i++) {
        tasks[i].first = &tasks[0];
        assert_true(submit(outlet, &tasks[i]));
    }
    turn(outlet, &tasks[0].log_count, 5);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(tasks[i].runs, 1);
        assert_int_equal(tasks[i].dones, 1);
        assert_false(pthread_equal(tasks[i].ran_on, pthread_self()));
        assert_ptr_equal(tasks[0].log[i], &tasks[i]);
    }
    pool_outlet_destroy(outlet);
    pool_destroy(pool);
    assert_int_equal(tasks[0].drops, 0);
}

static void the_descriptor_is_quiet_when_there_is_nothing_to_end(void **state)
{
    (void)state;
    struct pool *pool = pool_create(2, 10);
    struct pool_outlet *outlet = pool_outlet_create(pool);
    struct pollfd fd = {.fd = pool_outlet_fd(outlet), .events = POLLIN};
    struct task task = {0};
    assert_int_equal(poll(&fd, 1, 0), 0);
    assert_true(submit(outlet, &task));
    turn(outlet, &task.dones, 1);
    assert_int_equal(poll(&fd, 1, 0), 0);
    pool_outlet_destroy(outlet);
    pool_destroy(pool);
}

static void two_threads_work_at_the_same_time(void **state)
{
    (void)state;
    sem_t gate;
    sem_init(&gate, 0, 0);
    struct pool *pool = pool_create(2, 10);
    struct pool_outlet *outlet = pool_outlet_create(pool);
    struct task held = {.gate = &gate}, quick = {0};
    assert_true(submit(outlet, &held));
    assert_true(submit(outlet, &quick));
    turn(outlet, &quick.dones, 1);
    assert_int_equal(held.dones, 0);
    sem_post(&gate);
    turn(outlet, &held.dones, 1);
    pool_outlet_destroy(outlet);
    pool_destroy(pool);
    sem_destroy(&gate);
}

/* Fills a pool of one thread: one job runs, and `room` jobs wait. */
static void fill(struct pool_outlet *outlet, struct task *tasks, int room)
{
    assert_true(submit(outlet, &tasks[0]));
    /* The thread takes the first job from the queue. Then there is room for one more. */
    for (int i = 1; i <= room; i++)
        while (!submit(outlet, &tasks[i]))
            usleep(1000);
}

static void a_full_queue_refuses_and_takes_again_later(void **state)
{
    (void)state;
    sem_t gate;
    sem_init(&gate, 0, 0);
    struct pool *pool = pool_create(1, 2);
    struct pool_outlet *outlet = pool_outlet_create(pool);
    struct task tasks[3] = {{.gate = &gate}}, refused = {0};
    fill(outlet, tasks, 2);
    assert_false(submit(outlet, &refused));
    sem_post(&gate);
    turn(outlet, &tasks[2].dones, 1);
    assert_int_equal(refused.runs + refused.dones + refused.drops, 0);
    assert_true(submit(outlet, &refused));
    turn(outlet, &refused.dones, 1);
    pool_outlet_destroy(outlet);
    pool_destroy(pool);
    sem_destroy(&gate);
}

static void *open_later(void *gate)
{
    usleep(50000);
    sem_post(gate);
    return NULL;
}

static void destroying_an_outlet_waits_for_what_runs_and_drops_all(void **state)
{
    (void)state;
    sem_t gate, begun;
    pthread_t opener;
    sem_init(&gate, 0, 0);
    sem_init(&begun, 0, 0);
    struct pool *pool = pool_create(1, 10);
    struct pool_outlet *outlet = pool_outlet_create(pool), *other = pool_outlet_create(pool);
    struct task ended = {0}, tasks[4] = {{.gate = &gate, .begun = &begun}}, neighbour = {0};
    assert_true(submit(outlet, &ended)); /* has run, but its end was not handled */
    struct pollfd fd = {.fd = pool_outlet_fd(outlet), .events = POLLIN};
    assert_int_equal(poll(&fd, 1, 10000), 1);
    fill(outlet, tasks, 3);
    assert_true(submit(other, &neighbour));
    sem_wait(&begun);
    pthread_create(&opener, NULL, open_later, &gate);
    pool_outlet_destroy(outlet);
    assert_int_equal(tasks[0].runs, 1);
    assert_int_equal(ended.drops, 1);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(tasks[i].drops, 1);
        assert_int_equal(tasks[i].dones, 0);
        assert_int_equal(tasks[i].runs, i == 0 ? 1 : 0);
    }
    turn(other, &neighbour.dones, 1);
    pool_outlet_destroy(other);
    pool_destroy(pool);
    pthread_join(opener, NULL);
    sem_destroy(&gate);
}

struct again {
    struct pool_outlet *outlet;
    int left, ended;
};

static void run_nothing(void *context)
{
    (void)context;
}

static void submit_again(void *context)
{
    struct again *again = context;
    again->ended++;
    if (--again->left > 0)
        assert_true(pool_submit(again->outlet,
                                &(struct pool_job){run_nothing, submit_again, run_nothing, again}));
}

static void an_end_may_submit_the_next(void **state)
{
    (void)state;
    struct pool *pool = pool_create(2, 1);
    struct again again = {.outlet = pool_outlet_create(pool), .left = 100};
    assert_true(pool_submit(again.outlet,
                            &(struct pool_job){run_nothing, submit_again, run_nothing, &again}));
    turn(again.outlet, &again.ended, 100);
    pool_outlet_destroy(again.outlet);
    pool_destroy(pool);
}

/* A loop in a thread of its own. */
struct loop {
    pthread_t thread;
    struct pool *pool;
    struct task tasks[MANY];
};

static void *run_loop(void *context)
{
    struct loop *loop = context;
    struct pool_outlet *outlet = pool_outlet_create(loop->pool);
    for (int i = 0; i < MANY; i++)
        while (!submit(outlet, &loop->tasks[i]))
            pool_outlet_run(outlet);
    while (loop->tasks[MANY / 2].dones == 0)
        pool_outlet_run(outlet);
    pool_outlet_destroy(outlet);
    return NULL;
}

static void every_job_ends_once_on_whichever_loop(void **state)
{
    (void)state;
    static struct loop loops[LOOPS];
    struct pool *pool = pool_create(3, 64);
    for (int i = 0; i < LOOPS; i++) {
        loops[i].pool = pool;
        assert_int_equal(pthread_create(&loops[i].thread, NULL, run_loop, &loops[i]), 0);
    }
    for (int i = 0; i < LOOPS; i++)
        pthread_join(loops[i].thread, NULL);
    pool_destroy(pool);
    for (int i = 0; i < LOOPS; i++) {
        for (int j = 0; j < MANY; j++) {
            const struct task *task = &loops[i].tasks[j];
            assert_int_equal(task->dones + task->drops, 1);
            assert_true(task->runs == 1 || (task->runs == 0 && task->drops == 1));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_run_elsewhere_and_end_here_in_order),
        cmocka_unit_test(the_descriptor_is_quiet_when_there_is_nothing_to_end),
        cmocka_unit_test(two_threads_work_at_the_same_time),
        cmocka_unit_test(a_full_queue_refuses_and_takes_again_later),
        cmocka_unit_test(destroying_an_outlet_waits_for_what_runs_and_drops_all),
        cmocka_unit_test(an_end_may_submit_the_next),
        cmocka_unit_test(every_job_ends_once_on_whichever_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
