/* Interprets libpq's results. For db/ only; others use rows.h and db.h. */
#ifndef EINLASS_DB_RESULT_H
#define EINLASS_DB_RESULT_H

#include <libpq-fe.h>

#include "base/buffer.h"
#include "db/db.h"

/* The rows of a result, which the caller owns. */
struct rows {
    const PGresult *result;
};

/* Whether the command succeeded, with or without rows. */
bool result_is_good(const PGresult *result);

/* "" if there is none. */
const char *result_sqlstate(const PGresult *result);

/* The strings live as long as the result. */
void result_error(const PGresult *result, const char *statement, struct db_error *ret_error);

/* The row of SCHEMA_SQL. */
struct schema result_schema(const PGresult *result);

/* What an error means for the caller. */
enum result_cause {
    RESULT_REFUSED,  /* an error of the query itself */
    RESULT_TIMEOUT,  /* statement_timeout fired */
    RESULT_CONFLICT, /* serialization failure or deadlock: rolled back, may be retried */
    RESULT_STALE,    /* the connection is outdated (schema changed, server demoted) */
};
enum result_cause result_cause(const PGresult *result);

/* Appends the error as one sentence without a line feed: message, detail and SQLSTATE. */
void result_sentence(const PGresult *result, struct buffer *sentence);

#endif
