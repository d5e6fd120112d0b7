/* For tests with a real PostgreSQL: its own schema, and a loop that runs until something has
 * happened. EINLASS_TEST_DATABASE has the conninfo. Without it the program is skipped. */
#ifndef EINLASS_TESTS_DATABASE_H
#define EINLASS_TESTS_DATABASE_H

#include <stdbool.h>

#include <event2/event.h>
#include <libpq-fe.h>

#include "db/db.h"

struct database {
    struct event_base *loop;
    char *conninfo; /* with the schema */
    PGconn *pg;     /* another connection, for checks */
};

/* For cmocka_run_group_tests(); the state is the struct database. */
int database_set_up(void **state);
int database_tear_down(void **state);

void database_execute(struct database *database, const char *sql);
long database_number(struct database *database, const char *sql);

/* Ends the backends of the service under test, all of them or one. */
void database_kill_others(struct database *database);

/* Runs pg_ctl on the server: "-m immediate -w stop", "-w start". Skips the test without the
 * variable EINLASS_TEST_PG_CTL. */
void database_control(const char *action);

/* Runs the loop until the flag is set. The test fails after half a minute. */
void database_run_until(struct database *database, const bool *done);
void database_run_ms(struct database *database, int ms);

/* A db on the loop with these statements; ready when it returns. Further options may be set. */
struct db *database_open(struct database *database, struct db_options options);

/* The result of a query. */
struct answer {
    bool is_here;
    int count; /* of calls; more than one is a bug */
    enum db_outcome outcome;
    int rows;
    char value[64]; /* the first column of the first row */
    struct db_error error;
    char message[256], constraint[64];
    int *order, place; /* counts the answers of several queries */
};
void answer_take(void *answer, const struct db_result *result);

/* Runs the loop until the answer comes. */
void answer_wait(struct database *database, struct answer *answer);

#define STATEMENT(symbol, text, ...)                                                               \
    static const struct statement symbol = {.name = "test/" #symbol, .sql = text, __VA_ARGS__}
#define VALUES(...)                                                                                \
    (const struct statement_value[])                                                               \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

#endif
