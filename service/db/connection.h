/*
 * A session with PostgreSQL on an event loop: a link in pipeline mode (libpq manual, section
 * 34.5, "Pipeline Mode"), set up and with all statements prepared before anybody may use it, and
 * again after each loss. What is said over it are exchanges: some commands and the Sync behind
 * them, one transaction of its own, so that the failure of one leaves its neighbours alone.
 */
#ifndef EINLASS_DB_CONNECTION_H
#define EINLASS_DB_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <libpq-fe.h>

#include "db/schema.h"
#include "db/statement.h"

struct connection;
struct event_base;

/* Embedded in whatever is asked. Belongs to the connection from connection_submit() until on_synced
 * or the loss of the connection, whichever comes first. */
struct exchange {
    TAILQ_ENTRY(exchange) entry;
    int answered; /* commands so far */

    /* The result of each command in turn, which is the callee's to PQclear(). */
    void (*on_result)(struct exchange *exchange, int command, PGresult *result);

    /* The Sync came back: what was done is durable. The exchange may be submitted again. */
    void (*on_synced)(struct exchange *exchange);
};

struct connection_options {
    struct event_base *loop;
    const char *conninfo;
    const struct statement *const *statements; /* ends with NULL; NULL: none */
    struct schema schema;                      /* the one needed */
    int64_t statement_timeout_us;
    bool by_key; /* its statements find their rows by key: one plan each, for good */

    /* It may be used. */
    void (*on_ready)(void *context, struct connection *connection);

    /* It was ready and is lost; exchanges that were under way are forgotten. */
    void (*on_lost)(void *context, struct connection *connection);

    /* Nothing that waiting would mend. It is tried again all the same. */
    void (*on_fatal)(void *context, const char *sentence);

    void (*on_notice)(void *context, const char *payload); /* of LISTEN; NULL: ignored */
    void *context;
};

struct connection *connection_create(const struct connection_options *options);

/* Forgets exchanges under way; no callback. Takes NULL. */
void connection_destroy(struct connection *connection);

bool connection_is_ready(const struct connection *connection);

/* For PQsend…(); only while it is up, that is in its callbacks and while it is ready. */
PGconn *connection_pg(struct connection *connection);

/* Sends the Sync behind the commands the caller has just sent. `sent` says whether all of them
 * were taken; where one was not the connection is broken and will be lost. */
void connection_submit(struct connection *connection, struct exchange *exchange, bool sent);

/* Sends a prepared statement. */
bool connection_send(struct connection *connection, const struct statement *statement,
                     int parameter_count, const char *const *values);

/* Takes no more work (it is not ready from now on) and is made anew once the exchanges under way
 * have ended: what it prepared does not fit any more. */
void connection_retire(struct connection *connection, const char *why);

/* Breaks it off; from the loop and soon. */
void connection_drop(struct connection *connection, const char *why);

/* How long something has been under way without a word from the server. */
int64_t connection_silence_us(const struct connection *connection, int64_t now_us);

/* The newest migration found when it was last set up; 0: none. */
int connection_schema_version(const struct connection *connection);
bool connection_waits_for_schema(const struct connection *connection);

#endif
