/* Migrations and blocking sessions with a real PostgreSQL: migrations are applied in order, once
 * and completely, and errors of a session are one sentence. */
#include "db/inside.h"
#include "db/migrate.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "database.h"
#include "db/session.h"

static const struct migration first_two[] = {
    {"0001_first", "create table a (x integer);\ninsert into a values (1);\n"},
    {"0002_second", "alter table a add column y text; -- 'quoted'\n"},
    {0}};
static const struct migration all_three[] = {
    {"0001_first", "create table a (x integer);\ninsert into a values (1);\n"},
    {"0002_second", "alter table a add column y text; -- 'quoted'\n"},
    {"0003_third", "create table c ()"},
    {0}};

static const struct migration no_functions[] = {{0}};

static void on_step(void *context, const char *name)
{
    struct buffer *steps = context;
    buffer_printf(steps, "%s ", name);
}

static bool migrate_all(struct database *database, const struct migration *migrations,
                        const struct migration *functions, struct buffer *steps,
                        struct buffer *error)
{
    buffer_clear(error);
    return migrate_run(database->conninfo, "", migrations, functions, steps ? on_step : NULL, steps,
                       error);
}

static bool migrate(struct database *database, const struct migration *migrations,
                    struct buffer *steps, struct buffer *error)
{
    return migrate_all(database, migrations, no_functions, steps, error);
}

static void clean(struct database *database)
{
    database_execute(database, "set client_min_messages = error");
    database_execute(database, "drop table if exists a, b, c, schema_migration, schema_function "
                               "cascade");
    database_execute(database, "drop function if exists double(integer), triple(integer), "
                               "triple(bigint), negate(), half(integer)");
}

static void are_refused(struct database *database, const struct migration *migrations,
                        const struct migration *functions, const char *reason)
{
    struct buffer error = {0};
    assert_false(migrate_all(database, migrations, functions, NULL, &error));
    if (!strstr(buffer_text(&error), reason))
        fail_msg("\"%s\" is not in \"%s\"", reason, buffer_text(&error));
    assert_null(strchr(buffer_text(&error), '\n'));
    buffer_finish(&error);
}

static void is_refused(struct database *database, const struct migration *migrations,
                       const char *reason)
{
    are_refused(database, migrations, no_functions, reason);
}

static void they_are_applied_in_order_and_once(void **state)
{
    struct database *database = *state;
    struct buffer steps = {0}, error = {0};
    clean(database);
    assert_true(migrate(database, first_two, &steps, &error));
    assert_string_equal(buffer_text(&steps), "0001_first 0002_second ");
    buffer_clear(&steps);
    assert_true(migrate(database, all_three, &steps, &error));
    assert_string_equal(buffer_text(&steps), "0003_third ");
    assert_true(migrate(database, all_three, NULL, &error));
    assert_string_equal(buffer_text(&error), "");
    assert_int_equal(database_number(database, "select count(*) from a"), 1);
    assert_int_equal(database_number(database, "select max(version) from schema_migration"), 3);
    buffer_finish(&steps);
    buffer_finish(&error);
}

static void a_changed_a_missing_and_a_left_out_one_are_refused(void **state)
{
    struct database *database = *state;
    static const struct migration changed[] = {
        {"0001_first", "create table a (x integer);\ninsert into a values (2);\n"}, {0}};
    static const struct migration missing[] = {
        {"0001_first", "create table a (x integer);\ninsert into a values (1);\n"}, {0}};
    struct buffer error = {0};
    clean(database);
    assert_true(migrate(database, first_two, NULL, &error));
    is_refused(database, changed, "0001_first.sql was changed after it was applied");
    is_refused(database, missing, "0002_second was applied to this database and is not here");
    database_execute(database, "delete from schema_migration where version = 1");
    is_refused(database, all_three, "0001_first.sql was left out");
    assert_int_equal(database_number(database, "select count(*) from pg_class where relname = 'c' "
                                               "and relnamespace = current_schema::regnamespace"),
                     0);
    buffer_finish(&error);
}

