/*
 * libpq as the service uses it, for the other files of this folder. Connections are opened with
 * UTF-8, notice dead peers within seconds, and go to a server that can be written to where the
 * conninfo names several hosts. The conninfo may override all of this except the encoding. Results
 * are read as rows, or as errors with their cause.
 */
#ifndef EINLASS_DB_PG_H
#define EINLASS_DB_PG_H

#include <stdbool.h>

#include <libpq-fe.h>

#include "base/memory.h"
#include "db/db.h"

/* Where the conninfo names several hosts, tries them in their order from `first_host` on, counted
 * around. Like PQconnectStartParams(): continue with PQconnectPoll(). The lookup of a host name
 * blocks. If name service is slow, use addresses or /etc/hosts. */
PGconn *conninfo_start(const char *conninfo, int first_host);

/* Blocks; for commands. Check PQstatus(). */
PGconn *conninfo_open(const char *conninfo, int first_host);

/* How many hosts the conninfo names, at least 1. */
int conninfo_hosts(const char *conninfo);

/* The session settings that every statement may rely on (UTC, ISO dates, no time-outs, commits that
 * are on the disk, …), whatever the administrator set for the role, as SQL without parameters that
 * gives one row. */
extern const char conninfo_settings[];

/* Appends what went wrong with the connection as one sentence without a line feed. */
void conninfo_error(const PGconn *connection, struct buffer *sentence);

/* The SQLSTATE with which the server refused the connection; "" if no server answered. */
void conninfo_sqlstate(const PGconn *connection, char ret_sqlstate[DB_SQLSTATE_BYTES]);

/* Whether the server refused a connection for a wrong setting: password, role or database. */
bool sqlstate_is_hopeless(const char *sqlstate);

/* The rows of a result, which the caller owns. */
struct rows {
    const PGresult *result;
};

/* Takes the rows from the result of a query (db_result), so that they outlive its callback. */
void rows_take(const struct rows *rows, struct rows *ret_rows);
void rows_free(struct rows *rows);

/* Whether the command succeeded, with or without rows. */
bool result_is_good(const PGresult *result);

/* "" if there is none. */
const char *result_sqlstate(const PGresult *result);

/* The pointers live as long as the result. */
void result_error(const PGresult *result, const char *statement, struct db_error *ret_error);

/* The row of SCHEMA_SQL. */
struct schema result_schema(const PGresult *result);

/* What an error means for the caller. */
enum result_cause {
    RESULT_REFUSED,   /* an error of the query itself */
    RESULT_EXHAUSTED, /* the server lacks disk space, memory or connections */
    RESULT_TIMEOUT,   /* statement_timeout fired, or the server stops */
    RESULT_LOCKED,    /* lock_timeout fired */
    RESULT_CONFLICT,  /* serialization failure or deadlock: rolled back, may be retried */
    RESULT_STALE,     /* the connection is outdated (schema changed, server demoted) */
};
enum result_cause result_cause(const PGresult *result);

/* The outcome of a query that ends with this error. */
enum db_outcome result_outcome(const PGresult *result);

/* Appends the error as one sentence without a line feed: message, detail and SQLSTATE. */
void result_sentence(const PGresult *result, struct buffer *sentence);

#endif
