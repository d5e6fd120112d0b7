/* Batches with a real PostgreSQL: elements that come during a batch make the next one, a bad
 * element fails alone, and a batch whose connection died is done once. */
#include "db/batch.h"
#include "db/inside.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "database.h"

STATEMENT(lock, "select from gate where id = any ($1) order by id for update",
          .parameters = VALUES({"gates", "integer[]"}), .parameter_count = 1);
/* "bad" breaks a constraint, "mute" gives no row, "twin" gives a row too many. */
STATEMENT(run,
          "with asked as (select * from unnest($1::integer[], $2::text[]) "
          "with ordinality as element (number, word, ordinal)), "
          "added as (insert into entered (number, word) select number, word from asked "
          "on conflict (number) do nothing returning number) "
          "select (case word when 'twin' then 99 else ordinal end)::integer as ordinal, "
          "case when added.number is null then 'again' else 'added' end as outcome "
          "from asked left join added using (number) where word <> 'mute' "
          "order by ordinal desc",
          .parameters = VALUES({"numbers", "integer[]"}, {"words", "text[]"}), .parameter_count = 2,
          .columns = VALUES({"ordinal", "integer"}, {"outcome", "text"}), .column_count = 2);

static const struct statement *const statements[] = {&lock, &run, NULL};

struct element {
    int number, gate; /* gate 0: 1 */
    const char *word;
    bool is_done;
    int count;
    enum db_outcome outcome;
    char said[16], sqlstate[6];
    int *order, place;
    struct batcher *follower_goes_to; /* submits `follower` when it is done */
    struct element *follower;
};

static struct params *lock_params(void)
{
    return params_for(&lock);
}

static struct params *run_params(void)
{
    return params_for(&run);
}

static void add(void *context, int ordinal, struct params *lock_given, struct params *run_given)
{
    struct element *element = context;
    (void)ordinal;
    params_add_number(lock_given, 1, element->gate ? element->gate : 1);
    params_add_number(run_given, 1, element->number);
    params_add_text(run_given, 2, element->word ? element->word : "good");
}

static const struct id *key(const void *context)
{
    static const struct id keys[2] = {{{1}}, {{2}}};
    const struct element *element = context;
    return &keys[element->gate == 2];
}

static void on_done(void *context, const struct db_result *result, int row)
{
    struct element *element = context;
    element->is_done = true;
    element->count++;
    element->outcome = result->outcome;
    if (element->order)
        element->place = ++*element->order;
    if (result->rows)
        snprintf(element->said, sizeof element->said, "%s",
                 rows_text(result->rows, row, "outcome"));
    if (result->error)
        memcpy(element->sqlstate, result->error->sqlstate, sizeof element->sqlstate);
    if (element->follower)
        assert_true(batcher_submit(element->follower_goes_to, element->follower));
}

static const struct batch_kind kind = {.name = "test",
                                       .lock = lock_params,
                                       .run = run_params,
                                       .elements_most = 100,
                                       .waiting_most = 1000,
                                       .in_flight_most = 1,
                                       .add = add,
                                       .key = key,
                                       .on_done = on_done};

struct scene {
    struct database *database;
    struct db *db;
    struct batcher *batcher;
};

static void open_scene(void **state, const struct batch_kind *of_kind, struct scene *scene)
{
    scene->database = *state;
    database_execute(scene->database, "truncate entered");
    scene->db = database_open(scene->database, (struct db_options){.statements = statements});
    scene->batcher = batcher_create(scene->db, of_kind);
    assert_ptr_equal(batcher_kind(scene->batcher), of_kind);
}

static void close_scene(struct scene *scene)
{
    batcher_destroy(scene->batcher);
    db_destroy(scene->db);
}

static void submit(struct scene *scene, struct element *elements, int count)
{
    for (int i = 0; i < count; i++) {
        elements[i].number = i;
        assert_true(batcher_submit(scene->batcher, &elements[i]));
    }
}

/* Waits for all elements. Each must have been answered once. */
static void wait(struct scene *scene, struct element *elements, int count)
{
    for (int i = 0; i < count; i++) {
        database_run_until(scene->database, &elements[i].is_done);
        assert_int_equal(elements[i].count, 1);
    }
}

static long entered(struct scene *scene)
{
    return database_number(scene->database, "select count(*) from entered");
}

