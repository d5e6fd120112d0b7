#include "database.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"

enum { PATIENCE_SECONDS = 30, SKIPPED = 77 /* as Meson knows it */ };

static void add_setting(struct buffer *conninfo, const char *keyword, const char *value)
{
    buffer_printf(conninfo, "%s='", keyword);
    for (const char *at = value; *at; at++) {
        if (*at == '\'' || *at == '\\')
            buffer_add_char(conninfo, '\\');
        buffer_add_char(conninfo, *at);
    }
    buffer_add_text(conninfo, "' ");
}

/* Adds the schema to a conninfo of any form. Returns keywords. */
static char *lead_into_schema(const char *given, const char *schema)
{
    struct buffer conninfo = {0};
    char options[128];
    PQconninfoOption *settings = PQconninfoParse(given, NULL);
    assert_non_null(settings);
    for (PQconninfoOption *setting = settings; setting->keyword; setting++) {
        if (setting->val)
            add_setting(&conninfo, setting->keyword, setting->val);
    }
    PQconninfoFree(settings);
    snprintf(options, sizeof options, "-c search_path=%s", schema);
    add_setting(&conninfo, "options", options);
    return buffer_take(&conninfo);
}

int database_set_up(void **state)
{
    const char *given = getenv("EINLASS_TEST_DATABASE");
    if (!given || !*given) {
        fputs("skipped: EINLASS_TEST_DATABASE names no database\n", stderr);
        exit(SKIPPED);
    }
    struct database *database = memory_alloc(sizeof *database);
    char schema[64], sql[128];
    snprintf(schema, sizeof schema, "unit_%d", (int)getpid());
    snprintf(sql, sizeof sql, "create schema %s", schema);
    database->conninfo = lead_into_schema(given, schema);
    database->pg = PQconnectdb(database->conninfo);
    database->loop = event_base_new();
    database_execute(database, sql);
    *state = database;
    return 0;
}

int database_tear_down(void **state)
{
    struct database *database = *state;
    char sql[128];
    snprintf(sql, sizeof sql, "drop schema unit_%d cascade", (int)getpid());
    database_execute(database, "set client_min_messages = error");
    database_execute(database, sql);
    PQfinish(database->pg);
    event_base_free(database->loop);
    free(database->conninfo);
    free(database);
    libevent_global_shutdown();
    return 0;
}

void database_execute(struct database *database, const char *sql)
{
    PGresult *result = PQexec(database->pg, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(database->pg));
    PQclear(result);
}

long database_number(struct database *database, const char *sql)
{
    PGresult *result = PQexec(database->pg, sql);
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(database->pg));
    long number = strtol(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    return number;
}

void database_kill_others(struct database *database)
{
    database_execute(database, "select pg_terminate_backend(pid) from pg_stat_activity "
                               "where application_name = 'einlass'");
}

void database_control(const char *action)
{
    const char *pg_ctl = getenv("EINLASS_TEST_PG_CTL");
    char command[1024];
    if (!pg_ctl) {
        fputs("skipped: EINLASS_TEST_PG_CTL does not say how to restart the server\n", stderr);
        skip();
    }
    snprintf(command, sizeof command, "%s %s >/dev/null 2>&1", pg_ctl, action);
    assert_int_equal(system(command), 0);
}

static void on_patience(evutil_socket_t socket, short what, void *context)
{
    bool *is_over = context;
    (void)socket, (void)what;
    *is_over = true;
}

void database_run_until(struct database *database, const bool *done)
{
    bool is_over = false;
    struct event *patience = evtimer_new(database->loop, on_patience, &is_over);
    evtimer_add(patience, &(struct timeval){.tv_sec = PATIENCE_SECONDS});
    while (!*done && !is_over)
        event_base_loop(database->loop, EVLOOP_ONCE);
    event_free(patience);
    if (!*done)
        fail_msg("it did not happen within %d seconds", PATIENCE_SECONDS);
}

void database_run_ms(struct database *database, int ms)
{
    event_base_loopexit(database->loop,
                        &(struct timeval){.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000});
    event_base_dispatch(database->loop);
}

struct db *database_open(struct database *database, struct db_options options)
{
    options.loop = database->loop;
    options.conninfo = database->conninfo;
    options.hot_connections = options.hot_connections ? options.hot_connections : 1;
    options.locking_connections = options.locking_connections ? options.locking_connections : 1;
    options.slow_connections = options.slow_connections ? options.slow_connections : 1;
    options.export_connections = options.export_connections ? options.export_connections : 1;
    options.queue_most = options.queue_most ? options.queue_most : 1000;
    options.deadline_us = options.deadline_us ? options.deadline_us : 5 * CLOCK_SECOND_US;
    struct db *db = db_create(&options);
    struct db_state now = {.connections_wanted = 1};
    for (int i = 0; i < 1000 && now.connections_up < now.connections_wanted; i++) {
        database_run_ms(database, 5);
        db_state(db, &now);
    }
    assert_int_equal(now.connections_up, now.connections_wanted);
    return db;
}

void answer_take(void *context, const struct db_result *result)
{
    struct answer *answer = context;
    answer->is_here = true;
    answer->count++;
    answer->outcome = result->outcome;
    if (answer->order)
        answer->place = ++*answer->order;
    if (result->rows) {
        answer->rows = rows_count(result->rows);
        size_t length;
        if (answer->rows > 0)
            snprintf(answer->value, sizeof answer->value, "%s",
                     rows_at(result->rows, 0, 0, &length));
    }
    if (result->error) {
        answer->error = *result->error;
        snprintf(answer->message, sizeof answer->message, "%s", result->error->message);
        snprintf(answer->constraint, sizeof answer->constraint, "%s", result->error->constraint);
        answer->error.constraint = NULL;
    }
}

void answer_wait(struct database *database, struct answer *answer)
{
    database_run_until(database, &answer->is_here);
    assert_int_equal(answer->count, 1);
}
