/* Reads the comment at the head of a statement's .sql file, as db/statement.h describes it. A part
 * of embed_sql, which ends with a line on standard error where something is wrong. */
#ifndef EINLASS_DB_EMBED_HEAD_H
#define EINLASS_DB_EMBED_HEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "db/statement.h"

enum { EMBED_ROWS_MOST = 8, EMBED_SETS_MOST = 8, EMBED_WORDS_MOST = 64 };

struct embed_value {
    char *name, *type; /* type: without the "[]" of an array */
    bool is_array, may_be_null;
};

/* Array parameters that are filled together: from number first to number last, counted from 0. */
struct embed_row {
    char *name;
    int first, last;
};

/* A closed set of words: of a column, or of all files together. */
struct embed_set {
    char *name, *column; /* column: NULL for all files together */
    char *words[EMBED_WORDS_MOST];
    int count;
};

struct embed_head {
    struct embed_value parameters[STATEMENT_PARAMETERS_MOST], columns[STATEMENT_COLUMNS_MOST];
    struct embed_row rows[EMBED_ROWS_MOST];
    struct embed_set sets[EMBED_SETS_MOST];
    int parameter_count, column_count, row_count, set_count;
    size_t body, body_length; /* the SQL itself: where it starts, without a semicolon at its end */
};

/* line 0: the file as a whole. */
_Noreturn void embed_fail(const char *path, int line, const char *reason);

/* A copy of the text between the two, less the blanks at both ends. */
char *embed_copy(const char *start, const char *end);

/* Whether it is a name: lower-case letters, digits and underscores. */
bool embed_is_word(const char *text);

/* Takes the word. False: the set has no room. A word that is there is not added again. */
bool embed_add_word(struct embed_set *set, char *word);
bool embed_has_word(const struct embed_set *set, const char *word);

/* The words declared for the column; NULL: none. */
const struct embed_set *embed_set_of(const struct embed_head *head, const char *column);

void embed_head_parse(const char *path, const char *text, struct embed_head *ret_head);
void embed_head_finish(struct embed_head *head);

#endif
