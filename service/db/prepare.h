/*
 * What happens on a fresh connection before anybody may use it: session settings, the version of
 * the schema, every statement prepared, described and held against its declaration. While the
 * schema is of another version it looks again every second.
 */
#ifndef EINLASS_DB_PREPARE_H
#define EINLASS_DB_PREPARE_H

#include "db/connection.h"

struct preparation;

struct prepare_options {
    struct event_base *loop;
    const struct statement *const *statements; /* ends with NULL; NULL: none */
    struct schema schema;                      /* the one needed */
    int64_t statement_timeout_us;
    bool by_key; /* see connection.h */

    /* The connection is fit for use. */
    void (*on_prepared)(struct connection *connection);

    /* It will not be; is_fatal where waiting mends nothing. */
    void (*on_failed)(struct connection *connection, const char *sentence, bool is_fatal);
};

struct preparation *prepare_start(struct connection *connection,
                                  const struct prepare_options *options);

/* Takes NULL. Not from within its callbacks. */
void prepare_destroy(struct preparation *preparation);

/* 0: none found so far. */
int prepare_schema_version(const struct preparation *preparation);

/* Whether it found a schema of another version and looks again until that changes. */
bool prepare_waits_for_schema(const struct preparation *preparation);

#endif
