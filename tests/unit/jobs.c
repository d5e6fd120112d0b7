/*
 * Leased work with a real PostgreSQL: each job runs once, and its result reaches the database. Two
 * workers on one loop stand for two processes: each has its own connections and its own queue.
 */
#include "jobs/job.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/clock.h"
#include "database.h"
#include "db/inside.h"
#include "jobs/db_clock.h"

#define CLAIM(due, lock)                                                                           \
    "with due as (select id from job where state in ('queued', 'leased') and " due                 \
    " order by due_at, id limit $1 " lock ") "                                                     \
    "update job set state = 'leased', tries = tries + 1, "                                         \
    "due_at = clock_timestamp() + $2::integer * interval '1 second' from due "                     \
    "where job.id = due.id returning job.id, tries, created_at"
#define CLAIM_SHAPE                                                                                \
    .parameters = VALUES({"most", "bigint"}, {"lease_s", "integer"}), .parameter_count = 2,        \
    .columns = VALUES({"id", "integer"}, {"tries", "integer"},                                     \
                      {"created_at", "timestamp with time zone"}),                                 \
    .column_count = 3

STATEMENT(claim_due, CLAIM("due_at <= now()", "for update skip locked"), CLAIM_SHAPE);
STATEMENT(claim_any, CLAIM("true", ""), CLAIM_SHAPE);
STATEMENT(note_state,
          "update job set state = $3, code = $4, words = coalesce($5, words), "
          "due_at = now() + $6::integer * interval '1 second', renewals = renewals + ($3 = "
          "'leased')::integer "
          "where id = $1 and tries = $2 and state = 'leased'",
          .parameters = VALUES({"id", "integer"}, {"tries", "integer"}, {"state", "text"},
                               {"code", "integer"}, {"words", "text"}, {"due_s", "integer"}),
          .parameter_count = 6);

STATEMENT(clock_shown, "select clock_timestamp() + ahead as now from clock",
          .columns = VALUES({"now", "timestamp with time zone"}), .column_count = 1);

static const struct statement *const statements[] = {&claim_due, &claim_any, &note_state,
                                                     &clock_shown, NULL};

enum { JOBS_MOST = 200 };

/* What runs shall do, and the runs so far. */
struct office {
    struct database *database;
    struct job_end ends;     /* how runs end; words NULL: they stay open */
    int end_after_ms;        /* 0: a run ends in its call */
    int runs[JOBS_MOST + 1]; /* of each job */
    int all_runs, open, open_most;
    struct job *open_job; /* the last one */
    bool is_reached;      /* all_runs is `wanted`, or more */
    int wanted;
    int64_t ran_at_us;
};

static struct office office; /* a kind's functions have no context of their own */

static void end_run(struct job *job)
{
    office.open--;
    job_end(job, &office.ends);
}

static void on_time(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what;
    end_run(context);
}

static void run(struct job *job)
{
    const int *id = job_data(job);
    office.runs[*id]++;
    office.all_runs++;
    office.ran_at_us = clock_monotonic_us();
    office.is_reached = office.all_runs >= office.wanted;
    office.open_job = job;
    if (++office.open > office.open_most)
        office.open_most = office.open;
    if (!office.ends.words)
        return;
    if (office.end_after_ms == 0)
        end_run(job);
    else
        event_base_once(office.database->loop, -1, EV_TIMEOUT, on_time, job,
                        &(struct timeval){.tv_usec = office.end_after_ms * 1000});
}

static struct params *claim_with(const struct statement *statement, const struct job_claim *what)
{
    struct params *params = params_for(statement);
    params_number(params, 1, what->most);
    params_number(params, 2, what->lease_s);
    return params;
}

static struct params *claim(const struct job_claim *what)
{
    return claim_with(&claim_due, what);
}

static struct params *claim_without_lease(const struct job_claim *what)
{
    return claim_with(&claim_any, what);
}

static void *read(struct arena *arena, const struct rows *rows, int *row)
{
    int *id = arena_alloc(arena, sizeof *id);
    *id = (int)rows_number(rows, (*row)++, "id");
    return id;
}