static void a_failing_one_leaves_nothing_of_itself_and_of_those_before_it(void **state)
{
    struct database *database = *state;
    static const struct migration failing[] = {
        {"0001_first", "create table a ()"},
        {"0002_second", "create table b ();\n-- ü\nselect nonsense from b;\n"},
        {"0003_third", "create table c ()"},
        {0}};
    clean(database);
    is_refused(database, failing, "migrations/0002_second.sql: line 3: column \"nonsense\"");
    assert_int_equal(database_number(database, "select count(*) from pg_class where relname in "
                                               "('a', 'b', 'c', 'schema_migration') and "
                                               "relnamespace = current_schema()::regnamespace"),
                     0);
}

static void one_that_ends_its_transaction_is_refused(void **state)
{
    struct database *database = *state;
    static const struct migration ending[] = {{"0001_first", "create table a (); commit"}, {0}};
    clean(database);
    is_refused(database, ending, "it ends the transaction");
}

#define FUNCTION(name, takes, body)                                                                \
    "create function " name "(" takes ") returns integer language sql as $$ " body " $$;\n"

static const struct migration functions[] = {
    {"functions/double", FUNCTION("double", "integer", "select 2 * $1")},
    {"functions/triple", FUNCTION("triple", "integer", "select 3 * $1")},
    {"functions/negate",
     "create function negate() returns trigger language plpgsql as "
     "$$ begin new.x := -new.x; return new; end $$;\n"
     "create trigger negate before insert on a for each row execute function negate();\n"
     "create view v as select double(x) as y from a;\n"},
    {0}};

static int64_t oid_of(struct database *database, const char *function)
{
    char sql[100];
    snprintf(sql, sizeof sql, "select '%s'::regproc::oid::integer", function);
    return database_number(database, sql);
}

static void functions_are_applied_again_when_their_text_changes(void **state)
{
    struct database *database = *state;
    /* Another signature, another body, a moved function, and a missing file. */
    static const struct migration changed[] = {
        {"functions/half", FUNCTION("half", "integer", "select $1 / 2")},
        {"functions/double", FUNCTION("double", "integer", "select 2 * $1")},
        {"functions/triple", "create function triple(bigint) returns bigint language sql as "
                             "$$ select 3 * $1 + 1 $$;\n"},
        {0}};
    struct buffer steps = {0}, error = {0};
    clean(database);
    assert_true(migrate_all(database, first_two, functions, &steps, &error));
    assert_string_equal(buffer_text(&steps), "0001_first 0002_second functions/double "
                                             "functions/triple functions/negate ");
    database_execute(database, "insert into a values (5)");
    assert_int_equal(database_number(database, "select min(y) from v"), -10);
    int64_t unchanged = oid_of(database, "double");
    buffer_clear(&steps);
    assert_true(migrate_all(database, first_two, functions, &steps, &error));
    assert_string_equal(buffer_text(&steps), "");
    assert_int_equal(oid_of(database, "double"), unchanged);

    assert_true(migrate_all(database, all_three, changed, &steps, &error));
    assert_string_equal(buffer_text(&steps), "0003_third functions/half functions/triple ");
    assert_int_equal(oid_of(database, "double"), unchanged);
    assert_int_equal(database_number(database, "select triple(2)"), 7);
    assert_int_equal(database_number(database, "select half(4)"), 2);
    assert_int_equal(database_number(database, "select count(*) from pg_trigger where tgname = "
                                               "'negate'"),
                     0);
    assert_int_equal(database_number(database, "select count(*) from pg_views where viewname = 'v' "
                                               "and schemaname = current_schema()"),
                     0);
    buffer_finish(&steps);
    buffer_finish(&error);
}

static void a_failing_function_rolls_everything_back(void **state)
{
    struct database *database = *state;
    static const struct migration failing[] = {
        {"functions/double", FUNCTION("double", "integer", "select 4 * $1")},
        {"functions/triple", FUNCTION("triple", "integer", "select\n nonsense")},
        {0}};
    struct buffer error = {0};
    clean(database);
    assert_true(migrate_all(database, first_two, functions, NULL, &error));
    are_refused(database, all_three, failing,
                "migrations/functions/triple.sql: line 2: column \"nonsense\"");
    assert_int_equal(database_number(database, "select double(1)"), 2);
    assert_int_equal(database_number(database, "select triple(1)"), 3);
    assert_int_equal(database_number(database, "select max(version) from schema_migration"), 2);
    assert_int_equal(database_number(database, "select count(*) from pg_trigger where tgname = "
                                               "'negate'"),
                     1);
    assert_true(migrate_all(database, first_two, functions, NULL, &error));
    buffer_finish(&error);
}

