/* The database module with a real PostgreSQL: every query ends exactly once and as db.h says,
 * whatever happens to the connection, the statement or the server. */
#include "db/db.h"
#include "db/inside.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/clock.h"
#include "database.h"

STATEMENT(one, "select 1 as number", .columns = VALUES({"number", "integer"}), .column_count = 1);
STATEMENT(echo, "select $1::text as value", .parameters = VALUES({"value", "text"}),
          .parameter_count = 1, .columns = VALUES({"value", "text"}), .column_count = 1);
STATEMENT(divide, "select 1 / $1::integer as number", .parameters = VALUES({"by", "integer"}),
          .parameter_count = 1, .columns = VALUES({"number", "integer"}), .column_count = 1);
STATEMENT(nap, "select pg_sleep($1)::text as done", .parameters = VALUES({"s", "double precision"}),
          .parameter_count = 1, .columns = VALUES({"done", "text"}), .column_count = 1);
STATEMENT(note, "insert into noted (word) values ($1)", .parameters = VALUES({"word", "text"}),
          .parameter_count = 1);
STATEMENT(lock_tally, "select from tally where id = 1 for update");
STATEMENT(read_tally, "select count from tally where id = 1",
          .columns = VALUES({"count", "integer"}), .column_count = 1);
STATEMENT(lock_and_read,
          "with locked as materialized (select id from tally where id = 1 for update) "
          "select (select count from tally where tally.id = locked.id) as count from locked",
          .columns = VALUES({"count", "integer"}), .column_count = 1);

STATEMENT(prepared, "select count(*) as number from pg_prepared_statements",
          .columns = VALUES({"number", "bigint"}), .column_count = 1);

static const struct statement *const statements[] = {
    &one, &echo, &divide, &nap, &note, &lock_tally, &read_tally, &lock_and_read, &prepared, NULL};

static struct params *text_params(const struct statement *statement, const char *text)
{
    struct params *params = params_for(statement);
    params_text(params, 1, text);
    return params;
}

static void ask(struct db *db, const struct statement *statement, const char *value,
                struct answer *answer)
{
    db_ask(db, value ? text_params(statement, value) : params_for(statement), answer_take, answer);
}

static int set_up(void **state)
{
    database_set_up(state);
    database_execute(*state, "create table noted (word text unique)");
    database_execute(*state, "create table tally (id integer primary key, count integer not null)");
    database_execute(*state, "insert into tally values (1, 0)");
    return 0;
}

static void an_answer_comes_once_and_never_before_the_call_returned(void **state)
{
    struct database *database = *state;
    struct db *db = database_open(database, (struct db_options){.statements = statements});
    struct answer answer = {0};
    assert_true(db_is_ready(db));
    ask(db, &echo, "it's {\"quoted\"} \\ ü", &answer);
    assert_false(answer.is_here);
    answer_wait(database, &answer);
    assert_int_equal(answer.outcome, DB_DONE);
    assert_string_equal(answer.value, "it's {\"quoted\"} \\ ü");
    db_destroy(db);
    assert_int_equal(answer.count, 1);
}

static void run_on(struct database *database, struct db *db, enum db_lane lane,
                   const struct statement *statement, struct answer *answer)
{
    *answer = (struct answer){0};
    db_run(db, &(struct db_query){.lane = lane,
                                  .run = params_for(statement),
                                  .on_done = answer_take,
                                  .context = answer});
    answer_wait(database, answer);
    assert_int_equal(answer->outcome, DB_DONE);
}

static void one_connection_prepares_all_statements_the_others_what_they_run(void **state)
{
    struct database *database = *state;
    struct db *db = database_open(
        database,
        (struct db_options){.statements = statements, .hot_connections = 1, .slow_connections = 1});
    struct answer answer;
    run_on(database, db, DB_HOT, &prepared, &answer);
    assert_string_equal(answer.value, "9");
    run_on(database, db, DB_SLOW, &prepared, &answer);
    assert_string_equal(answer.value, "1");
    run_on(database, db, DB_SLOW, &one, &answer);
    run_on(database, db, DB_SLOW, &one, &answer);
    run_on(database, db, DB_SLOW, &prepared, &answer);
    assert_string_equal(answer.value, "2");
    db_destroy(db);
}

