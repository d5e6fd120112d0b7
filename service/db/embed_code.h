/* Writes the C of statements and of their sets of words. A part of embed_sql. */
#ifndef EINLASS_DB_EMBED_CODE_H
#define EINLASS_DB_EMBED_CODE_H

#include <stdio.h>

#include "db/embed_head.h"

enum { EMBED_ALL_SETS_MOST = 100 };

/* The sets of all files: types of the database, and what heads declare. */
struct embed_sets {
    struct embed_set list[EMBED_ALL_SETS_MOST];
    bool is_type[EMBED_ALL_SETS_MOST], is_used[EMBED_ALL_SETS_MOST];
    int count;
};

/* Adds every "create type NAME as enum ('word', …)" of a migration. The newest one of a name
 * counts. */
void embed_sets_read_types(struct embed_sets *sets, const char *path, const char *sql);

/* Adds the words that a head declares, and marks the types that it uses. */
void embed_sets_add(struct embed_sets *sets, const char *path, const struct embed_head *head);

void embed_sets_finish(struct embed_sets *sets);

/* The enums with their functions: declarations, definitions. */
void embed_write_sets(FILE *h, FILE *c, const struct embed_sets *sets);

/* One statement: `name` is "registration/sign_up", `symbol` "registration_sign_up"; `sql` is the
 * whole file. */
void embed_write_statement(FILE *h, FILE *c, const struct embed_sets *sets, const char *path,
                           const char *name, const char *symbol, const struct embed_head *head,
                           const char *sql);

/* A C string, each line of the text on a line of its own. */
void embed_write_string(FILE *out, const char *text, size_t length);

#endif
