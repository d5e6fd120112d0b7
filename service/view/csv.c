#include "view/csv.h"

/* A cell with one of these bytes needs quotes. The semicolon is among them because some
 * spreadsheets take it for the separator. */
static const unsigned char needs_quotes[256] = {
    [','] = 1, [';'] = 1, ['\t'] = 1, ['\r'] = 1, ['\n'] = 1, ['"'] = 1,
};

static bool is_formula(const char *text, size_t length)
{
    while (length > 0 && *text == ' ') {
        text++;
        length--;
    }
    if (length == 0)
        return false;
    switch (*text) {
    case '=':
    case '+':
    case '-':
    case '@':
    case '\t':
    case '\r':
    case '\n':
        return true;
    case '\xef': /* full-width = + - @ are U+FF1D, U+FF0B, U+FF0D and U+FF20 */
        return length >= 3 && text[1] == '\xbc' && memchr("\x9d\x8b\x8d\xa0", text[2], 4);
    default:
        return false;
    }
}

static void add_quoted(struct buffer *out, const char *text, size_t length)
{
    /* In the worst case every byte is a quote. */
    char *at = buffer_reserve(out, 2 * length + 3), *start = at;
    *at++ = '"';
    if (is_formula(text, length))
        *at++ = '\'';
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"')
            *at++ = '"';
        *at++ = text[i];
    }
    *at++ = '"';
    *at = '\0';
    out->length += (size_t)(at - start);
}

static void separate(struct csv *csv)
{
    if (csv->in_row)
        buffer_add_char(csv->out, csv->dialect == CSV_EXCEL_DE ? ';' : ',');
    csv->in_row = true;
}

static void add_text(struct table *table, const char *text, size_t length)
{
    struct csv *csv = (struct csv *)table;
    unsigned char quotes = 0;
    separate(csv);
    if (length == 0)
        return;
    for (size_t i = 0; i < length; i++)
        quotes |= needs_quotes[(unsigned char)text[i]];
    if (quotes || is_formula(text, length))
        add_quoted(csv->out, text, length);
    else
        buffer_add(csv->out, text, length);
}

/* A minus sign is safe here. */
static void add_number(struct table *table, const char *digits, size_t length)
{
    struct csv *csv = (struct csv *)table;
    separate(csv);
    char *at = buffer_reserve(csv->out, length + 1);
    memcpy(at, digits, length);
    at[length] = '\0';
    csv->out->length += length;
    char *point = csv->dialect == CSV_EXCEL_DE ? memchr(at, '.', length) : NULL;
    if (point)
        *point = ',';
}

/* Spreadsheets read both forms as a time. */
static void add_time(struct table *table, const char *time, size_t length)
{
    struct csv *csv = (struct csv *)table;
    enum { DATE = 10, SECONDS = 19 };
    separate(csv);
    if (length > SECONDS)
        length = SECONDS;
    if (csv->dialect == CSV_EXCEL_DE && length >= DATE)
        buffer_printf(csv->out, "%.2s.%.2s.%.4s%.*s", time + 8, time + 5, time,
                      (int)(length - DATE), time + DATE);
    else
        buffer_add(csv->out, time, length);
}

static void end_row(struct table *table)
{
    struct csv *csv = (struct csv *)table;
    buffer_add(csv->out, "\r\n", 2);
    csv->in_row = false;
}

static const struct table_kind kind = {
    .text = add_text, .number = add_number, .time = add_time, .end_row = end_row};

void csv_begin(struct csv *csv, enum csv_dialect dialect, struct buffer *out)
{
    *csv = (struct csv){.table = {&kind}, .out = out, .dialect = dialect};
    buffer_add(out, "\xef\xbb\xbf", 3);
}
