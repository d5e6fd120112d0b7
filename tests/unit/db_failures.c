/* Dead connections, a restarted server and a wrong schema: every query still ends once, and nothing
 * is done twice. */
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
STATEMENT(nap, "select pg_sleep($1)::text as done", .parameters = VALUES({"s", "double precision"}),
          .parameter_count = 1, .columns = VALUES({"done", "text"}), .column_count = 1);
STATEMENT(note, "insert into noted (word) values ($1)", .parameters = VALUES({"word", "text"}),
          .parameter_count = 1);
STATEMENT(wide, "select * from wide", .columns = VALUES({"a", "integer"}), .column_count = 1);
STATEMENT(wrong_type, "select 1 as a", .columns = VALUES({"a", "bigint"}), .column_count = 1);
STATEMENT(wrong_name, "select 1 as a", .columns = VALUES({"b", "integer"}), .column_count = 1);
STATEMENT(too_few, "select 1 as a, 2 as b", .columns = VALUES({"a", "integer"}), .column_count = 1);
STATEMENT(wrong_taken, "select $1::text[] as a", .parameters = VALUES({"a", "text"}),
          .parameter_count = 1, .columns = VALUES({"a", "text[]"}), .column_count = 1);
STATEMENT(untaken, "select 1 as a", .parameters = VALUES({"a", "text"}), .parameter_count = 1,
          .columns = VALUES({"a", "integer"}), .column_count = 1);
STATEMENT(absent, "select a from nowhere", .columns = VALUES({"a", "text"}), .column_count = 1);
STATEMENT(lock_one, "update tally set count = count + 1 where id = 1");
STATEMENT(lock_two, "update tally set count = count + 1 where id = 2");

static const struct statement *const statements[] = {&one, &echo, &nap, &note, NULL};

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

static void ask_once(struct db *db, const struct statement *statement, const char *value,
                     struct answer *answer)
{
    db_run(db, &(struct db_query){.run = text_params(statement, value),
                                  .on_done = answer_take,
                                  .context = answer});
}

static int set_up(void **state)
{
    database_set_up(state);
    database_execute(*state, "create table noted (word text unique)");
    database_execute(*state, "create table tally (id integer primary key, count integer not null)");
    database_execute(*state, "insert into tally values (1, 0)");
    return 0;
}

static void a_killed_backend_is_replaced_and_what_may_is_sent_again(void **state)
{
    struct database *database = *state;
    struct db *db = database_open(database, (struct db_options){.statements = statements});
    struct answer again[3] = {0}, once = {0};
    int order = 0;
    ask(db, &nap, "0.3", &again[0]);
    ask(db, &echo, "second", &again[1]);
    ask_once(db, &echo, "never twice", &once);
    ask(db, &echo, "third", &again[2]);
    for (int i = 0; i < 3; i++)
        again[i].order = &order;
    database_run_ms(database, 100);
    database_kill_others(database);
    answer_wait(database, &once);
    assert_int_equal(once.outcome, DB_LOST);
    for (int i = 0; i < 3; i++) {
        answer_wait(database, &again[i]);
        assert_int_equal(again[i].outcome, DB_DONE);
        assert_int_equal(again[i].place, i + 1);
    }
    assert_string_equal(again[2].value, "third");
    struct db_state now;
    db_state(db, &now);
    assert_int_equal(now.resent, 3);
    assert_true(now.reconnects >= 1);
    db_destroy(db);
}

static void what_was_not_sent_yet_is_not_lost(void **state)
{
    struct database *database = *state;
    struct db *db = database_open(database, (struct db_options){.statements = statements});
    struct answer first = {0}, waiting = {0};
    struct db_query slow = {.lane = DB_SLOW, .on_done = answer_take};
    slow.run = text_params(&nap, "0.3");
    slow.context = &first;
    db_run(db, &slow);
    slow.run = text_params(&nap, "0");
    slow.context = &waiting;
    db_run(db, &slow);
    database_run_ms(database, 100);
    database_kill_others(database);
    answer_wait(database, &waiting);
    assert_int_equal(first.outcome, DB_LOST);
    assert_int_equal(waiting.outcome, DB_DONE);
    db_destroy(db);
}

static void count_outcomes(const struct answer *answers, int count, long *ret_done, long *ret_lost)
{
    *ret_done = *ret_lost = 0;
    for (int i = 0; i < count; i++) {
        *ret_done += answers[i].count > 0 && answers[i].outcome == DB_DONE;
        *ret_lost += answers[i].count > 0 && answers[i].outcome == DB_LOST;
    }
}

/* Connections are killed again and again. Every query is answered once, every answered row exists,
 * and no row exists twice. */
