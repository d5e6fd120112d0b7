/* The words of closed sets, for the code that embed_sql generates: `names` are those of a set in
 * the order of its enum, the first of them "none". */
#ifndef EINLASS_DB_WORDS_H
#define EINLASS_DB_WORDS_H

#include "db/rows.h"

/* The word's place in the names; 0 where there is no such word. NULL is none. */
int words_parse(const char *const *names, int count, const char *name);

struct words_column {
    const char *statement, *column;
    const char *const *names;
    int count;
    const int *declared; /* the words that the statement may give, ends with 0; NULL: all */
};

/* As words_parse(). Null and a word that is not declared are 0, and an error in the log that
 * names the statement's file, the column and the word. */
int words_read(const struct rows *rows, int row, const struct words_column *column);

#endif