/* While a table is away, what needs it fails; the statement is prepared once it is back. */
static void a_statement_that_cannot_be_prepared_is_tried_again(void **state)
{
    struct database *database = *state;
    struct db *db = database_open(
        database,
        (struct db_options){.statements = statements, .hot_connections = 1, .slow_connections = 1});
    struct answer answer = {0};
    database_execute(database, "alter table tally rename to hidden");
    db_run(db, &(struct db_query){.lane = DB_SLOW,
                                  .lock = params_for(&lock_tally),
                                  .run = params_for(&read_tally),
                                  .on_done = answer_take,
                                  .context = &answer});
    answer_wait(database, &answer);
    assert_int_equal(answer.outcome, DB_LATE);
    database_execute(database, "alter table hidden rename to tally");
    run_on(database, db, DB_SLOW, &read_tally, &answer);
    assert_string_equal(answer.value, "0");
    db_destroy(db);
}

static void neighbours_in_the_pipeline_survive_the_error_of_one(void **state)
{
    struct database *database = *state;
    struct db *db = database_open(database, (struct db_options){.statements = statements});
    struct answer answers[9] = {0};
    int order = 0;
    for (int i = 0; i < 9; i++) {
        answers[i].order = &order;
        ask(db, &divide, i % 3 == 1 ? "0" : "1", &answers[i]);
    }
    for (int i = 0; i < 9; i++) {
        answer_wait(database, &answers[i]);
        assert_int_equal(answers[i].place, i + 1);
        assert_int_equal(answers[i].outcome, i % 3 == 1 ? DB_REFUSED : DB_DONE);
        if (i % 3 == 1)
            assert_string_equal(answers[i].error.sqlstate, "22012");
    }
    db_destroy(db);
}

static void an_error_names_its_constraint(void **state)
{
    struct database *database = *state;
    struct db *db = database_open(database, (struct db_options){.statements = statements});
    struct answer first = {0}, second = {0};
    ask(db, &note, "unique", &first);
    ask(db, &note, "unique", &second);
    answer_wait(database, &second);
    assert_int_equal(first.outcome, DB_DONE);
    assert_int_equal(second.outcome, DB_REFUSED);
    assert_string_equal(second.error.sqlstate, "23505");
    assert_string_equal(second.constraint, "noted_word_key");
    db_destroy(db);
}

static void two_statements_are_one_transaction(void **state)
{
    struct database *database = *state;
    struct db *db = database_open(database, (struct db_options){.statements = statements});
    struct answer answer = {0};
    db_run(db, &(struct db_query){.lock = text_params(&note, "undone"),
                                  .run = text_params(&divide, "0"),
                                  .on_done = answer_take,
                                  .context = &answer});
    answer_wait(database, &answer);
    assert_int_equal(answer.outcome, DB_REFUSED);
    assert_int_equal(database_number(database, "select count(*) from noted where word = 'undone'"),
                     0);
    db_destroy(db);
}

/* Runs `query`, which reads a count. Another session changes it to 42 while the query waits for the
 * lock. */
static void read_while_locked(struct database *database, struct db_query query,
                              struct answer *answer)
{
    struct db *db = database_open(database, (struct db_options){.statements = statements});
    query.lane = DB_LOCKING;
    query.on_done = answer_take;
    query.context = answer;
    database_execute(database, "update tally set count = 41 where id = 1");
    database_execute(database, "begin");
    database_execute(database, "update tally set count = 42 where id = 1");
    db_run(db, &query);
    database_run_ms(database, 200);
    assert_false(answer->is_here);
    database_execute(database, "commit");
    answer_wait(database, answer);
    assert_int_equal(answer->outcome, DB_DONE);
    db_destroy(db);
}

/* Also shows the hazard: with lock and decision in one statement, the decision's snapshot is from
 * before the wait. */