static void under_repeated_kills_nothing_is_lost_or_doubled(void **state)
{
    struct database *database = *state;
    struct db *db = database_open(
        database, (struct db_options){.statements = statements, .hot_connections = 2});
    enum { ROUNDS = 10, ROUNDS_MOST = 500, EACH = 50 };
    static struct answer answers[ROUNDS_MOST * EACH];
    memset(answers, 0, sizeof answers);
    long done = 0, lost = 0;
    int round = 0;
    for (; round < ROUNDS || ((done == 0 || lost == 0) && round < ROUNDS_MOST); round++) {
        for (int i = 0; i < EACH; i++) {
            char word[32];
            snprintf(word, sizeof word, "kill %d", round * EACH + i);
            ask_once(db, &note, word, &answers[round * EACH + i]);
        }
        database_run_ms(database, round);
        database_kill_others(database);
        database_run_ms(database, 30);
        count_outcomes(answers, (round + 1) * EACH, &done, &lost);
    }
    for (int i = 0; i < round * EACH; i++) {
        answer_wait(database, &answers[i]);
        if (answers[i].outcome == DB_DONE) {
            char sql[96];
            snprintf(sql, sizeof sql, "select count(*) from noted where word = 'kill %d'", i);
            assert_int_equal(database_number(database, sql), 1);
        }
    }
    count_outcomes(answers, round * EACH, &done, &lost);
    assert_int_equal(done + lost, round * EACH);
    assert_true(done > 0 && lost > 0);
    db_destroy(db);
}

/* The victim of a deadlock was rolled back, so it is sent again. */
static void a_deadlock_is_tried_again(void **state)
{
    struct database *database = *state;
    const struct statement *const both[] = {&lock_one, &lock_two, NULL};
    database_execute(database, "insert into tally values (2, 0)");
    database_execute(database, "update tally set count = 0");
    struct db *db = database_open(database, (struct db_options){.statements = both});
    struct answer answer = {0};
    database_execute(database, "begin");
    database_execute(database, "set local deadlock_timeout = '20s'");
    database_execute(database, "update tally set count = 10 where id = 2");
    db_run(db, &(struct db_query){.lock = params_for(&lock_one),
                                  .run = params_for(&lock_two),
                                  .on_done = answer_take,
                                  .context = &answer});
    database_run_ms(database, 200);
    assert_int_equal(PQsendQuery(database->pg, "update tally set count = 10 where id = 1"), 1);
    database_run_ms(database, 1500);
    PGresult *result;
    while ((result = PQgetResult(database->pg))) {
        assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
        PQclear(result);
    }
    database_execute(database, "commit");
    answer_wait(database, &answer);
    assert_int_equal(answer.outcome, DB_DONE);
    assert_int_equal(database_number(database, "select sum(count) from tally"), 22);
    db_destroy(db);
    database_execute(database, "delete from tally where id = 2");
}

/* After a migration the prepared plan gives other columns. */
static void a_connection_whose_plans_went_stale_is_made_anew(void **state)
{
    struct database *database = *state;
    database_execute(database, "create table wide (a integer)");
    database_execute(database, "insert into wide values (7)");
    const struct statement *const only[] = {&wide, &one, NULL};
    struct db *db = database_open(database, (struct db_options){.statements = only});
    struct answer before = {0}, after = {0};
    ask(db, &wide, NULL, &before);
    answer_wait(database, &before);
    assert_string_equal(before.value, "7");
    database_execute(database, "alter table wide add column b text");
    ask(db, &wide, NULL, &after);
    database_run_ms(database, 300);
    database_execute(database, "alter table wide drop column b");
    answer_wait(database, &after);
    assert_int_equal(after.outcome, DB_DONE);
    assert_string_equal(after.value, "7");
    struct db_state now;
    db_state(db, &now);
    assert_true(now.reconnects >= 1);
    db_destroy(db);
}

struct complaint {
    bool is_here;
    char sentence[256];
};

static void on_fatal(void *context, const char *sentence)
{
    struct complaint *complaint = context;
    if (!complaint->is_here)
        snprintf(complaint->sentence, sizeof complaint->sentence, "%s", sentence);
    complaint->is_here = true;
}

static void is_fatal(struct database *database, const char *conninfo,
                     const struct statement *statement, const char *expected)
{
    struct complaint complaint = {0};
    const struct statement *const list[] = {&one, statement, NULL};
    struct db *db = db_create(&(struct db_options){.loop = database->loop,
                                                   .conninfo = conninfo,
                                                   .statements = list,
                                                   .hot_connections = 1,
                                                   .slow_connections = 1,
                                                   .queue_most = 10,
                                                   .deadline_us = CLOCK_SECOND_US,
                                                   .on_fatal = on_fatal,
                                                   .context = &complaint});
    database_run_until(database, &complaint.is_here);
    if (!strstr(complaint.sentence, expected))
        fail_msg("\"%s\" is not in \"%s\"", expected, complaint.sentence);
    assert_null(strchr(complaint.sentence, '\n'));
    assert_false(db_is_ready(db));
    db_destroy(db);
}

static void a_wrong_declaration_is_fatal_and_names_the_file(void **state)
{
    struct database *database = *state;
    const char *conninfo = database->conninfo;
    is_fatal(database, conninfo, &wrong_type,
             "test/wrong_type.sql: declares column 1 as a bigint, the database gives a integer");
    is_fatal(database, conninfo, &wrong_name,
             "test/wrong_name.sql: declares column 1 as b integer, the database gives a integer");
    is_fatal(database, conninfo, &too_few, "test/too_few.sql: declares 1 columns");
    is_fatal(database, conninfo, &wrong_taken,
             "test/wrong_taken.sql: declares $1 a as text, the database takes text[]");
    is_fatal(database, conninfo, &untaken, "test/untaken.sql: declares 1 parameters");
    is_fatal(database, conninfo, &absent, "test/absent.sql: relation \"nowhere\" does not exist");
}