static struct params *note(const struct job *job, const struct job_note *what)
{
    static const char *const states[] = {"queued", "leased", "done", "failed", "obsolete"};
    struct params *params = params_for(&note_state);
    params_number(params, 1, *(const int *)job_data(job));
    params_number(params, 2, job_tries(job));
    params_text(params, 3, states[what->state]);
    params_number(params, 4, what->code);
    params_text(params, 5, what->words);
    params_number(params, 6, what->due_s);
    return params;
}

static const struct job_kind kind = {
    .name = "test",
    .slots = 20,
    .poll_ms = 20,
    .lease_s = 4,
    .give_up_s = 3600,
    .unreachable_pause_s = 2,
    .drain_s = 20,
    .backoff_s = {60, 300},
    .claim = claim,
    .read = read,
    .note = note,
    .run = run,
};

/* --- Workers --------------------------------------------------------------------------------- */

static struct worker open_worker(int index)
{
    return (struct worker){
        .index = index,
        .loop = office.database->loop,
        .db = database_open(office.database,
                            (struct db_options){.statements = statements, .hot_connections = 2}),
    };
}

/* Drains and destroys the queue and closes the connections, as when the service stops. */
static void close_worker(struct worker *worker, struct job_queue *queue)
{
    job_queue_drain(queue);
    job_queue_destroy(queue);
    worker_end_states(worker);
    db_destroy(worker->db);
}

static int set_up(void **state)
{
    database_set_up(state);
    office.database = *state;
    database_execute(
        *state, "create table job (id integer primary key, state text not null default 'queued', "
                "tries integer not null default 0, code integer, words text, "
                "renewals integer not null default 0, "
                "due_at timestamptz not null default now(), "
                "created_at timestamptz not null default now())");
    database_execute(*state, "create table clock as select interval '0' as ahead");
    database_execute(*state, "create sequence refusal");
    database_execute(*state, "create function refuse() returns trigger language plpgsql as "
                             "$$ begin perform nextval('refusal'); raise 'not now'; end $$");
    return 0;
}

/* Makes `count` jobs due, whose runs end in this way. */
static void due(int count, struct job_end ends)
{
    char sql[96];
    office = (struct office){.database = office.database, .ends = ends, .wanted = count};
    database_execute(office.database, "truncate job");
    snprintf(sql, sizeof sql, "insert into job (id) select generate_series(1, %d)", count);
    database_execute(office.database, sql);
}

static const struct job_end done = {.state = JOB_DONE, .code = 250, .words = "taken"};
static const struct job_end open_end = {.words = NULL};

static long count_of(const char *condition)
{
    char sql[160];
    snprintf(sql, sizeof sql, "select count(*) from job where %s", condition);
    return database_number(office.database, sql);
}

/* Runs the loop until the query gives the number, at most half a minute. */
static void until_number(const char *sql, long wanted)
{
    for (int i = 0; i < 3000 && database_number(office.database, sql) != wanted; i++)
        database_run_ms(office.database, 10);
    assert_int_equal(database_number(office.database, sql), wanted);
}

/* Runs the loop until so many rows meet the condition. */
static void until(const char *condition, long wanted)
{
    char sql[160];
    snprintf(sql, sizeof sql, "select count(*) from job where %s", condition);
    until_number(sql, wanted);
}

static const char waiting[] = "select least(count(*), 1) from pg_stat_activity "
                              "where wait_event_type = 'Lock' and application_name = 'einlass'";

static void each_ran_once(int count)
{
    for (int id = 1; id <= count; id++)
        assert_int_equal(office.runs[id], 1);
}

/* --- Claims and leases ----------------------------------------------------------------------- */

static void run_with_two_workers(const struct job_kind *both)
{
    struct worker one = open_worker(0), other = open_worker(0);
    struct job_queue *queue = job_queue_create(&one, both);
    struct job_queue *other_queue = job_queue_create(&other, both);
    database_run_until(office.database, &office.is_reached);
    close_worker(&one, queue);
    close_worker(&other, other_queue);
}

static void two_workers_claim_each_job_once(void **state)
{
    (void)state;
    due(JOBS_MOST, done);
    office.end_after_ms = 5;
    run_with_two_workers(&kind);
    each_ran_once(JOBS_MOST);
    assert_int_equal(count_of("state = 'done' and code = 250 and words = 'taken' and tries = 1"),
                     JOBS_MOST);
}

