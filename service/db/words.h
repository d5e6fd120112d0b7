/* Reads words of closed sets, for the code that embed_sql.js generates. `names` are the words of a
 * set in the order of its enum; the first is "none". */
#ifndef EINLASS_DB_WORDS_H
#define EINLASS_DB_WORDS_H

#include "db/rows.h"

/* The index of the word in `names`; 0 for NULL and unknown words. */
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
