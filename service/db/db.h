/*
 * A worker's way to PostgreSQL: connections that belong to its event loop, all statements prepared
 * on each. Two lanes, which never share a connection:
 *   - the hot lane: a few connections in pipeline mode for statements that answer at once;
 *   - the slow lane: connections that run one statement or stream at a time (search, export).
 * A lost connection is made again, first at once and then with growing pauses (0.1 s to 5 s, with
 * jitter). While there is none, queries wait in the bounded queue until their deadline.
 */
#ifndef EINLASS_DB_DB_H
#define EINLASS_DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "db/params.h"
#include "db/rows.h"
#include "db/schema.h"
#include "db/statement.h"

struct event_base;
struct db;

enum db_lane { DB_HOT, DB_SLOW };

/* How a query ended. */
enum db_outcome {
    DB_DONE,     /* rows are there */
    DB_REFUSED,  /* the database answered with an error: `error` says which */
    DB_FULL,     /* the queue is full: answer 503 with Retry-After at once */
    DB_LATE,     /* the deadline passed, or statement_timeout fired */
    DB_LOST,     /* the connection died while it ran, and it must not be sent twice */
    DB_STOPPING, /* db_destroy() was called */
};

struct db_error {
    char sqlstate[6];
    /* Never shown to strangers; "" where there is none. statement: "registration/sign_up". */
    const char *message, *constraint, *statement;
};

struct db_result {
    enum db_outcome outcome;
    const struct rows *rows;      /* with DB_DONE, else NULL */
    const struct db_error *error; /* with DB_REFUSED, else NULL */
};

/* Runs exactly once, never before the call that was given it has returned, on the db's loop. */
typedef void db_done(void *context, const struct db_result *result);

struct db_options {
    struct event_base *loop;
    const char *conninfo;                      /* libpq: keywords or URI, several hosts allowed */
    const struct statement *const *statements; /* ends with NULL */
    int hot_connections, slow_connections;
    size_t queue_most;   /* queries waiting or running, per lane */
    int64_t deadline_us; /* for every query, counted from the call */
    /* The schema the service was built for. While the database has another one it is looked at
     * every second. */
    struct schema schema;
    /* Statements do not fit the schema, or the password is wrong: nothing that waiting would mend.
     * The sentence names the cause. While starting, serve stops with it; whoever stays is connected
     * as soon as the cause is gone. */
    void (*on_fatal)(void *context, const char *sentence);
    void *context;
};

struct db *db_create(const struct db_options *options);

/* Ends with DB_STOPPING what still waits or runs, closes the connections. Not from within a
 * callback of the db. Takes NULL. */
void db_destroy(struct db *db);

/* One transaction: `lock` (NULL: none), then `run`, in the same round trip. The result is the
 * result of `run`. The params become the query's. `again` says that sending it twice does no
 * harm: where the connection dies it is sent again on the next until its deadline. What was rolled
 * back for a deadlock, or for a plan that went stale, is tried again a few times in any case. */
struct db_query {
    enum db_lane lane;
    struct params *lock, *run;
    /* TRANSITION */
    const struct statement *first;
    struct params *first_params;
    const struct statement *then;
    struct params *then_params;
    bool again;
    db_done *on_done;
    void *context;
};
void db_run(struct db *db, const struct db_query *query);

/* The common case: one statement that may be sent again, on the hot lane. */
void db_ask(struct db *db, struct params *params, db_done *on_done, void *context);
/* TRANSITION */
#define DB_NTH(a1, a2, a3, a4, a5, a6, name, ...) name
#define db_ask_5(db, statement, params, done, context)                                             \
    (db_ask)(db, params_claim(statement, params), done, context)
#define db_ask_4(db, params, done, context) (db_ask)(db, params, done, context)
#define db_ask(...) DB_NTH(__VA_ARGS__, db_ask_6, db_ask_5, db_ask_4, x)(__VA_ARGS__)

/* An error in the log where the database refused the statement, and nothing for other outcomes.
 * request: the request's id, NULL where it was not for one. */
void db_log_refused(const struct db_result *result, const char *request);

/* Whether a connection of the hot lane is up and the schema is the one we were built for. */
bool db_is_ready(const struct db *db);

/* What is going on, for /metrics and /readyz. */
struct db_state {
    int connections_up, connections_wanted, schema_version_found; /* 0: none found */
    bool waits_for_schema; /* it is there and of another version than we were built for */
    size_t hot_waiting, hot_running, slow_waiting, slow_running;
    uint64_t reconnects, queries, failures, resent;
};
void db_state(const struct db *db, struct db_state *ret_state);

#endif
