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

void csv_begin(struct csv *csv, struct buffer *out)
{
    *csv = (struct csv){.out = out};
    buffer_add(out, "\xef\xbb\xbf", 3);
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
        buffer_add_char(csv->out, ',');
    csv->in_row = true;
}

void csv_cell(struct csv *csv, const char *text, size_t length)
{
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

void csv_text(struct csv *csv, const char *text)
{
    csv_cell(csv, text, text ? strlen(text) : 0);
}

void csv_number(struct csv *csv, int64_t number)
{
    separate(csv);
    buffer_printf(csv->out, "%lld", (long long)number);
}

void csv_end_row(struct csv *csv)
{
    buffer_add(csv->out, "\r\n", 2);
    csv->in_row = false;
}