static void a_wrong_conninfo_is_fatal_and_says_why(void **state)
{
    struct database *database = *state;
    char conninfo[1024];
    snprintf(conninfo, sizeof conninfo, "%s dbname=no_such_database", database->conninfo);
    is_fatal(database, conninfo, NULL, "no_such_database");
    snprintf(conninfo, sizeof conninfo, "%s user=no_such_role", database->conninfo);
    is_fatal(database, conninfo, NULL, "no_such_role");
}

static void an_unmigrated_database_is_waited_for(void **state)
{
    struct database *database = *state;
    struct db *db = db_create(&(struct db_options){.loop = database->loop,
                                                   .conninfo = database->conninfo,
                                                   .statements = statements,
                                                   .hot_connections = 1,
                                                   .queue_most = 10,
                                                   .deadline_us = 5 * CLOCK_SECOND_US,
                                                   .schema = {.version = 2, .functions = 7}});
    struct answer answer = {0};
    struct db_state now;
    ask(db, &one, NULL, &answer);
    database_run_ms(database, 300);
    assert_false(db_is_ready(db));
    db_state(db, &now);
    assert_int_equal(now.absence, DB_NOT_MIGRATED);
    database_execute(database, "create table schema_migration (version integer)");
    database_execute(database, "create table schema_function (checksum bigint)");
    database_execute(database, "insert into schema_migration values (1)");
    database_run_ms(database, 1200);
    assert_false(db_is_ready(db));
    db_state(db, &now);
    assert_int_equal(now.schema_version_found, 1);
    assert_int_equal(now.absence, DB_NOT_MIGRATED);
    database_execute(database, "insert into schema_migration values (2)");
    database_run_ms(database, 1200);
    assert_false(db_is_ready(db)); /* the functions are missing */
    database_execute(database, "insert into schema_function values (5), (2)");
    answer_wait(database, &answer);
    assert_int_equal(answer.outcome, DB_DONE);
    assert_true(db_is_ready(db));
    db_state(db, &now);
    assert_int_equal(now.absence, DB_PRESENT);
    db_destroy(db);
    database_execute(database, "drop table schema_migration, schema_function");
}

static void where_there_is_no_server_queries_wait_for_their_deadline(void **state)
{
    struct database *database = *state;
    struct db *db = db_create(&(struct db_options){.loop = database->loop,
                                                   .conninfo = "host=/nowhere",
                                                   .statements = statements,
                                                   .hot_connections = 2,
                                                   .queue_most = 10,
                                                   .deadline_us = CLOCK_SECOND_US / 2});
    struct answer answer = {0};
    int64_t start_us = clock_monotonic_us();
    ask(db, &one, NULL, &answer);
    answer_wait(database, &answer);
    assert_int_equal(answer.outcome, DB_LATE);
    assert_true(clock_monotonic_us() - start_us >= CLOCK_SECOND_US / 2);
    db_destroy(db);
}

static void a_restart_of_the_server_is_a_pause_and_no_error(void **state)
{
    struct database *database = *state;
    struct db *db = database_open(database, (struct db_options){.statements = statements,
                                                                .hot_connections = 2,
                                                                .deadline_us = 9000000});
    static const char *const modes[] = {"fast", "immediate"};
    for (int i = 0; i < 2; i++) {
        struct answer during = {0}, after = {0};
        char action[64];
        ask(db, &nap, "0.5", &during);
        database_run_ms(database, 100);
        snprintf(action, sizeof action, "-m %s -w stop", modes[i]);
        database_control(action);
        database_run_ms(database, 500);
        assert_false(db_is_ready(db));
        ask(db, &echo, "after", &after);
        database_control("-w start");
        answer_wait(database, &during);
        answer_wait(database, &after);
        assert_int_equal(during.outcome, DB_DONE);
        assert_int_equal(after.outcome, DB_DONE);
        PQreset(database->pg);
    }
    db_destroy(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_backend_is_replaced_and_what_may_is_sent_again),
        cmocka_unit_test(what_was_not_sent_yet_is_not_lost),
        cmocka_unit_test(under_repeated_kills_nothing_is_lost_or_doubled),
        cmocka_unit_test(a_deadlock_is_tried_again),
        cmocka_unit_test(a_connection_whose_plans_went_stale_is_made_anew),
        cmocka_unit_test(a_wrong_declaration_is_fatal_and_names_the_file),
        cmocka_unit_test(a_wrong_conninfo_is_fatal_and_says_why),
        cmocka_unit_test(an_unmigrated_database_is_waited_for),
        cmocka_unit_test(where_there_is_no_server_queries_wait_for_their_deadline),
        cmocka_unit_test(a_restart_of_the_server_is_a_pause_and_no_error),
    };
    return cmocka_run_group_tests(tests, set_up, database_tear_down);
}
