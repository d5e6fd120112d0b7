#include "db/rows.h"

#include <time.h>

#include "base/clock.h"
#include "db/result.h"

int rows_count(const struct rows *rows)
{
    return PQntuples(rows->result);
}

static int column_number(const struct rows *rows, const char *column)
{
    int count = PQnfields(rows->result);
    for (int i = 0; i < count; i++) {
        if (strcmp(PQfname(rows->result, i), column) == 0)
            return i;
    }
    fprintf(stderr, "einlass: no column \"%s\" in the rows of the statement\n", column);
    abort();
}

bool rows_is_null(const struct rows *rows, int row, const char *column)
{
    return rows_is_null_at(rows, row, column_number(rows, column));
}

const char *rows_text(const struct rows *rows, int row, const char *column)
{
    return PQgetvalue(rows->result, row, column_number(rows, column));
}

int64_t rows_number(const struct rows *rows, int row, const char *column)
{
    return strtoll(rows_text(rows, row, column), NULL, 10);
}

bool rows_bool(const struct rows *rows, int row, const char *column)
{
    return rows_text(rows, row, column)[0] == 't';
}

struct id rows_id(const struct rows *rows, int row, const char *column)
{
    struct id id;
    if (!id_parse(rows_text(rows, row, column), &id))
        return (struct id){0};
    return id;
}

/* Reads the fraction of "08:00:00.25+00" in microseconds. */
static int64_t read_fraction(const char *text)
{
    int64_t us = 0;
    if (*text != '.')
        return 0;
    for (int64_t unit = CLOCK_SECOND_US / 10; *++text >= '0' && *text <= '9'; unit /= 10)
        us += unit * (*text - '0');
    return us;
}

int64_t rows_time(const struct rows *rows, int row, const char *column)
{
    const char *text = rows_text(rows, row, column);
    if (strcmp(text, "infinity") == 0)
        return INT64_MAX;
    if (strcmp(text, "-infinity") == 0)
        return INT64_MIN;
    /* Sessions run with DateStyle ISO in UTC, so the offset is always +00. */
    struct tm parts = {0};
    const char *rest = strptime(text, "%Y-%m-%d %H:%M:%S", &parts);
    return rest ? timegm(&parts) * CLOCK_SECOND_US + read_fraction(rest) : 0;
}

const char *rows_at(const struct rows *rows, int row, int column, size_t *ret_length)
{
    *ret_length = (size_t)PQgetlength(rows->result, row, column);
    return PQgetvalue(rows->result, row, column);
}

bool rows_is_null_at(const struct rows *rows, int row, int column)
{
    return PQgetisnull(rows->result, row, column);
}
