/* Streams with a real PostgreSQL: every row comes once and in order, memory does not grow, and a
 * reader may pause and leave. A reader that pauses holds nothing. LISTEN tells when notifications
 * may be missing. */
#include "db/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "database.h"
#include "db/inside.h"
#include "db/notify.h"

STATEMENT(many,
          "select number, 'Name ' || number as name, 'mail' || number || '@example.org' as email, "
          "'confirmed' as status, number % 7 as door, true as present, "
          "timestamptz '2026-05-13 08:00+00' as at, md5('x') as ticket, 'Company' as company, "
          "null::text as note "
          "from generate_series($2 + 1, least($1::integer, $2::integer + 1000)) as number",
          .parameters = VALUES({"rows", "integer"}, {"before", "integer"}), .parameter_count = 2,
          .columns = VALUES({"number", "integer"}, {"name", "text"}, {"email", "text"},
                            {"status", "text"}, {"door", "integer"}, {"present", "boolean"},
                            {"at", "timestamp with time zone"}, {"ticket", "text"},
                            {"company", "text"}, {"note", "text"}),
          .column_count = 10);
STATEMENT(fails_late,
          "select number + 0 / (5000 - number) as number "
          "from generate_series($2 + 1, least($1::integer, $2::integer + 1000)) as number",
          .parameters = VALUES({"rows", "integer"}, {"before", "integer"}), .parameter_count = 2,
          .columns = VALUES({"number", "integer"}), .column_count = 1);
STATEMENT(slow_start, "select pg_sleep(0.4)::text as number", .columns = VALUES({"number", "text"}),
          .column_count = 1);

static const struct statement *const statements[] = {&many, &fails_late, &slow_start, NULL};

enum { PORTION = 1000 };

struct reading {
    struct stream *stream;
    const struct statement *statement;
    long wanted, rows, portions, largest;
    bool in_order, is_over, has_stopped; /* paused or left */
    const struct rows *given;            /* the newest portion */
    int ends;
    enum db_outcome outcome;
    char sqlstate[6];
    long pause_at, cancel_at; /* portions; 0: never */
};

static struct params *next(void *context, const struct rows *before)
{
    struct reading *reading = context;
    int count = before ? rows_count(before) : PORTION;
    if (count < PORTION)
        return NULL;
    struct params *params = params_for(reading->statement);
    if (reading->statement->parameter_count > 0) {
        params_number(params, 1, reading->wanted);
        params_number(params, 2, before ? rows_number(before, count - 1, "number") : 0);
    }
    return params;
}

static bool on_rows(void *context, const struct rows *rows)
{
    struct reading *reading = context;
    int count = rows_count(rows);
    reading->given = rows;
    for (int i = 0; i < count; i++)
        reading->in_order &= rows_number(rows, i, "number") == ++reading->rows;
    reading->largest = count > reading->largest ? count : reading->largest;
    reading->portions++;
    if (reading->portions == reading->cancel_at)
        stream_cancel(reading->stream);
    bool pauses = reading->portions == reading->pause_at;
    reading->has_stopped |= pauses || reading->portions == reading->cancel_at;
    return !pauses;
}

static void on_end(void *context, const struct db_result *result)
{
    struct reading *reading = context;
    reading->ends++;
    reading->is_over = true;
    reading->outcome = result->outcome;
    assert_null(result->rows);
    if (result->error)
        memcpy(reading->sqlstate, result->error->sqlstate, sizeof reading->sqlstate);
}

static const struct stream_reader reader = {.next = next, .on_rows = on_rows, .on_end = on_end};

static void start(struct db *db, const struct statement *statement, long rows,
                  struct reading *reading)
{
    reading->statement = statement;
    reading->wanted = rows;
    reading->in_order = true;
    reading->stream = stream_start(db, &reader, reading);
    assert_false(reading->is_over);
}

static struct db *open_db(struct database *database)
{
    return database_open(database, (struct db_options){.statements = statements});
}

static void reads_all(struct database *database, struct db *db, long rows)
{
    struct reading reading = {0};
    start(db, &many, rows, &reading);
    database_run_until(database, &reading.is_over);
    assert_int_equal(reading.outcome, DB_DONE);
    assert_int_equal(reading.rows, rows);
    assert_true(reading.in_order);
    assert_true(reading.largest <= PORTION);
    assert_int_equal(reading.ends, 1);
}

static void every_row_comes_once_and_in_order(void **state)
{
    struct database *database = *state;
    struct db *db = open_db(database);
    static const long sizes[] = {0, 1, PORTION - 1, PORTION, PORTION + 1, 10 * PORTION, 12345};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        reads_all(database, db, sizes[i]);
    db_destroy(db);
}