static void the_second_statement_sees_what_the_first_waited_for(void **state)
{
    struct database *database = *state;
    struct answer two = {0}, one_only = {0};
    read_while_locked(
        database,
        (struct db_query){.lock = params_for(&lock_tally), .run = params_for(&read_tally)}, &two);
    assert_string_equal(two.value, "42");
    read_while_locked(database, (struct db_query){.run = params_for(&lock_and_read)}, &one_only);
    assert_string_equal(one_only.value, "41");
}

/* An answered change must survive when the server dies at once. */
static void done_means_that_others_see_it(void **state)
{
    struct database *database = *state;
    struct db *db = database_open(database, (struct db_options){.statements = statements});
    for (int i = 0; i < 200; i++) {
        char word[32], sql[96];
        struct answer answer = {0};
        snprintf(word, sizeof word, "seen %d", i);
        snprintf(sql, sizeof sql, "select count(*) from noted where word = '%s'", word);
        ask(db, &note, word, &answer);
        answer_wait(database, &answer);
        assert_int_equal(database_number(database, sql), 1);
    }
    db_destroy(db);
}

static void a_full_queue_refuses_from_the_loop_and_then_recovers(void **state)
{
    struct database *database = *state;
    struct db *db =
        database_open(database, (struct db_options){.statements = statements, .queue_most = 3});
    struct answer answers[5] = {0};
    for (int i = 0; i < 5; i++)
        ask(db, &nap, "0.2", &answers[i]);
    assert_false(answers[3].is_here || answers[4].is_here);
    answer_wait(database, &answers[4]);
    assert_int_equal(answers[3].outcome, DB_FULL);
    assert_int_equal(answers[4].outcome, DB_FULL);
    answer_wait(database, &answers[2]);
    assert_int_equal(answers[2].outcome, DB_DONE);
    struct answer later = {0};
    ask(db, &one, NULL, &later);
    answer_wait(database, &later);
    assert_int_equal(later.outcome, DB_DONE);
    struct db_state now;
    db_state(db, &now);
    assert_int_equal(now.running[DB_HOT] + now.waiting[DB_HOT], 0);
    assert_int_equal(now.queries, 6);
    assert_int_equal(now.failures, 2);
    db_destroy(db);
}

/* The pipeline has 64 places. Further queries wait in the service. */
static void more_than_a_pipeline_holds_is_answered_in_order(void **state)
{
    struct database *database = *state;
    struct db *db = database_open(database, (struct db_options){.statements = statements});
    enum { MANY = 1000 };
    static struct answer answers[MANY];
    int order = 0;
    memset(answers, 0, sizeof answers);
    for (int i = 0; i < MANY; i++) {
        answers[i].order = &order;
        ask(db, &one, NULL, &answers[i]);
    }
    answer_wait(database, &answers[MANY - 1]);
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(answers[i].outcome, DB_DONE);
        assert_int_equal(answers[i].place, i + 1);
    }
    db_destroy(db);
}

/* Both directions of the socket are full at once. A client that only wrote would hang. */
static void large_queries_and_answers_do_not_block_each_other(void **state)
{
    struct database *database = *state;
    struct db *db =
        database_open(database, (struct db_options){.statements = statements,
                                                    .deadline_us = 30 * CLOCK_SECOND_US});
    enum { MANY = 20, BYTES = 1000000 };
    static struct answer answers[MANY];
    memset(answers, 0, sizeof answers);
    char *large = malloc(BYTES + 1);
    assert_non_null(large);
    memset(large, 'x', BYTES);
    large[BYTES] = '\0';
    for (int i = 0; i < MANY; i++)
        ask(db, &echo, large, &answers[i]);
    free(large);
    answer_wait(database, &answers[MANY - 1]);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(answers[i].outcome, DB_DONE);
    db_destroy(db);
}

