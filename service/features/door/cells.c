#include "features/door/cells.h"

#include "base/clock.h"

json_t *cell_id(const struct rows *rows, int row, const char *column)
{
    char text[ID_TEXT_BYTES];
    struct id id = rows_id(rows, row, column);
    id_format(&id, text);
    return json_string(text);
}

json_t *cell_time(const struct rows *rows, int row, const char *column)
{
    char text[CLOCK_TEXT_BYTES];
    if (rows_is_null(rows, row, column))
        return json_null();
    clock_format(rows_time(rows, row, column), text);
    return json_string(text);
}

const char *cell_text(const struct rows *rows, int row, const char *column)
{
    return rows_is_null(rows, row, column) ? NULL : rows_text(rows, row, column);
}