static long resident_kib(void)
{
    long pages = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%ld %ld", &pages, &resident), 2);
    fclose(file);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static void a_million_rows_take_no_more_memory_than_ten_thousand(void **state)
{
    struct database *database = *state;
    struct db *db = open_db(database);
    reads_all(database, db, 10000);
    long before = resident_kib();
    int64_t start_us = clock_monotonic_us();
    reads_all(database, db, 1000000);
    print_message("%.0f rows a second\n", 1e12 / (double)(clock_monotonic_us() - start_us));
#ifndef __SANITIZE_ADDRESS__ /* the sanitizer keeps freed memory */
    assert_true(resident_kib() - before < 2048);
#else
    (void)before;
#endif
    db_destroy(db);
}

static void a_reader_without_room_is_given_nothing_until_it_resumes(void **state)
{
    struct database *database = *state;
    struct db *db = open_db(database);
    struct reading reading = {.pause_at = 3};
    start(db, &many, 20 * PORTION, &reading);
    database_run_until(database, &reading.has_stopped);
    database_run_ms(database, 300);
    assert_int_equal(reading.portions, 3);
    assert_false(reading.is_over);
    stream_resume(reading.stream);
    assert_int_equal(reading.portions, 3);
    database_run_until(database, &reading.is_over);
    assert_int_equal(reading.rows, 20 * PORTION);
    assert_true(reading.in_order);
    db_destroy(db);
}

static void a_pause_at_the_last_portion_holds_back_the_end(void **state)
{
    struct database *database = *state;
    struct db *db = open_db(database);
    struct reading reading = {.pause_at = 3};
    start(db, &many, 2 * PORTION + 1, &reading);
    database_run_until(database, &reading.has_stopped);
    database_run_ms(database, 200);
    assert_int_equal(reading.portions, 3);
    assert_false(reading.is_over);
    stream_resume(reading.stream);
    database_run_until(database, &reading.is_over);
    assert_int_equal(reading.outcome, DB_DONE);
    db_destroy(db);
}

static void is_usable(struct database *database, struct db *db)
{
    reads_all(database, db, 10);
    struct db_state now;
    db_state(db, &now);
    assert_int_equal(now.running[DB_EXPORT] + now.waiting[DB_EXPORT], 0);
    assert_int_equal(now.reconnects, 0);
    assert_int_equal(database_number(database,
                                     "select count(*) from pg_stat_activity where "
                                     "application_name = 'einlass' and state like 'idle in%'"),
                     0);
}

static void a_reader_may_leave_at_any_time(void **state)
{
    struct database *database = *state;
    struct db *db = open_db(database);
    struct reading within = {.cancel_at = 2}, paused = {.pause_at = 2}, waiting = {0}, asking = {0};
    start(db, &many, 1000000, &within);
    database_run_until(database, &within.has_stopped);

    start(db, &many, 1000000, &paused);
    database_run_until(database, &paused.has_stopped);
    start(db, &many, 1000000, &waiting);
    stream_cancel(waiting.stream);
    stream_cancel(paused.stream);

    start(db, &slow_start, 0, &asking);
    database_run_ms(database, 100);
    stream_cancel(asking.stream);

    is_usable(database, db);
    assert_int_equal(within.portions, 2);
    assert_int_equal(within.ends + paused.ends + waiting.ends + asking.ends, 0);
    assert_int_equal(waiting.rows + asking.rows, 0);
    db_destroy(db);
}

static void an_error_in_the_middle_ends_it_and_leaves_the_connection_in_order(void **state)
{
    struct database *database = *state;
    struct db *db = open_db(database);
    struct reading reading = {0};
    start(db, &fails_late, 10000, &reading);
    database_run_until(database, &reading.is_over);
    assert_int_equal(reading.outcome, DB_REFUSED);
    assert_string_equal(reading.sqlstate, "22012");
    assert_int_equal(reading.portions, 4);
    is_usable(database, db);
    db_destroy(db);
}

static void a_failure_during_a_pause_waits_for_its_end(void **state)
{
    struct database *database = *state;
    struct db *db = open_db(database);
    struct reading resumed = {.pause_at = 4}, left = {.pause_at = 4};
    struct db_state now;
    start(db, &fails_late, 10000, &resumed);
    start(db, &fails_late, 10000, &left);
    database_run_until(database, &resumed.has_stopped);
    database_run_until(database, &left.has_stopped);
    do {
        database_run_ms(database, 5);
        db_state(db, &now);
    } while (now.running[DB_EXPORT] + now.waiting[DB_EXPORT] > 0);
    assert_int_equal(now.failures, 2);
    assert_int_equal(resumed.ends + left.ends, 0);
    assert_int_equal(rows_number(resumed.given, PORTION - 1, "number"), 4 * PORTION);
    stream_cancel(left.stream);
    stream_resume(resumed.stream);
    assert_int_equal(resumed.ends, 0);
    database_run_until(database, &resumed.is_over);
    assert_int_equal(resumed.outcome, DB_REFUSED);
    assert_int_equal(resumed.portions, 4);
    is_usable(database, db);
    assert_int_equal(left.ends, 0);
    db_destroy(db);
}

static void a_stream_that_loses_its_connection_goes_on(void **state)
{
    struct database *database = *state;
    struct db *db = open_db(database);
    struct reading half = {.pause_at = 2}, fresh = {0};
    start(db, &many, 20 * PORTION, &half);
    database_run_until(database, &half.has_stopped);
    database_kill_others(database);
    database_run_ms(database, 300);
    assert_false(half.is_over);
    stream_resume(half.stream);
    database_run_until(database, &half.is_over);
    assert_int_equal(half.outcome, DB_DONE);
    assert_int_equal(half.rows, 20 * PORTION);
    assert_true(half.in_order);
    start(db, &slow_start, 0, &fresh);
    database_run_ms(database, 100);
    database_kill_others(database);
    database_run_until(database, &fresh.is_over);
    assert_int_equal(fresh.outcome, DB_DONE);
    assert_int_equal(fresh.portions, 1);
    db_destroy(db);
}

static void readers_that_pause_hold_no_connection_and_no_snapshot(void **state)
{
    struct database *database = *state;
    struct db *db = open_db(database);
    struct reading paused[10] = {{0}};
    for (size_t i = 0; i < 10; i++) {
        paused[i].pause_at = 1;
        start(db, &many, 1000000, &paused[i]);
    }
    for (size_t i = 0; i < 10; i++)
        database_run_until(database, &paused[i].has_stopped);
    is_usable(database, db);
    assert_int_equal(database_number(database,
                                     "select count(*) from pg_stat_activity where "
                                     "application_name = 'einlass' and backend_xmin is not null"),
                     0);
    for (size_t i = 0; i < 10; i++)
        stream_cancel(paused[i].stream);
    db_destroy(db);
}

static void a_full_lane_refuses_and_a_stopping_db_ends_streams(void **state)
{
    struct database *database = *state;
    struct db *db =
        database_open(database, (struct db_options){.statements = statements, .queue_most = 2});
    struct reading asking = {0}, waiting = {0}, refused = {0};
    start(db, &slow_start, 0, &asking);
    start(db, &slow_start, 0, &waiting);
    start(db, &slow_start, 0, &refused);
    database_run_until(database, &refused.is_over);
    assert_int_equal(refused.outcome, DB_FULL);
    db_destroy(db);
    assert_int_equal(asking.outcome, DB_STOPPING);
    assert_int_equal(waiting.outcome, DB_STOPPING);
    assert_int_equal(asking.ends + waiting.ends + refused.ends, 3);
}

struct listening {
    int gaps, notices;
    bool has_gap, has_notice;
    char payload[32];
};

static void on_notice(void *context, const char *payload)
{
    struct listening *listening = context;
    listening->notices++;
    listening->has_notice = true;
    snprintf(listening->payload, sizeof listening->payload, "%s", payload);
}

static void on_gap(void *context)
{
    struct listening *listening = context;
    listening->gaps++;
    listening->has_gap = true;
}

static void listening_hears_and_says_where_it_may_have_missed_something(void **state)
{
    struct database *database = *state;
    struct listening listening = {0};
    struct notify *notify = notify_create(&(struct notify_options){.loop = database->loop,
                                                                   .conninfo = database->conninfo,
                                                                   .channel = "einlass_unit",
                                                                   .on_notice = on_notice,
                                                                   .on_gap = on_gap,
                                                                   .context = &listening});
    assert_false(notify_is_listening(notify));
    database_run_until(database, &listening.has_gap);
    assert_true(notify_is_listening(notify));
    database_execute(database, "notify einlass_unit, 'first'");
    database_run_until(database, &listening.has_notice);
    assert_string_equal(listening.payload, "first");

    listening.has_gap = listening.has_notice = false;
    database_kill_others(database);
    for (int i = 0; i < 100 && notify_is_listening(notify); i++)
        database_run_ms(database, 5);
    assert_false(notify_is_listening(notify));
    database_execute(database, "notify einlass_unit, 'missed'");
    database_run_until(database, &listening.has_gap);
    assert_true(notify_is_listening(notify));
    database_execute(database, "notify einlass_unit, 'second'");
    database_run_until(database, &listening.has_notice);
    assert_string_equal(listening.payload, "second");
    assert_int_equal(listening.gaps, 2);
    assert_int_equal(listening.notices, 2);
    notify_destroy(notify);
    notify_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_comes_once_and_in_order),
        cmocka_unit_test(a_million_rows_take_no_more_memory_than_ten_thousand),
        cmocka_unit_test(a_reader_without_room_is_given_nothing_until_it_resumes),
        cmocka_unit_test(a_pause_at_the_last_portion_holds_back_the_end),
        cmocka_unit_test(a_reader_may_leave_at_any_time),
        cmocka_unit_test(an_error_in_the_middle_ends_it_and_leaves_the_connection_in_order),
        cmocka_unit_test(a_failure_during_a_pause_waits_for_its_end),
        cmocka_unit_test(a_stream_that_loses_its_connection_goes_on),
        cmocka_unit_test(readers_that_pause_hold_no_connection_and_no_snapshot),
        cmocka_unit_test(a_full_lane_refuses_and_a_stopping_db_ends_streams),
        cmocka_unit_test(listening_hears_and_says_where_it_may_have_missed_something),
    };
    return cmocka_run_group_tests(tests, database_set_up, database_tear_down);
}
