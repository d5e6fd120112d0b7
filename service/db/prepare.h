/*
 * Sets up a new connection: whether the server is the right one, session settings and the version
 * of the schema, and for a connection that checks them all statements prepared, described and
 * compared with their declarations. While the schema has another version, it checks again every
 * second.
 */
#ifndef EINLASS_DB_PREPARE_H
#define EINLASS_DB_PREPARE_H

#include "db/connection.h"

struct preparation;

struct prepare_options {
    struct event_base *loop;
    const struct statement *const *statements; /* to check; ends with NULL; NULL: none */
    struct schema schema;                      /* required */
    struct primary *primary;                   /* NULL: any server is right */
    int64_t statement_timeout_us;
    int lock_timeout_ms;
    bool by_key; /* see connection.h */

    /* The connection is ready. */
    void (*on_prepared)(struct db_connection *connection);

    /* The setup failed. DB_UNREACHABLE: for a reason that passes. */
    void (*on_failed)(struct db_connection *connection, const char *sentence, enum db_absence why);
};

struct preparation *prepare_start(struct db_connection *connection,
                                  const struct prepare_options *options);

/* Takes NULL. Do not call it from its callbacks. */
void prepare_destroy(struct preparation *preparation);

/* The version found; 0: none yet. */
int prepare_schema_version(const struct preparation *preparation);

/* The timeline of the server; 0: not known. */
int64_t prepare_timeline(const struct preparation *preparation);

/* Whether a pooler stands before the server. */
bool prepare_has_pooler(const struct preparation *preparation);

/* Whether the schema has another version and is checked again. */
bool prepare_waits_for_schema(const struct preparation *preparation);

#endif