/* Another file needs a function of the changed file. */
static void a_function_that_others_depend_on_is_not_dropped(void **state)
{
    struct database *database = *state;
    static const struct migration changed[] = {
        {"functions/double", FUNCTION("double", "integer", "select 4 * $1")},
        {"functions/triple", FUNCTION("triple", "integer", "select 3 * $1")},
        {0}};
    struct buffer error = {0};
    clean(database);
    assert_true(migrate_all(database, first_two, functions, NULL, &error));
    database_execute(database, "create table c (x integer default double(1))");
    are_refused(database, first_two, changed, "cannot drop function double(integer)");
    assert_int_equal(database_number(database, "select double(1)"), 2);
    buffer_finish(&error);
}

struct runner {
    pthread_t thread;
    struct database *database;
    struct buffer steps, error;
    bool right;
};

static void *run_slow_migrations(void *context)
{
    static const struct migration slow[] = {
        {"0001_first", "create table a (); select pg_sleep(0.2)"},
        {"0002_second", "create table b (); select pg_sleep(0.2)"},
        {0}};
    struct runner *runner = context;
    runner->right = migrate(runner->database, slow, &runner->steps, &runner->error);
    return NULL;
}

static void two_at_once_do_no_harm(void **state)
{
    struct database *database = *state;
    struct runner runners[2] = {{.database = database}, {.database = database}};
    clean(database);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&runners[i].thread, NULL, run_slow_migrations, &runners[i]),
                         0);
    for (int i = 0; i < 2; i++)
        pthread_join(runners[i].thread, NULL);
    for (int i = 0; i < 2; i++) {
        if (!runners[i].right)
            fail_msg("%s", buffer_text(&runners[i].error));
    }
    assert_int_equal(runners[0].steps.length + runners[1].steps.length,
                     strlen("0001_first 0002_second "));
    for (int i = 0; i < 2; i++) {
        buffer_finish(&runners[i].steps);
        buffer_finish(&runners[i].error);
    }
}

static void a_server_that_is_not_there_is_one_sentence(void **state)
{
    (void)state;
    struct buffer error = {0};
    struct db_session *session;
    assert_false(migrate_run("host=/nowhere", "", first_two, no_functions, NULL, NULL, &error));
    assert_non_null(strstr(buffer_text(&error), "/nowhere"));
    assert_null(strchr(buffer_text(&error), '\n'));
    buffer_clear(&error);
    assert_false(db_session_open("no such setting", (struct schema){0}, NULL, &session, &error));
    assert_true(error.length > 0);
    assert_null(strchr(buffer_text(&error), '\n'));
    buffer_finish(&error);
}

STATEMENT(put, "insert into a (x) values ($1)", .parameter_count = 1);
STATEMENT(times, "select timestamptz '2022-05-13 10:00:00.25+02' as exact, "
                 "timestamptz '1969-12-31 23:59:59+00' as before, timestamptz 'infinity' as never, "
                 "null::timestamptz as missing, true as yes, null::boolean as perhaps, "
                 "'018f0000-0000-7000-8000-0000000000ff'::uuid as id, null::uuid as no_id, "
                 "null::text as no_text, -5 as number");

static struct db_session *open_session(struct database *database)
{
    struct buffer error = {0};
    struct db_session *session = NULL;
    if (!db_session_open(database->conninfo, (struct schema){0}, NULL, &session, &error))
        fail_msg("%s", buffer_text(&error));
    buffer_finish(&error);
    return session;
}

static struct params *number_params(const struct statement *statement, int64_t number)
{
    struct params *params = params_for(statement);
    params_number(params, 1, number);
    return params;
}

static void rows_are_read_by_the_names_of_their_columns(void **state)
{
    struct db_session *session = open_session(*state);
    const struct rows *rows = db_session_run(session, params_for(&times));
    assert_non_null(rows);
    assert_int_equal(rows_count(rows), 1);
    assert_int_equal(rows_time(rows, 0, "exact"), INT64_C(1652428800250000));
    assert_int_equal(rows_time(rows, 0, "before"), -1000000);
    assert_int_equal(rows_time(rows, 0, "never"), INT64_MAX);
    assert_int_equal(rows_time(rows, 0, "missing"), 0);
    assert_true(rows_is_null(rows, 0, "missing"));
    assert_true(rows_bool(rows, 0, "yes"));
    assert_false(rows_bool(rows, 0, "perhaps"));
    assert_int_equal(rows_number(rows, 0, "number"), -5);
    assert_string_equal(rows_text(rows, 0, "no_text"), "");
    struct id id = rows_id(rows, 0, "id"), none = rows_id(rows, 0, "no_id");
    assert_int_equal(id.bytes[15], 0xff);
    assert_true(id_is_zero(&none));
    size_t length;
    assert_string_equal(rows_at(rows, 0, 9, &length), "-5");
    assert_int_equal(length, 2);
    assert_true(rows_is_null_at(rows, 0, 8));
    db_session_close(session);
    db_session_close(NULL);
}

