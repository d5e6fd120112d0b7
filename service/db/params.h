/*
 * What a statement is given. The header "statements.h" has, for each statement, a struct with a
 * member for each parameter and a function that makes the params from it; and for arrays a function
 * that appends a row, one element to each (db/statement.h). Params know their statement. Values are
 * copied. Everything travels as text, apart from the SQL, so that nothing in it can become part of
 * the SQL.
 */
#ifndef EINLASS_DB_PARAMS_H
#define EINLASS_DB_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id.h"

struct params;

/* For a parameter of type bytea. */
struct params_bytes {
    const unsigned char *bytes;
    size_t length;
};

/* Only for params that nobody was given: what runs a statement takes its params. Takes NULL. */
void params_destroy(struct params *params);

#endif