static void control_without_a_lease_jobs_are_claimed_twice(void **state)
{
    (void)state;
    struct job_kind careless = kind;
    careless.claim = claim_without_lease;
    due(JOBS_MOST, done);
    office.end_after_ms = 30;
    office.wanted = JOBS_MOST + 1;
    run_with_two_workers(&careless);
}

static void a_lease_that_runs_out_is_claimed_again(void **state)
{
    (void)state;
    due(1, open_end);
    struct worker dead = open_worker(0), other = open_worker(0);
    struct job_queue *queue = job_queue_create(&dead, &kind);
    database_run_until(office.database, &office.is_reached);
    struct job *lost = office.open_job;
    office.ends = done;
    struct job_queue *other_queue = job_queue_create(&other, &kind);
    database_run_ms(office.database, 200);
    assert_int_equal(office.runs[1], 1); /* leased */
    job_queue_destroy(queue);            /* ends the renewals */
    until("state = 'done'", 1);
    assert_int_equal(office.runs[1], 2);
    assert_int_equal(count_of("tries = 2"), 1);
    /* The first worker has lost the lease, so its note changes nothing. */
    job_end(lost, &(struct job_end){.state = JOB_FAILED, .words = "too late"});
    struct db_state now = {.running = {[DB_HOT] = 1}};
    for (int i = 0; i < 3000 && now.running[DB_HOT] + now.waiting[DB_HOT] > 0; i++) {
        database_run_ms(office.database, 10);
        db_state(dead.db, &now);
    }
    assert_int_equal(count_of("state = 'done' and words = 'taken'"), 1);
    worker_end_states(&dead);
    db_destroy(dead.db);
    close_worker(&other, other_queue);
}

static void a_lease_is_renewed_as_long_as_the_run_takes(void **state)
{
    (void)state;
    due(1, open_end);
    struct worker one = open_worker(0), other = open_worker(0);
    struct job_queue *queue = job_queue_create(&one, &kind);
    database_run_until(office.database, &office.is_reached);
    struct job_queue *other_queue = job_queue_create(&other, &kind);
    until("renewals > 5", 1); /* a lease has four */
    assert_int_equal(office.runs[1], 1);
    office.ends = done;
    end_run(office.open_job);
    until("state = 'done' and tries = 1", 1);
    close_worker(&one, queue);
    close_worker(&other, other_queue);
}

static void no_more_run_at_once_than_there_are_slots(void **state)
{
    (void)state;
    struct job_kind narrow = kind;
    narrow.slots = 3;
    due(30, done);
    office.end_after_ms = 10;
    struct worker worker = open_worker(0);
    struct job_queue *queue = job_queue_create(&worker, &narrow);
    until("state = 'done'", 30);
    assert_int_equal(office.open_most, 3);
    each_ran_once(30);
    close_worker(&worker, queue);
}

/* --- Notes ----------------------------------------------------------------------------------- */

static void a_note_that_is_refused_is_repeated(void **state)
{
    (void)state;
    due(1, done);
    database_execute(office.database, "create trigger refuse before update on job for each row "
                                      "when (new.state = 'done') execute function refuse()");
    struct worker worker = open_worker(0);
    struct job_queue *queue = job_queue_create(&worker, &kind);
    database_run_until(office.database, &office.is_reached);
    until_number("select (last_value >= 2)::integer from refusal", 1);
    assert_int_equal(count_of("state = 'leased'"), 1);
    database_execute(office.database, "drop trigger refuse on job");
    until("state = 'done' and tries = 1", 1);
    assert_int_equal(office.runs[1], 1);
    close_worker(&worker, queue);
}

static void a_note_waits_for_a_database_that_is_away(void **state)
{
    (void)state;
    due(1, open_end);
    struct job_kind patient = kind;
    patient.lease_s = 60;
    struct worker worker = {
        .loop = office.database->loop,
        .db = database_open(office.database,
                            (struct db_options){.statements = statements, .deadline_us = 300000})};
    struct job_queue *queue = job_queue_create(&worker, &patient);
    database_run_until(office.database, &office.is_reached);
    database_control("-m immediate -w stop");
    office.ends = done;
    end_run(office.open_job);
    /* The database module drops the note at its deadline, and the queue retries. */
    struct db_state now = {0};
    for (int i = 0; i < 3000 && now.failures < 2; i++) {
        database_run_ms(office.database, 10);
        db_state(worker.db, &now);
    }
    database_control("-w start");
    PQreset(office.database->pg);
    until("state = 'done' and code = 250 and tries = 1", 1);
    assert_int_equal(office.all_runs, 1);
    close_worker(&worker, queue);
}

