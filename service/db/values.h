/*
 * What goes into a statement and what comes out. Everything travels as text, apart from the SQL, so
 * that no value can become part of the SQL.
 */
#ifndef EINLASS_DB_VALUES_H
#define EINLASS_DB_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id.h"

/*
 * The parameters of one statement, copied. The header "statements.h" has, for each statement, a
 * struct with a member for each parameter and a function that makes the params from it. For arrays
 * it has a function that appends a row, one element to each (db/statement.h).
 */
struct params;

/* For a parameter of type bytea. */
struct params_bytes {
    const unsigned char *bytes; /* NULL: null */
    size_t length;
};

/* For params that were not handed over: a function that runs a statement takes its params and frees
 * them. Takes NULL. */
void params_destroy(struct params *params);

/* The rows of a statement, with named columns. They are valid until the callback returns or as long
 * as the giving function says. A column that the statement does not declare ends the process. */
struct rows;

int rows_count(const struct rows *rows);
bool rows_is_null(const struct rows *rows, int row, const char *column);

/* "" for null. */
const char *rows_text(const struct rows *rows, int row, const char *column);

/* 0, false and the zero id for null. */
int64_t rows_number(const struct rows *rows, int row, const char *column);
bool rows_bool(const struct rows *rows, int row, const char *column);
struct id rows_id(const struct rows *rows, int row, const char *column);

/* A timestamptz as microseconds since 1970; 0 for null, INT64_MAX for "infinity", INT64_MIN for
 * "-infinity". */
int64_t rows_time(const struct rows *rows, int row, const char *column);

/* A bytea, with a NUL behind it; the caller frees it. Empty for null. */
char *rows_bytes(const struct rows *rows, int row, const char *column, size_t *ret_length);

/* By position, for loops over many rows; columns count from 0. */
const char *rows_at(const struct rows *rows, int row, int column, size_t *ret_length);
bool rows_is_null_at(const struct rows *rows, int row, int column);

#endif
