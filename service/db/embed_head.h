/* Reads the comment at the head of a statement's .sql file, as db/statement.h describes it. A part
 * of embed_sql, which ends with a line on standard error where something is wrong. */
#ifndef EINLASS_DB_EMBED_HEAD_H
#define EINLASS_DB_EMBED_HEAD_H

#include <stddef.h>

#include "db/statement.h"

struct embed_value {
    char *name, *type;
};

struct embed_head {
    struct embed_value parameters[STATEMENT_PARAMETERS_MOST], columns[STATEMENT_COLUMNS_MOST];
    int parameter_count, column_count;
    size_t body, body_length; /* the SQL itself: where it starts, without a semicolon at its end */
};

/* line 0: the file as a whole. */
_Noreturn void embed_fail(const char *path, int line, const char *reason);

void embed_head_parse(const char *path, const char *text, struct embed_head *ret_head);
void embed_head_finish(struct embed_head *head);

#endif
