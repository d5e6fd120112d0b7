#include "http/view.h"

#include "base/clock.h"

json_t *view_id(const struct id *id)
{
    char text[ID_TEXT_BYTES];
    if (id_is_zero(id))
        return json_null();
    id_format(id, text);
    return json_string(text);
}

json_t *view_time(int64_t at_us)
{
    char text[CLOCK_TEXT_BYTES];
    if (at_us == 0)
        return json_null();
    clock_format(at_us, text);
    return json_string(text);
}

json_t *view_id_of(const struct rows *rows, int row, const char *column)
{
    struct id id = rows_id(rows, row, column);
    return view_id(&id);
}

json_t *view_time_of(const struct rows *rows, int row, const char *column)
{
    return view_time(rows_time(rows, row, column));
}

json_t *view_number_of(const struct rows *rows, int row, const char *column)
{
    if (rows_is_null(rows, row, column))
        return json_null();
    return json_integer(rows_number(rows, row, column));
}

const char *view_text_of(const struct rows *rows, int row, const char *column)
{
    return rows_is_null(rows, row, column) ? NULL : rows_text(rows, row, column);
}
