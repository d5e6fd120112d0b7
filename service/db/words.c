#include "db/words.h"

#include "base/log.h"

int words_parse(const char *const *names, int count, const char *name)
{
    int word = name ? count - 1 : 0;
    while (word > 0 && strcmp(names[word], name) != 0)
        word--;
    return word;
}

static bool is_declared(const int *declared, int word)
{
    while (declared && *declared && *declared != word)
        declared++;
    return !declared || *declared;
}

int words_read(const struct rows *rows, int row, const struct words_column *column)
{
    const char *name = rows_text(rows, row, column->column);
    int word = words_parse(column->names, column->count, name);
    if (word > 0 && is_declared(column->declared, word))
        return word;
    log_event(LOG_ERROR, "unknown_word", log_text("statement", column->statement),
              log_text("column", column->column),
              log_text("word", rows_is_null(rows, row, column->column) ? "null" : name));
    return 0;
}
