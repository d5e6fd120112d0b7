/*
 * What a statement is given: values in the order of its parameters, and whole columns (arrays)
 * for statements that take a batch. Values are copied. Everything travels as text, apart from the
 * SQL, so that nothing in it can become part of the SQL.
 */
#ifndef EINLASS_DB_PARAMS_H
#define EINLASS_DB_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id.h"

struct params;

/* For a statement of `count` parameters, all NULL at first. */
struct params *params_create(int count);
void params_destroy(struct params *params);

/* Set parameter number `at`, counted from 1 as in SQL. A NULL text or id is SQL's null. */
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

int params_count(const struct params *params);

/* For libpq: `count` pointers, NULL for null, valid until the params change. */
const char *const *params_values(struct params *params);

/* How many bytes the values take together. */
size_t params_size(const struct params *params);

#endif
