/*
 * For the tests that need a real PostgreSQL: the conninfo in EINLASS_TEST_DATABASE, a schema of the
 * test's own, an event loop that runs until something has happened. Without the variable the
 * program says so and is skipped.
 */
#ifndef EINLASS_TESTS_DATABASE_H
#define EINLASS_TESTS_DATABASE_H

#include <stdbool.h>

#include <event2/event.h>
#include <libpq-fe.h>

#include "db/db.h"

struct database {
    struct event_base *loop;
    char *conninfo; /* leads into the schema */
    PGconn *pg;     /* to look in from aside */
};

/* For cmocka_run_group_tests(); the state is the struct database. */
int database_set_up(void **state);
int database_tear_down(void **state);

void database_execute(struct database *database, const char *sql);
long database_number(struct database *database, const char *sql);

/* Ends the backends of the service under test, all of them or one. */
void database_kill_others(struct database *database);

/* Runs pg_ctl on the server: "-m immediate -w stop", "-w start". Skips the test where the variable
 * EINLASS_TEST_PG_CTL does not say how. */
void database_control(const char *action);

/* Runs the loop until the flag is set, at most half a minute; else the test fails. */
void database_run_until(struct database *database, const bool *done);
void database_run_ms(struct database *database, int ms);

/* A db on the loop with these statements; ready when it returns. Further options may be set. */
struct db *database_open(struct database *database, struct db_options options);

/* What came of a query. */
struct answer {
    bool is_here;
    int count; /* how often it came: more than once is a bug */
    enum db_outcome outcome;
    int rows;
    char value[64]; /* the first column of the first row */
    struct db_error error;
    char message[256], constraint[64];
    int *order, place; /* counts the answers of several */
};
void answer_take(void *answer, const struct db_result *result);

/* Runs the loop until it is here. */
void answer_wait(struct database *database, struct answer *answer);

#define STATEMENT(symbol, text, ...)                                                               \
    static const struct statement symbol = {.name = "test/" #symbol, .sql = text, __VA_ARGS__}
#define VALUES(...)                                                                                \
    (const struct statement_value[])                                                               \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

#endif