static int set_up(void **state)
{
    database_set_up(state);
    database_execute(*state, "create table gate (id integer primary key)");
    database_execute(*state, "insert into gate values (1), (2)");
    database_execute(*state, "create table entered (number integer primary key, "
                             "word text constraint no_bad_word check (word <> 'bad'))");
    return 0;
}

static void the_first_goes_alone_and_the_rest_gather(void **state)
{
    struct scene scene;
    struct element elements[251] = {0};
    open_scene(state, &kind, &scene);
    submit(&scene, elements, 251);
    wait(&scene, elements, 251);
    struct batch_state now;
    batcher_state(scene.batcher, &now);
    assert_int_equal(now.batches, 4); /* 1, 100, 100, 50 */
    assert_int_equal(now.elements, 251);
    assert_int_equal(now.sizes[0], 1);
    assert_int_equal(now.sizes[6], 1); /* up to 64 */
    assert_int_equal(now.sizes[7], 2); /* up to 128 */
    assert_int_equal(now.waiting + now.in_flight, 0);
    for (int i = 0; i < 251; i++) {
        assert_int_equal(elements[i].outcome, DB_DONE);
        assert_string_equal(elements[i].said, "added");
    }
    assert_int_equal(entered(&scene), 251);
    close_scene(&scene);
}

static void one_bad_element_spoils_no_other(void **state)
{
    struct scene scene;
    struct element elements[30] = {[17] = {.word = "bad"}};
    open_scene(state, &kind, &scene);
    submit(&scene, elements, 30);
    wait(&scene, elements, 30);
    for (int i = 0; i < 30; i++)
        assert_int_equal(elements[i].outcome, i == 17 ? DB_REFUSED : DB_DONE);
    assert_string_equal(elements[17].sqlstate, "23514");
    assert_int_equal(entered(&scene), 29);
    struct batch_state now;
    batcher_state(scene.batcher, &now);
    assert_int_equal(now.reruns, 1);
    assert_int_equal(now.in_flight, 0);
    close_scene(&scene);
}

