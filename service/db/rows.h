/* The rows of a statement, with named columns. They are valid until the callback returns or as long
 * as the giving function says. A column that the statement does not declare ends the process. */
#ifndef EINLASS_DB_ROWS_H
#define EINLASS_DB_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id.h"

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

/* By position, for loops over many rows; columns count from 0. */
const char *rows_at(const struct rows *rows, int row, int column, size_t *ret_length);
bool rows_is_null_at(const struct rows *rows, int row, int column);

#endif
