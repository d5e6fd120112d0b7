/* What libpq's results mean to us. Inside db/ only: the rest of the house sees rows.h and db.h. */
#ifndef EINLASS_DB_RESULT_H
#define EINLASS_DB_RESULT_H

#include <libpq-fe.h>

#include "base/buffer.h"
#include "db/db.h"

/* rows.h over a result that somebody else owns. */
struct rows {
    const PGresult *result;
};

/* Whether the command did what it should: rows, or done without rows. */
bool result_is_good(const PGresult *result);

/* "" where there is none. */
const char *result_sqlstate(const PGresult *result);

/* The strings live as long as the result. */
void result_error(const PGresult *result, const char *statement, struct db_error *ret_error);

/* The row of SCHEMA_SQL. */
struct schema result_schema(const PGresult *result);

/* What an error means to whoever asked. */
enum result_cause {
    RESULT_REFUSED,  /* the query's own fault */
    RESULT_TIMEOUT,  /* statement_timeout fired */
    RESULT_CONFLICT, /* serialization failure or deadlock: nothing happened, it may be tried again
                      */
    RESULT_STALE,    /* the connection does not fit any more (schema changed, server demoted) */
};
enum result_cause result_cause(const PGresult *result);

/* Appends the error as one sentence without a line feed: message, detail and SQLSTATE. */
void result_sentence(const PGresult *result, struct buffer *sentence);

#endif