static void a_deadline_ends_what_waits_and_what_runs(void **state)
{
    struct database *database = *state;
    struct db *db = database_open(
        database, (struct db_options){.statements = statements, .deadline_us = CLOCK_SECOND_US});
    struct answer behind[3] = {0};
    int64_t start_us = clock_monotonic_us();
    for (int i = 0; i < 3; i++)
        ask(db, &nap, "0.8", &behind[i]);
    for (int i = 0; i < 3; i++)
        answer_wait(database, &behind[i]);
    assert_int_equal(behind[0].outcome, DB_DONE);
    assert_int_equal(behind[1].outcome, DB_LATE);
    assert_int_equal(behind[2].outcome, DB_LATE);
    assert_true(clock_monotonic_us() - start_us < 3 * CLOCK_SECOND_US / 2);
    /* Their results still come, but are not reported twice. Then the connection is free again. */
    database_run_ms(database, 2000);
    assert_int_equal(behind[1].count + behind[2].count, 2);
    struct answer after = {0};
    ask(db, &one, NULL, &after);
    answer_wait(database, &after);
    assert_int_equal(after.outcome, DB_DONE);
    db_destroy(db);
}

static void a_statement_that_takes_too_long_is_cut_off_by_the_server(void **state)
{
    struct database *database = *state;
    struct db *db = database_open(
        database, (struct db_options){.statements = statements, .deadline_us = 500000});
    struct answer answer = {0};
    ask(db, &nap, "60", &answer);
    answer_wait(database, &answer);
    assert_int_equal(answer.outcome, DB_LATE);
    database_run_ms(database, 300);
    struct db_state now;
    db_state(db, &now);
    assert_int_equal(now.running[DB_HOT], 0);
    assert_int_equal(now.reconnects, 0);
    db_destroy(db);
}

static void the_slow_lane_does_not_hold_up_the_hot_one(void **state)
{
    struct database *database = *state;
    struct db *db = database_open(database, (struct db_options){.statements = statements});
    struct answer slow = {0}, hot = {0};
    db_run(db, &(struct db_query){.lane = DB_SLOW,
                                  .run = text_params(&nap, "0.5"),
                                  .on_done = answer_take,
                                  .context = &slow});
    ask(db, &one, NULL, &hot);
    answer_wait(database, &hot);
    assert_false(slow.is_here);
    answer_wait(database, &slow);
    assert_int_equal(slow.outcome, DB_DONE);
    db_destroy(db);
}

static void destroying_ends_everything_once(void **state)
{
    struct database *database = *state;
    struct db *db =
        database_open(database, (struct db_options){.statements = statements, .queue_most = 100});
    struct answer answers[101] = {0};
    for (int i = 0; i < 101; i++)
        ask(db, &nap, "1", &answers[i]);
    db_destroy(db);
    for (int i = 0; i < 101; i++) {
        assert_int_equal(answers[i].count, 1);
        assert_int_equal(answers[i].outcome, DB_STOPPING);
    }
    db_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_comes_once_and_never_before_the_call_returned),
        cmocka_unit_test(one_connection_prepares_all_statements_the_others_what_they_run),
        cmocka_unit_test(a_statement_that_cannot_be_prepared_is_tried_again),
        cmocka_unit_test(neighbours_in_the_pipeline_survive_the_error_of_one),
        cmocka_unit_test(an_error_names_its_constraint),
        cmocka_unit_test(two_statements_are_one_transaction),
        cmocka_unit_test(the_second_statement_sees_what_the_first_waited_for),
        cmocka_unit_test(done_means_that_others_see_it),
        cmocka_unit_test(a_full_queue_refuses_from_the_loop_and_then_recovers),
        cmocka_unit_test(more_than_a_pipeline_holds_is_answered_in_order),
        cmocka_unit_test(large_queries_and_answers_do_not_block_each_other),
        cmocka_unit_test(a_deadline_ends_what_waits_and_what_runs),
        cmocka_unit_test(a_statement_that_takes_too_long_is_cut_off_by_the_server),
        cmocka_unit_test(the_slow_lane_does_not_hold_up_the_hot_one),
        cmocka_unit_test(destroying_ends_everything_once),
    };
    return cmocka_run_group_tests(tests, set_up, database_tear_down);
}
