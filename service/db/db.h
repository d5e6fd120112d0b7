/*
 * A worker's connections to PostgreSQL, on its event loop. Its first connection checks all
 * statements against the database before the db is ready; each other one prepares a statement when
 * it first runs it. Lanes never share a connection:
 *   - the hot lane: a few connections in pipeline mode for fast statements;
 *   - the locking lane: connections that run one transaction at a time, which waits for the lock on
 *     an event;
 *   - the slow lane: connections that run one statement at a time (search);
 *   - the export lane: connections that run one portion of an export at a time (db/stream.h).
 * A lost connection is retried at once, then with backoff (0.1 s to 5 s, with jitter). Meanwhile
 * queries wait in the bounded queue until their deadline.
 */
#ifndef EINLASS_DB_DB_H
#define EINLASS_DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id.h"
#include "db/schema.h"
#include "db/statement.h"
#include "db/values.h"

struct event_base;
struct db;
struct primary;

enum db_lane { DB_HOT, DB_LOCKING, DB_SLOW, DB_EXPORT };

enum { DB_SQLSTATE_BYTES = 6, DB_MESSAGE_BYTES = 256 };

/* How a query ended. */
enum db_outcome {
    DB_DONE,      /* with rows */
    DB_REFUSED,   /* the database answered with an error that is a mistake of ours, see `error` */
    DB_EXHAUSTED, /* the server has no disk space, memory or connection left (class 53) */
    DB_FULL,      /* the queue is full: answer 503 with Retry-After at once */
    DB_LATE,      /* the deadline passed, a timeout fired, or others were in the way too often */
    DB_LOCKED,    /* a row was locked, and the query asked to be split */
    DB_LOST,      /* the connection died while it ran, and it must not be sent twice */
    DB_STOPPING,  /* db_destroy() was called */
};

struct db_error {
    char sqlstate[DB_SQLSTATE_BYTES];
    /* Never show these to clients. They hold no values of the statement, so they may be logged. */
    char message[DB_MESSAGE_BYTES];
    const char *constraint, *statement; /* "" if unknown; "registration/sign_up" */
};

struct db_result {
    enum db_outcome outcome;
    const struct rows *rows;      /* with DB_DONE, else NULL */
    const struct db_error *error; /* with DB_REFUSED, else NULL */
};

/* Runs exactly once, on the db's loop, after the call that got it has returned. The db has logged
 * what the database refused. */
typedef void db_done(void *context, const struct db_result *result);

struct db_options {
    struct event_base *loop;
    const char *conninfo;                      /* libpq: keywords or URI, several hosts allowed */
    const struct statement *const *statements; /* ends with NULL */
    int hot_connections, locking_connections, slow_connections, export_connections;
    size_t queue_most;   /* queries waiting or running, per lane */
    int64_t deadline_us; /* for every query, counted from the call */
    /* The required schema. While the database has another one, it is checked every second. */
    struct schema schema;
    struct primary *primary; /* what the process knows of the server; NULL: any server is right */
    /* A connection of the hot lane is ready. May be NULL. */
    void (*on_ready)(void *context);
    /* At the first start these errors are mistakes in the settings: statements do not fit the
     * schema, a wrong password, role or database, other keys. The sentence names the cause. Later
     * they pass, as in a restore, so the db retries in any case. May be NULL. */
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
 * retried a few times.
 *
 * What locks the row of an event goes to the locking lane with the event as its `key`: the lane
 * runs one query of a key at a time, in their order, and a row that stays locked holds up only its
 * key. On the hot lane, a query that does not get a lock soon goes to the locking lane, or ends
 * with DB_LOCKED if it `splits`, because it needs locks of several keys. */
struct db_query {
    enum db_lane lane;
    const struct id *key; /* NULL: none; copied */
    bool splits;
    struct params *lock, *run;
    bool again;
    db_done *on_done;
    void *context;
};
void db_run(struct db *db, const struct db_query *query);

/* Runs one statement on the hot lane; it may be sent again. */
void db_ask(struct db *db, struct params *params, db_done *on_done, void *context);

/* Whether a connection of the hot lane is up and the schema is the required one. */
bool db_is_ready(const struct db *db);

/* Why a connection is not ready. */
enum db_absence {
    DB_PRESENT,
    DB_UNREACHABLE,   /* no server, or it starts or stops */
    DB_REFUSES,       /* the server answered and refused, with a SQLSTATE */
    DB_NOT_MIGRATED,  /* the database has another schema */
    DB_UNFIT,         /* statements do not fit the schema */
    DB_OTHER_KEYS,    /* the database belongs to another service secret */
    DB_POOLED,        /* a pooler in transaction mode stands before it */
    DB_OLD_PRIMARY,   /* a newer primary of the cluster has been seen */
    DB_OTHER_CLUSTER, /* not the cluster that this process began with */
};

/* NULL: none. */
struct primary *db_primary(const struct db *db);

/* The current state, for /metrics and /readyz. */
struct db_state {
    int connections_up, connections_wanted, schema_version_found; /* 0: none found */
    enum db_absence absence;                                      /* of the hot lane */
    char sqlstate[DB_SQLSTATE_BYTES];                             /* with DB_REFUSES */
    size_t waiting[DB_EXPORT + 1], running[DB_EXPORT + 1];        /* by lane */
    uint64_t reconnects, queries, failures, resent;
};
void db_state(const struct db *db, struct db_state *ret_state);

#endif
