/* What a statement gave: rows of named columns. Owned by whoever hands them out; valid only as
 * long as that says (for callbacks: until the callback returns). Asking for a column that the
 * statement does not declare is a bug and ends the process. */
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

/* A timestamptz as microseconds since 1970; 0 for null, the ends of int64_t for "infinity" and
 * "-infinity". */
int64_t rows_time(const struct rows *rows, int row, const char *column);

/* By position, for loops over many rows: the statement's columns counted from 0. */
const char *rows_at(const struct rows *rows, int row, int column, size_t *ret_length);
bool rows_is_null_at(const struct rows *rows, int row, int column);

#endif