/* --- Retries --------------------------------------------------------------------------------- */

/* Returns the backoff in seconds after a run of a job with so many tries. */
static long pause_after(int tries, struct job_end how)
{
    char sql[96];
    due(1, how);
    snprintf(sql, sizeof sql, "update job set tries = %d", tries - 1);
    database_execute(office.database, sql);
    struct worker worker = open_worker(0);
    struct job_queue *queue = job_queue_create(&worker, &kind);
    until("state = 'queued' and words = 'not now'", 1);
    close_worker(&worker, queue);
    return database_number(office.database,
                           "select round(extract(epoch from due_at - now()) / 10) * 10 from job");
}

static void a_retry_waits_longer_each_time(void **state)
{
    (void)state;
    const struct job_end retry = {.state = JOB_QUEUED, .words = "not now"};
    const struct job_end retry_late = {.state = JOB_QUEUED, .words = "not now", .pause_s = 200};
    assert_int_equal(pause_after(1, retry), 60);
    assert_int_equal(pause_after(2, retry), 300);
    assert_int_equal(pause_after(9, retry), 300);
    assert_int_equal(pause_after(1, retry_late), 200);
    assert_int_equal(pause_after(2, retry_late), 300);
}

static void a_job_that_is_too_old_fails_instead(void **state)
{
    (void)state;
    due(2, (struct job_end){.state = JOB_QUEUED, .words = "not now"});
    database_execute(office.database,
                     "update job set created_at = now() - interval '2 hours' where id = 2");
    struct worker worker = open_worker(0);
    struct job_queue *queue = job_queue_create(&worker, &kind);
    until("state = case id when 1 then 'queued' else 'failed' end and words = 'not now'", 2);
    assert_int_equal(job_queue_count(queue, JOB_QUEUED), 1);
    assert_int_equal(job_queue_count(queue, JOB_FAILED), 1);
    close_worker(&worker, queue);
}

static void nothing_is_claimed_while_the_other_side_is_unreachable(void **state)
{
    (void)state;
    due(1, (struct job_end){.state = JOB_QUEUED, .words = "away", .is_unreachable = true});
    struct worker worker = open_worker(0);
    struct job_queue *queue = job_queue_create(&worker, &kind);
    until("words = 'away'", 1);
    int64_t away_at_us = office.ran_at_us;
    office.ends = done;
    database_execute(office.database, "insert into job (id) values (2)");
    until("id = 2 and state = 'done'", 1);
    assert_true(office.ran_at_us - away_at_us >= kind.unreachable_pause_s * CLOCK_SECOND_US);
    close_worker(&worker, queue);
}

/* --- The service stops ----------------------------------------------------------------------- */

static void a_drain_waits_for_runs_and_their_notes(void **state)
{
    (void)state;
    due(40, done);
    office.end_after_ms = 200;
    office.wanted = 1;
    struct worker worker = open_worker(0);
    struct job_queue *queue = job_queue_create(&worker, &kind);
    database_run_until(office.database, &office.is_reached);
    job_queue_drain(queue);
    assert_int_equal(count_of("state = 'done'"), 20);
    assert_int_equal(count_of("state = 'queued' and tries = 0"), 20);
    assert_int_equal(job_queue_count(queue, JOB_DONE), 20);
    close_worker(&worker, queue);
}

static void on_free(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what, (void)context;
    database_execute(office.database, "commit");
}

static void a_claim_that_arrives_during_a_drain_is_put_back(void **state)
{
    (void)state;
    due(1, done);
    struct worker worker = open_worker(0);
    database_execute(office.database, "begin");
    database_execute(office.database, "lock table job in share row exclusive mode");
    struct job_queue *queue = job_queue_create(&worker, &kind);
    until_number(waiting, 1);
    event_base_once(worker.loop, -1, EV_TIMEOUT, on_free, NULL, &(struct timeval){0});
    close_worker(&worker, queue);
    assert_int_equal(office.all_runs, 0);
    assert_int_equal(count_of("state = 'queued' and tries = 1 and due_at <= now()"), 1);
}

