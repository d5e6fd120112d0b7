/*
 * For the code that embed_sql.js generates, and for tests of this room: values by the number of the
 * parameter, counted from 1 as in SQL. A NULL text, id or bytes is SQL's null.
 */
#ifndef EINLASS_DB_PARAMS_INSIDE_H
#define EINLASS_DB_PARAMS_INSIDE_H

#include "db/params.h"
#include "db/statement.h"

/* All null at first. */
struct params *params_for(const struct statement *statement);

/* Ends the process where the params are another statement's. */
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

/* How many bytes the values take together. */
size_t params_size(const struct params *params);

#endif