static void an_element_without_a_row_is_refused_and_nobody_gets_anothers_row(void **state)
{
    struct scene scene;
    struct element elements[5] = {[2] = {.word = "mute"}, [4] = {.word = "twin"}};
    open_scene(state, &kind, &scene);
    submit(&scene, elements, 5);
    wait(&scene, elements, 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(elements[i].outcome, i == 2 || i == 4 ? DB_REFUSED : DB_DONE);
    close_scene(&scene);
}

static void a_full_queue_refuses_and_then_takes_again(void **state)
{
    static struct batch_kind narrow;
    struct scene scene;
    struct element elements[4] = {{.number = 1}, {.number = 2}, {.number = 3}, {.number = 4}};
    narrow = kind;
    narrow.waiting_most = 2;
    open_scene(state, &narrow, &scene);
    for (int i = 0; i < 3; i++)
        assert_true(batcher_submit(scene.batcher, &elements[i]));
    assert_false(batcher_submit(scene.batcher, &elements[3]));
    wait(&scene, elements, 3);
    assert_int_equal(elements[3].count, 0);
    assert_true(batcher_submit(scene.batcher, &elements[3]));
    wait(&scene, elements, 4);
    close_scene(&scene);
}

static void an_element_may_submit_the_next_when_it_is_done(void **state)
{
    struct scene scene;
    struct element second = {.number = 2}, first = {.number = 1, .follower = &second};
    open_scene(state, &kind, &scene);
    first.follower_goes_to = scene.batcher;
    assert_true(batcher_submit(scene.batcher, &first));
    wait(&scene, &first, 1);
    wait(&scene, &second, 1);
    assert_string_equal(second.said, "added");
    close_scene(&scene);
}

/* Another session locks the row that all need, so that the batch is in flight. */
static void a_batch_whose_connection_died_is_sent_again_and_done_once(void **state)
{
    struct scene scene;
    struct element elements[20] = {0};
    open_scene(state, &kind, &scene);
    database_execute(scene.database, "begin");
    database_execute(scene.database, "select from gate for update");
    submit(&scene, elements, 20);
    database_run_ms(scene.database, 100);
    database_kill_others(scene.database);
    database_run_ms(scene.database, 50);
    database_execute(scene.database, "commit");
    wait(&scene, elements, 20);
    for (int i = 0; i < 20; i++)
        assert_int_equal(elements[i].outcome, DB_DONE);
    assert_int_equal(entered(&scene), 20);
    struct db_state now;
    db_state(scene.db, &now);
    assert_true(now.resent >= 1);
    close_scene(&scene);
}

static void destroying_ends_what_waits_and_what_is_in_flight(void **state)
{
    struct scene scene;
    struct element elements[20] = {0};
    open_scene(state, &kind, &scene);
    submit(&scene, elements, 20);
    batcher_destroy(scene.batcher);
    scene.batcher = NULL;
    for (int i = 0; i < 20; i++) {
        assert_int_equal(elements[i].count, 1);
        assert_int_equal(elements[i].outcome, DB_STOPPING);
    }
    database_run_ms(scene.database, 100);
    assert_int_equal(elements[0].count, 1);
    close_scene(&scene);
}

static void a_late_database_tells_every_element(void **state)
{
    struct scene scene;
    struct element elements[3] = {0};
    scene.database = *state;
    scene.db = database_open(scene.database,
                             (struct db_options){.statements = statements, .deadline_us = 300000});
    scene.batcher = batcher_create(scene.db, &kind);
    database_execute(scene.database, "begin");
    database_execute(scene.database, "select from gate for update");
    submit(&scene, elements, 3);
    wait(&scene, elements, 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(elements[i].outcome, DB_LATE);
    database_execute(scene.database, "commit");
    close_scene(&scene);
}

/* Another session locks gate 1. What needs gate 2 goes through, and what needs gate 1 keeps its
 * order. */
static void a_locked_key_holds_up_itself_alone(void **state)
{
    struct scene scene;
    struct element elements[20] = {0}, later[20] = {0};
    int order = 0;
    open_scene(state, &kind, &scene);
    database_execute(scene.database, "begin");
    database_execute(scene.database, "select from gate where id = 1 for update");
    for (int i = 0; i < 20; i++) {
        elements[i] = (struct element){.number = i, .gate = 1 + i % 2};
        later[i] = (struct element){.number = 20 + i, .gate = 1 + i % 2};
        if (i % 2 == 0)
            elements[i].order = later[i].order = &order;
        assert_true(batcher_submit(scene.batcher, &elements[i]));
    }
    for (int i = 1; i < 20; i += 2)
        wait(&scene, &elements[i], 1);
    for (int i = 0; i < 20; i++)
        assert_true(batcher_submit(scene.batcher, &later[i]));
    for (int i = 1; i < 20; i += 2)
        wait(&scene, &later[i], 1);
    database_run_ms(scene.database, 50);
    assert_int_equal(order, 0);
    assert_int_equal(entered(&scene), 20);
    database_execute(scene.database, "commit");
    for (int i = 0; i < 20; i += 2) {
        wait(&scene, &elements[i], 1);
        wait(&scene, &later[i], 1);
    }
    assert_int_equal(entered(&scene), 40);
    assert_int_equal(
        database_number(scene.database,
                        "select count(*) from (select number, lag(number) over (order "
                        "by ctid) as earlier from entered where number % 2 = 0) as line "
                        "where earlier > number"),
        0);
    struct batch_state now;
    batcher_state(scene.batcher, &now);
    assert_int_equal(now.waiting + now.in_flight + now.lines, 0);
    assert_int_equal(now.splits, 1);
    close_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_goes_alone_and_the_rest_gather),
        cmocka_unit_test(one_bad_element_spoils_no_other),
        cmocka_unit_test(an_element_without_a_row_is_refused_and_nobody_gets_anothers_row),
        cmocka_unit_test(a_full_queue_refuses_and_then_takes_again),
        cmocka_unit_test(an_element_may_submit_the_next_when_it_is_done),
        cmocka_unit_test(a_batch_whose_connection_died_is_sent_again_and_done_once),
        cmocka_unit_test(destroying_ends_what_waits_and_what_is_in_flight),
        cmocka_unit_test(a_late_database_tells_every_element),
        cmocka_unit_test(a_locked_key_holds_up_itself_alone),
    };
    return cmocka_run_group_tests(tests, set_up, database_tear_down);
}
