/*
 * A session with PostgreSQL on an event loop: a libpq connection in pipeline mode (libpq manual,
 * section 34.5, "Pipeline Mode"). It sets the session up before it is ready, and prepares a
 * statement when it is first sent. It reconnects after a loss: first at once, then with backoff. An
 * exchange is some commands with a Sync behind them. It is one transaction, so its failure does not
 * affect other exchanges.
 * All callbacks run from the loop, never inside a call to the connection.
 */
#ifndef EINLASS_DB_CONNECTION_H
#define EINLASS_DB_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <libpq-fe.h>

#include "db/db.h"
#include "db/schema.h"
#include "db/statement.h"

struct db_connection;
struct event_base;

/* Embed it in the caller's struct. It belongs to the connection from connection_submit() until
 * on_synced or the loss of the connection. */
struct exchange {
    TAILQ_ENTRY(exchange) entry;
    int preparing; /* statements that are prepared ahead of it, each with a Sync of its own */
    int answered;  /* commands so far */

    /* Gets the result of each command in turn, and must PQclear() it. */
    void (*on_result)(struct exchange *exchange, int command, PGresult *result);

    /* The Sync came back: the transaction is durable. The exchange may be submitted again. */
    void (*on_synced)(struct exchange *exchange);
};

struct connection_options {
    struct event_base *loop;
    const char *conninfo;
    const struct statement *const *statements; /* ends with NULL; NULL: none */
    bool checks;             /* whether all statements fit their declarations, before it is ready */
    struct schema schema;    /* required */
    struct primary *primary; /* NULL: any server is right */
    int64_t statement_timeout_us;
    int lock_timeout_ms; /* 0: none */
    bool by_key;         /* all statements find rows by key, so generic plans are forced */

    /* The connection is ready for exchanges. */
    void (*on_ready)(void *context, struct db_connection *connection);

    /* A ready connection is lost; its exchanges get no further callback. */
    void (*on_lost)(void *context, struct db_connection *connection);

    /* See db.h. The connection is retried anyway. */
    void (*on_fatal)(void *context, const char *sentence);

    void (*on_notice)(void *context, const char *payload); /* of LISTEN; NULL: ignored */
    void *context;
};

struct db_connection *connection_create(const struct connection_options *options);

/* Drops all exchanges without a callback. Takes NULL. */
void connection_destroy(struct db_connection *connection);

bool connection_is_ready(const struct db_connection *connection);

/* For PQsend…(). Valid in the callbacks and while the connection is ready. */
PGconn *connection_pg(struct db_connection *connection);

/* Sends the Sync behind the commands that the caller has just sent. `sent`: libpq accepted all of
 * them. If not, the connection is broken and will be lost. */
void connection_submit(struct db_connection *connection, struct exchange *exchange, bool sent);

/* Prepares the statement ahead of the next exchange, unless this connection has it already. Call it
 * before the first command of the exchange. If the server refuses it, the statement is unknown
 * (SQLSTATE 26000) when it is sent. */
MUST_CHECK bool connection_prepare(struct db_connection *connection,
                                   const struct statement *statement);

/* Sends a prepared statement. */
bool connection_send(struct db_connection *connection, const struct statement *statement,
                     int parameter_count, const char *const *values);

/* For outdated prepared statements: the connection is not ready from now on, and reconnects when
 * its exchanges have ended. */
void connection_retire(struct db_connection *connection, const char *why);

/* Closes the connection soon, from the loop. */
void connection_drop(struct db_connection *connection, const char *why);

/* Drops a connection to an old primary or through a pooler in transaction mode, as others found out
 * since (db/primary.h). It is not ready any more. */
void connection_drop_if_doubted(struct db_connection *connection);

/* How long the oldest exchange has waited without any input from the server. */
int64_t connection_silence_us(const struct db_connection *connection, int64_t now_us);

/* The newest migration found at the last setup; 0: none. */
int connection_schema_version(const struct db_connection *connection);

/* Why the connection is not ready. The SQLSTATE is "" except with DB_REFUSES. */
enum db_absence connection_absence(const struct db_connection *connection,
                                   char ret_sqlstate[DB_SQLSTATE_BYTES]);

#endif
