/* Compares the declaration of a statement with the server's description. */
#ifndef EINLASS_DB_FIT_H
#define EINLASS_DB_FIT_H

#include <stdbool.h>

#include <libpq-fe.h>

#include "base/buffer.h"
#include "db/statement.h"

/* Appends the type numbers of all descriptions, "{23,25,…}", with repetitions. */
void fit_list_types(PGresult *const *described, int count, struct buffer *oids);

/* `types` are rows of type number and name. False: the reason names the statement's file. */
MUST_CHECK bool fit_check(const struct statement *statement, const PGresult *described,
                          const PGresult *types, struct buffer *reason);

#endif