static void a_session_commits_rolls_back_and_never_takes_a_failure_for_a_commit(void **state)
{
    struct database *database = *state;
    struct db_session *session = open_session(database);
    clean(database);
    database_execute(database, "create table a (x integer unique)");
    assert_true(db_session_begin(session));
    assert_non_null(db_session_run(session, number_params(&put, 1)));
    db_session_rollback(session);
    assert_true(db_session_begin(session));
    assert_non_null(db_session_run(session, number_params(&put, 2)));
    assert_true(db_session_commit(session));
    assert_true(db_session_begin(session));
    assert_null(db_session_run(session, number_params(&put, 2)));
    assert_non_null(strstr(db_session_error(session), "SQLSTATE 23505"));
    assert_null(strchr(db_session_error(session), '\n'));
    assert_false(db_session_commit(session));
    assert_non_null(strstr(db_session_error(session), "SQLSTATE 23505"));
    assert_int_equal(database_number(database, "select sum(x) from a"), 2);
    db_session_close(session);
}

static void a_session_wants_the_schema_it_was_built_for(void **state)
{
    struct database *database = *state;
    struct buffer error = {0};
    struct db_session *session;
    clean(database);
    assert_false(db_session_open(database->conninfo, migrate_schema(first_two, no_functions), NULL,
                                 &session, &error));
    assert_non_null(strstr(buffer_text(&error), "einlass migrate"));
    assert_true(migrate_all(database, all_three, functions, NULL, &error));
    assert_false(db_session_open(database->conninfo, migrate_schema(first_two, functions), NULL,
                                 &session, &error));
    assert_non_null(strstr(buffer_text(&error), "no newer than 2"));
    assert_false(db_session_open(database->conninfo, migrate_schema(all_three, no_functions), NULL,
                                 &session, &error));
    assert_non_null(strstr(buffer_text(&error), "the functions of the database are not the ones"));
    assert_true(db_session_open(database->conninfo, migrate_schema(all_three, functions), NULL,
                                &session, &error));
    db_session_close(session);
    buffer_finish(&error);
}

/* The migrations of the service apply to an empty schema. */
static void our_own_migrations_apply(void **state)
{
    struct database *database = *state;
    struct buffer error = {0};
    struct db_session *session;
    database_execute(database, "create schema if not exists public");
    clean(database);
    struct schema schema = migrate_schema(all_migrations, all_functions);
    if (!migrate_all(database, all_migrations, all_functions, NULL, &error) ||
        !db_session_open(database->conninfo, schema, NULL, &session, &error))
        fail_msg("%s", buffer_text(&error));
    db_session_close(session);
    buffer_finish(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_are_applied_in_order_and_once),
        cmocka_unit_test(a_changed_a_missing_and_a_left_out_one_are_refused),
        cmocka_unit_test(a_failing_one_leaves_nothing_of_itself_and_of_those_before_it),
        cmocka_unit_test(one_that_ends_its_transaction_is_refused),
        cmocka_unit_test(functions_are_applied_again_when_their_text_changes),
        cmocka_unit_test(a_failing_function_rolls_everything_back),
        cmocka_unit_test(a_function_that_others_depend_on_is_not_dropped),
        cmocka_unit_test(two_at_once_do_no_harm),
        cmocka_unit_test(a_server_that_is_not_there_is_one_sentence),
        cmocka_unit_test(rows_are_read_by_the_names_of_their_columns),
        cmocka_unit_test(a_session_commits_rolls_back_and_never_takes_a_failure_for_a_commit),
        cmocka_unit_test(a_session_wants_the_schema_it_was_built_for),
        cmocka_unit_test(our_own_migrations_apply),
    };
    return cmocka_run_group_tests(tests, database_set_up, database_tear_down);
}
