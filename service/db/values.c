#include "db/values.h"

#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "db/inside.h"
#include "db/pg.h"

enum param_kind { PARAM_NULL, PARAM_VALUE, PARAM_ARRAY };

struct param {
    enum param_kind kind;
    bool is_closed; /* an array whose "}" is written: the next element takes it away */
    struct buffer text;
};

struct params {
    const struct statement *statement;
    int count;
    const char **values;
    struct param list[];
};

struct params *params_for(const struct statement *statement)
{
    size_t count = (size_t)statement->parameter_count;
    struct params *params = memory_alloc(sizeof *params + count * sizeof(struct param));
    params->statement = statement;
    params->count = statement->parameter_count;
    params->values = memory_alloc(count * sizeof *params->values);
    return params;
}

void params_expect(const struct params *params, const struct statement *statement)
{
    if (params->statement != statement) {
        fprintf(stderr, "einlass: a row for %s.sql in the params of %s.sql\n", statement->name,
                params->statement->name);
        abort();
    }
}

void params_destroy(struct params *params)
{
    if (!params)
        return;
    for (int i = 0; i < params->count; i++)
        buffer_finish(&params->list[i].text);
    free(params->values);
    free(params);
}

static struct param *find(struct params *params, int at)
{
    if (at < 1 || at > params->count) {
        fprintf(stderr, "einlass: parameter $%d of a statement that takes %d\n", at, params->count);
        abort();
    }
    return &params->list[at - 1];
}

static struct buffer *value_of(struct params *params, int at)
{
    struct param *param = find(params, at);
    buffer_clear(&param->text);
    param->kind = PARAM_VALUE;
    return &param->text;
}

static void add_hex(struct buffer *text, const unsigned char *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    char *at = buffer_reserve(text, 2 * length);
    for (size_t i = 0; i < length; i++) {
        *at++ = digits[bytes[i] >> 4];
        *at++ = digits[bytes[i] & 15];
    }
    text->length += 2 * length;
}

void params_text(struct params *params, int at, const char *text)
{
    if (text)
        buffer_add_text(value_of(params, at), text);
    else
        find(params, at)->kind = PARAM_NULL;
}

void params_id(struct params *params, int at, const struct id *id)
{
    char text[ID_TEXT_BYTES];
    if (id)
        id_format(id, text);
    params_text(params, at, id ? text : NULL);
}

void params_number(struct params *params, int at, int64_t number)
{
    char text[TEXT_NUMBER_BYTES];
    text_format_number(number, text);
    params_text(params, at, text);
}

void params_bool(struct params *params, int at, bool value)
{
    params_text(params, at, value ? "t" : "f");
}

void params_time(struct params *params, int at, int64_t at_us)
{
    char text[CLOCK_TEXT_BYTES];
    clock_format(at_us, text);
    params_text(params, at, text);
}

void params_bytes(struct params *params, int at, const unsigned char *bytes, size_t length)
{
    if (!bytes) {
        params_text(params, at, NULL);
        return;
    }
    struct buffer *text = value_of(params, at);
    buffer_add_text(text, "\\x");
    add_hex(text, bytes, length);
}

void params_array(struct params *params, int at)
{
    struct param *param = find(params, at);
    if (param->kind == PARAM_ARRAY)
        return;
    buffer_clear(&param->text);
    buffer_add_char(&param->text, '{');
    param->kind = PARAM_ARRAY;
    param->is_closed = false;
}

/* The array, open for its next element. */
static struct buffer *next_element(struct params *params, int at)
{
    params_array(params, at);
    struct param *param = find(params, at);
    if (param->is_closed)
        param->text.length--;
    param->is_closed = false;
    if (param->text.length > 1)
        buffer_add_char(&param->text, ',');
    return &param->text;
}

/* For words that mean the same with and without quotes: numbers, ids, times. */
static void add_word(struct params *params, int at, const char *word)
{
    buffer_add_text(next_element(params, at), word);
}

void params_add_text(struct params *params, int at, const char *text)
{
    struct buffer *array = next_element(params, at);
    if (!text) {
        buffer_add_text(array, "NULL");
        return;
    }
    buffer_add_char(array, '"');
    for (;;) {
        size_t plain = strcspn(text, "\"\\");
        buffer_add(array, text, plain);
        text += plain;
        if (!*text)
            break;
        buffer_add_char(array, '\\');
        buffer_add_char(array, *text++);
    }
    buffer_add_char(array, '"');
}

void params_add_id(struct params *params, int at, const struct id *id)
{
    char text[ID_TEXT_BYTES] = "NULL";
    if (id)
        id_format(id, text);
    add_word(params, at, text);
}

void params_add_number(struct params *params, int at, int64_t number)
{
    char text[TEXT_NUMBER_BYTES];
    text_format_number(number, text);
    add_word(params, at, text);
}

void params_add_bool(struct params *params, int at, bool value)
{
    add_word(params, at, value ? "t" : "f");
}

void params_add_time(struct params *params, int at, int64_t at_us)
{
    char text[CLOCK_TEXT_BYTES];
    clock_format(at_us, text);
    add_word(params, at, text);
}

void params_add_bytes(struct params *params, int at, const unsigned char *bytes, size_t length)
{
    struct buffer *array = next_element(params, at);
    buffer_add_text(array, "\"\\\\x");
    add_hex(array, bytes, length);
    buffer_add_char(array, '"');
}

const struct statement *params_statement(const struct params *params)
{
    return params->statement;
}

int params_count(const struct params *params)
{
    return params->count;
}

const char *const *params_values(struct params *params)
{
    for (int i = 0; i < params->count; i++) {
        struct param *param = &params->list[i];
        if (param->kind == PARAM_ARRAY && !param->is_closed) {
            buffer_add_char(&param->text, '}');
            param->is_closed = true;
        }
        params->values[i] = param->kind == PARAM_NULL ? NULL : buffer_text(&param->text);
    }
    return params->values;
}

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

static int nibble(char c)
{
    return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* PostgreSQL writes bytea as "\\x" and two digits a byte. */
char *rows_bytes(const struct rows *rows, int row, const char *column, size_t *ret_length)
{
    const char *hex = rows_text(rows, row, column);
    size_t length = strlen(hex) > 2 ? (strlen(hex) - 2) / 2 : 0;
    char *bytes = memory_alloc(length + 1);
    for (size_t i = 0; i < length; i++)
        bytes[i] = (char)(nibble(hex[2 + 2 * i]) << 4 | nibble(hex[3 + 2 * i]));
    *ret_length = length;
    return bytes;
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