static void a_drain_ends_when_its_time_is_over(void **state)
{
    (void)state;
    struct job_kind hasty = kind;
    hasty.drain_s = 1;
    due(1, open_end);
    struct worker worker = open_worker(0);
    struct job_queue *queue = job_queue_create(&worker, &hasty);
    database_run_until(office.database, &office.is_reached);
    job_queue_drain(queue);
    assert_int_equal(office.open, 1);
    assert_true(job_is_stopping(office.open_job));
    job_queue_destroy(queue);
    job_put_back(office.open_job); /* frees the queue when the db has answered, or ends */
    worker_end_states(&worker);
    db_destroy(worker.db);
}

static struct params *ask_clock(void)
{
    return params_for(&clock_shown);
}

static int calm_runs;

static void run_when_calm(struct worker *worker)
{
    (void)worker;
    calm_runs++;
}

/* Sets the clock of the database; runs what cannot be undone until the looks have seen that. */
static void set_clock(struct worker *worker, const char *ahead)
{
    char sql[96];
    snprintf(sql, sizeof sql, "update clock set ahead = '%s'", ahead);
    database_execute(office.database, sql);
    calm_runs = 0;
    for (int i = 0; i < 20; i++) {
        db_clock_run(worker, run_when_calm);
        database_run_ms(office.database, 10);
    }
}

static void what_cannot_be_undone_pauses_after_the_clock_jumped_ahead(void **state)
{
    (void)state;
    struct worker worker = open_worker(0);
    db_clock_run(&worker, run_when_calm);
    assert_int_equal(calm_runs, 1); /* nobody watches */
    assert_true(db_clock_believed_until_us(&worker, 60) > clock_now_us());
    db_clock_watch(&worker, ask_clock);
    set_clock(&worker, "0");
    for (int i = 0; i < 3000 && calm_runs == 0; i++)
        database_run_ms(office.database, 10);
    assert_true(calm_runs > 0);
    int64_t believed_us = db_clock_believed_until_us(&worker, 60) - clock_now_us();
    assert_true(believed_us > 0 && believed_us < 60 * CLOCK_SECOND_US);
    set_clock(&worker, "2 hours");
    assert_int_equal(calm_runs, 0);
    assert_int_equal(db_clock_believed_until_us(&worker, 60), 0);
    set_clock(&worker, "0");
    for (int i = 0; i < 3000 && calm_runs == 0; i++)
        database_run_ms(office.database, 10);
    assert_true(calm_runs > 0);
    assert_int_equal(db_clock_believed_until_us(&worker, 60), 0); /* it jumped again */
    assert_true(db_clock_believed_until_us(&worker, 0) > 0);
    worker_end_states(&worker);
    db_destroy(worker.db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_workers_claim_each_job_once),
        cmocka_unit_test(control_without_a_lease_jobs_are_claimed_twice),
        cmocka_unit_test(a_lease_that_runs_out_is_claimed_again),
        cmocka_unit_test(a_lease_is_renewed_as_long_as_the_run_takes),
        cmocka_unit_test(no_more_run_at_once_than_there_are_slots),
        cmocka_unit_test(a_note_that_is_refused_is_repeated),
        cmocka_unit_test(a_note_waits_for_a_database_that_is_away),
        cmocka_unit_test(a_retry_waits_longer_each_time),
        cmocka_unit_test(a_job_that_is_too_old_fails_instead),
        cmocka_unit_test(nothing_is_claimed_while_the_other_side_is_unreachable),
        cmocka_unit_test(a_drain_waits_for_runs_and_their_notes),
        cmocka_unit_test(a_claim_that_arrives_during_a_drain_is_put_back),
        cmocka_unit_test(a_drain_ends_when_its_time_is_over),
        cmocka_unit_test(what_cannot_be_undone_pauses_after_the_clock_jumped_ahead),
    };
    return cmocka_run_group_tests(tests, set_up, database_tear_down);
}
