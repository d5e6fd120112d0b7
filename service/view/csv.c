#include "view/csv.h"

/* A cell with one of these bytes needs quotes. The semicolon is among them because some
 * spreadsheets take it for the separator. */
static const unsigned char needs_quotes[256] = {
    [','] = 1, [';'] = 1, ['\t'] = 1, ['\r'] = 1, ['\n'] = 1, ['"'] = 1,
};

/* The length of a sign with which a formula begins; 0: there is none. */
static size_t sign_length(const char *text, size_t length)
{
    if (length >= 3 && text[0] == '\xef' && text[1] == '\xbc' &&
        memchr("\x9d\x8b\x8d\xa0", text[2], 4))
        return 3; /* full-width = + - @: U+FF1D, U+FF0B, U+FF0D, U+FF20 */
    return length > 0 && memchr("=+-@\t\r\n", *text, 7) ? 1 : 0;
}

static size_t count_of(const char *text, size_t length, const char *characters)
{
    size_t count = 0;
    while (count < length && text[count] && strchr(characters, text[count]))
        count++;
    return count;
}

/* Whether all of a text behind "+" is a phone number, as form/phone.h writes it. */
static bool is_phone(const char *text, size_t length)
{
    static const char digits[] = "0123456789", extension[] = "ext. ";
    size_t count = count_of(text, length, "0123456789 ()-/.");
    if (count_of(text, count, " ()-/.") == count)
        return false;
    text += count;
    length -= count;
    if (length > strlen(extension) && memcmp(text, extension, strlen(extension)) == 0)
        return count_of(text + strlen(extension), length, digits) == length - strlen(extension);
    return length == 0;
}

/* Whether all of a text behind "-" is a number: "-5", "-12,5". */
static bool is_number(const char *text, size_t length)
{
    size_t whole = count_of(text, length, "0123456789");
    if (whole == 0 || whole == length)
        return whole > 0;
    return (text[whole] == '.' || text[whole] == ',') &&
           1 + count_of(text + whole + 1, length - whole - 1, "0123456789") == length - whole;
}

static bool is_formula(const char *text, size_t length)
{
    size_t spaces = count_of(text, length, " ");
    text += spaces;
    length -= spaces;
    if (sign_length(text, length) == 0)
        return false;
    if (*text == '+')
        return length > 1 && !is_phone(text + 1, length - 1);
    if (*text == '-')
        return count_of(text, length, "- ") < length && !is_number(text + 1, length - 1);
    return true;
}

/* A text that begins with apostrophes and a sign gets one more, so that csv_bare() gives it back.
 */
static bool needs_apostrophe(const char *text, size_t length)
{
    size_t apostrophes = count_of(text, length, "'"),
           spaces = count_of(text + apostrophes, length - apostrophes, " ");
    if (apostrophes == 0)
        return is_formula(text, length);
    return sign_length(text + apostrophes + spaces, length - apostrophes - spaces) > 0;
}

const char *csv_bare(const char *text)
{
    const char *behind = text + strspn(text, "'");
    behind += strspn(behind, " ");
    return *text == '\'' && sign_length(behind, strlen(behind)) > 0 ? text + 1 : text;
}

static void add_quoted(struct buffer *out, const char *text, size_t length)
{
    /* In the worst case every byte is a quote. */
    char *at = buffer_reserve(out, 2 * length + 3), *start = at;
    *at++ = '"';
    if (needs_apostrophe(text, length))
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
    if (quotes || needs_apostrophe(text, length))
        add_quoted(csv->out, text, length);
    else
        buffer_add(csv->out, text, length);
}

/* A minus sign is safe here. 1.234 gets a fourth decimal, so that nobody takes it for a thousand.
 */
static void add_number(struct table *table, const char *digits, size_t length)
{
    struct csv *csv = (struct csv *)table;
    separate(csv);
    const char *point = length > 0 ? memchr(digits, '.', length) : NULL;
    size_t whole = point ? (size_t)(point - digits) : length;
    buffer_add(csv->out, digits, whole);
    if (!point)
        return;
    buffer_add_char(csv->out, csv->dialect == CSV_EXCEL_DE ? ',' : '.');
    buffer_add(csv->out, point + 1, length - whole - 1);
    bool has_sign = digits[0] == '-',
         may_separate = whole - has_sign <= 3 && digits[has_sign] != '0';
    if (may_separate && length - whole - 1 == 3)
        buffer_add_char(csv->out, '0');
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
