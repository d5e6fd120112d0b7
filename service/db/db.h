/*
 * A worker's connections to PostgreSQL, on its event loop, with all statements prepared. Two lanes
 * never share a connection:
 *   - the hot lane: a few connections in pipeline mode for fast statements;
 *   - the slow lane: connections that run one statement or stream at a time (search, export).
 * A lost connection is retried at once, then with backoff (0.1 s to 5 s, with jitter). Meanwhile
 * queries wait in the bounded queue until their deadline.
 */
#ifndef EINLASS_DB_DB_H
#define EINLASS_DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/schema.h"
#include "db/statement.h"
#include "db/values.h"

struct event_base;
struct db;

enum db_lane { DB_HOT, DB_SLOW };

/* How a query ended. */
enum db_outcome {
    DB_DONE,     /* with rows */
    DB_REFUSED,  /* the database answered with an error, see `error` */
    DB_FULL,     /* the queue is full: answer 503 with Retry-After at once */
    DB_LATE,     /* the deadline passed, or statement_timeout fired */
    DB_LOST,     /* the connection died while it ran, and it must not be sent twice */
    DB_STOPPING, /* db_destroy() was called */
};

struct db_error {
    char sqlstate[6];
    /* Never show these to clients. "" if unknown. statement: "registration/sign_up". */
    const char *message, *constraint, *statement;
};

struct db_result {
    enum db_outcome outcome;
    const struct rows *rows;      /* with DB_DONE, else NULL */
    const struct db_error *error; /* with DB_REFUSED, else NULL */
};

/* Runs exactly once, on the db's loop, after the call that got it has returned. */
typedef void db_done(void *context, const struct db_result *result);

struct db_options {
    struct event_base *loop;
    const char *conninfo;                      /* libpq: keywords or URI, several hosts allowed */
    const struct statement *const *statements; /* ends with NULL */
    int hot_connections, slow_connections;
    size_t queue_most;   /* queries waiting or running, per lane */
    int64_t deadline_us; /* for every query, counted from the call */
    /* The required schema. While the database has another one, it is checked every second. */
    struct schema schema;
    /* An error that waiting does not repair: statements do not fit the schema, or a wrong password.
     * The sentence names the cause. serve stops with it at start; later it keeps retrying. */
    void (*on_fatal)(void *context, const char *sentence);
    void *context;
};

struct db *db_create(const struct db_options *options);

/* Ends all queries with DB_STOPPING and closes the connections. Do not call it from a callback of
 * the db. Takes NULL. */
void db_destroy(struct db *db);

/* One transaction in one round trip: `lock` (may be NULL), then `run`, which gives the result.
 * Takes the params. `again` says that the query may run twice: after a lost connection it is sent
 * again until its deadline. A query that was rolled back for a deadlock or a stale plan is always
 * retried a few times. */
struct db_query {
    enum db_lane lane;
    struct params *lock, *run;
    bool again;
    db_done *on_done;
    void *context;
};
void db_run(struct db *db, const struct db_query *query);

/* Runs one statement on the hot lane; it may be sent again. */
void db_ask(struct db *db, struct params *params, db_done *on_done, void *context);

/* Logs an error if the database refused the statement; ignores other outcomes. `request` is the
 * request's id, NULL without a request. */
void db_log_refused(const struct db_result *result, const char *request);

/* Whether a connection of the hot lane is up and the schema is the required one. */
bool db_is_ready(const struct db *db);

/* The current state, for /metrics and /readyz. */
struct db_state {
    int connections_up, connections_wanted, schema_version_found; /* 0: none found */
    bool waits_for_schema; /* the database has another schema */
    size_t hot_waiting, hot_running, slow_waiting, slow_running;
    uint64_t reconnects, queries, failures, resent;
};
void db_state(const struct db *db, struct db_state *ret_state);

#endif
