/*
 * For the code that embed_sql.js generates, and for the files and tests of this room: values by the
 * number of their parameter, and the words of closed sets.
 */
#ifndef EINLASS_DB_INSIDE_H
#define EINLASS_DB_INSIDE_H

#include "db/statement.h"
#include "db/values.h"

/* Parameters are counted from 1 as in SQL, and all null at first. A NULL text, id or bytes is null.
 */
struct params *params_for(const struct statement *statement);

/* Ends the process if the params are another statement's. */
void params_expect(const struct params *params, const struct statement *statement);

void params_text(struct params *params, int at, const char *text);
void params_id(struct params *params, int at, const struct id *id);
void params_number(struct params *params, int at, int64_t number);
void params_bool(struct params *params, int at, bool value);
void params_time(struct params *params, int at, int64_t at_us);
void params_bytes(struct params *params, int at, const unsigned char *bytes, size_t length);

/* Make parameter `at` an array if it is not one yet (an empty one at first) … */
void params_array(struct params *params, int at);

/* … and append one element to it. */
void params_add_text(struct params *params, int at, const char *text);
void params_add_id(struct params *params, int at, const struct id *id);
void params_add_number(struct params *params, int at, int64_t number);
void params_add_bool(struct params *params, int at, bool value);
void params_add_time(struct params *params, int at, int64_t at_us);
void params_add_bytes(struct params *params, int at, const unsigned char *bytes, size_t length);

const struct statement *params_statement(const struct params *params);
int params_count(const struct params *params);

/* For libpq: `count` pointers, NULL for null, valid until the params change. */
const char *const *params_values(struct params *params);

/* The index of the word in `names`, the words of a set in the order of its enum; the first is
 * "none". 0 for NULL and unknown words. */
int words_parse(const char *const *names, int count, const char *name);

struct words_column {
    const char *statement, *column;
    const char *const *names;
    int count;
    const int *declared; /* the words that the statement may return, ended by 0; NULL: all */
};

/* Like words_parse(). Null and undeclared words give 0 and an error in the log with the statement's
 * file, the column and the word. */
int words_read(const struct rows *rows, int row, const struct words_column *column);

#endif
