#include "form/list_reader.h"

#include <string.h>

#include "base/text.h"

enum {
    NO_CHARACTER = -1,
    REPLACEMENT = 0xfffd,
    BYTE_ORDER_MARK = 0xfeff,
    GUESS_MOST_BYTES = 4096,
};

static const char *const encoding_names[] = {
    [LIST_UTF_8] = "utf-8",
    [LIST_WINDOWS_1252] = "windows-1252",
    [LIST_UTF_16_LE] = "utf-16le",
    [LIST_UTF_16_BE] = "utf-16be",
};

const char *list_encoding_name(enum list_encoding encoding)
{
    return encoding_names[encoding];
}

bool list_encoding_named(const char *name, enum list_encoding *ret_encoding)
{
    for (int i = 0; name && i < LIST_ENCODINGS; i++) {
        if (strcmp(encoding_names[i], name) == 0) {
            *ret_encoding = (enum list_encoding)i;
            return true;
        }
    }
    return false;
}

/* Text of our languages has a zero byte in nearly every unit of UTF-16. */
static bool guess_wide(const char *bytes, size_t length, enum list_encoding *ret_encoding)
{
    size_t most = length < GUESS_MOST_BYTES ? length : (size_t)GUESS_MOST_BYTES;
    size_t zeros[2] = {0};
    for (size_t i = 0; i < most; i++)
        zeros[i % 2] += bytes[i] == '\0';
    if (zeros[0] + zeros[1] == 0 || zeros[0] + zeros[1] < most / 4)
        return false;
    *ret_encoding = zeros[1] >= zeros[0] ? LIST_UTF_16_LE : LIST_UTF_16_BE;
    return most >= 2;
}

enum list_encoding list_encoding_guess(const char *bytes, size_t length)
{
    enum list_encoding encoding;
    if (length >= 2 && memcmp(bytes, "\xff\xfe", 2) == 0)
        return LIST_UTF_16_LE;
    if (length >= 2 && memcmp(bytes, "\xfe\xff", 2) == 0)
        return LIST_UTF_16_BE;
    if (guess_wide(bytes, length, &encoding))
        return encoding;
    return text_is_utf8(bytes, length) ? LIST_UTF_8 : LIST_WINDOWS_1252;
}

/* --- Characters ------------------------------------------------------------------------------ */

/* Code points of 0x80 to 0x9f (WHATWG Encoding, index windows-1252). */
static const uint16_t windows_1252[32] = {
    0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008d, 0x017d, 0x008f, 0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178};

/* A character and the bytes that it takes. */
struct character {
    int32_t code; /* NO_CHARACTER: the source ends before it or within it */
    size_t bytes;
};

static struct character utf8_at(const unsigned char *bytes, size_t left, bool is_whole)
{
    size_t length = bytes[0] < 0x80 ? 1 : bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
    if (length > left && !is_whole)
        return (struct character){NO_CHARACTER, 0};
    if (length > left || !text_is_utf8((const char *)bytes, length))
        return (struct character){REPLACEMENT, 1};
    int32_t code = length == 1 ? bytes[0] : bytes[0] & (0x7f >> length);
    for (size_t i = 1; i < length; i++)
        code = (code << 6) | (bytes[i] & 0x3f);
    return (struct character){code, length};
}

static int32_t unit_at(const unsigned char *bytes, bool is_big)
{
    return is_big ? bytes[0] << 8 | bytes[1] : bytes[1] << 8 | bytes[0];
}

static struct character utf16_at(const unsigned char *bytes, size_t left, bool is_whole,
                                 bool is_big)
{
    const struct character none = {NO_CHARACTER, 0};
    if (left < 2)
        return is_whole ? (struct character){REPLACEMENT, left} : none;
    int32_t unit = unit_at(bytes, is_big);
    if (unit < 0xd800 || unit > 0xdfff)
        return (struct character){unit, 2};
    if (left < 4 && !is_whole)
        return none;
    int32_t low = left < 4 ? 0 : unit_at(bytes + 2, is_big);
    if (unit > 0xdbff || low < 0xdc00 || low > 0xdfff)
        return (struct character){REPLACEMENT, 2};
    return (struct character){0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), 4};
}

static struct character character_at(const struct list_source *source, size_t at)
{
    const unsigned char *bytes = (const unsigned char *)source->bytes + at;
    size_t left = source->length - at;
    struct character character = {NO_CHARACTER, 0};
    if (left == 0)
        return character;
    switch (source->encoding) {
    case LIST_UTF_8:
        character = utf8_at(bytes, left, source->is_whole);
        break;
    case LIST_UTF_16_LE:
    case LIST_UTF_16_BE:
        character = utf16_at(bytes, left, source->is_whole, source->encoding == LIST_UTF_16_BE);
        break;
    case LIST_WINDOWS_1252:
    case LIST_ENCODINGS:
        character = (struct character){
            bytes[0] >= 0x80 && bytes[0] < 0xa0 ? windows_1252[bytes[0] - 0x80] : bytes[0], 1};
        break;
    }
    if (character.code == 0) /* the database takes no NUL */
        character.code = REPLACEMENT;
    return character;
}

static void add_character(struct buffer *text, int32_t code)
{
    if (code < 0x80) {
        buffer_add_char(text, (char)code);
        return;
    }
    static const unsigned char leads[] = {0, 0xc0, 0xe0, 0xf0};
    int rest = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    buffer_add_char(text, (char)(leads[rest] | code >> 6 * rest));
    while (rest-- > 0)
        buffer_add_char(text, (char)(0x80 | (code >> 6 * rest & 0x3f)));
}

/* --- Records --------------------------------------------------------------------------------- */

/* A record while it is read. */
struct record {
    size_t at;
    int64_t line;
    size_t starts[LIST_COLUMNS_MOST]; /* of the cells, in the text */
    size_t count;
    size_t cell;               /* where the current cell begins in the text */
    bool is_quoted, was_quote; /* within quotes; the last character was a quote within them */
    bool is_over;
};

static void end_cell(struct list_reader *reader, struct record *record)
{
    if (record->count == LIST_COLUMNS_MOST) {
        reader->is_large = true;
        reader->text.length = record->cell;
        return;
    }
    buffer_add_char(&reader->text, '\0');
    record->starts[record->count++] = record->cell;
    record->cell = reader->text.length;
}

static void take_character(struct list_reader *reader, struct record *record, int32_t code)
{
    size_t cell_bytes = reader->text.length - record->cell;
    if (code > ' ' && code != 0xa0)
        reader->is_blank = false;
    if (cell_bytes >= LIST_CELL_MOST_BYTES || reader->text.length >= LIST_LINE_MOST_BYTES)
        reader->is_large = true;
    else
        add_character(&reader->text, code);
}

/* CR, LF and CR LF end a line. */
static void pass_line_end(struct list_reader *reader, struct record *record, int32_t code)
{
    struct character next = character_at(&reader->source, record->at);
    if (code == '\r' && next.code == '\n')
        record->at += next.bytes;
    record->line++;
}

static void step(struct list_reader *reader, struct record *record, int32_t code)
{
    bool is_line_end = code == '\n' || code == '\r';
    if (record->is_quoted && !record->was_quote) {
        record->was_quote = code == '"';
        if (is_line_end)
            pass_line_end(reader, record, code);
        if (!record->was_quote)
            take_character(reader, record, is_line_end ? '\n' : code);
        return;
    }
    if (record->was_quote) {
        record->was_quote = false;
        if (code == '"') {
            take_character(reader, record, code);
            return;
        }
        record->is_quoted = false;
    }
    if (is_line_end) {
        pass_line_end(reader, record, code);
        record->is_over = true;
    } else if (code == reader->source.separator) {
        end_cell(reader, record);
    } else if (code == '"' && reader->takes_quotes && reader->text.length == record->cell) {
        record->is_quoted = true;
    } else {
        take_character(reader, record, code);
    }
}

/* False: the source ends within the record. */
static bool read_record(struct list_reader *reader, struct record *record)
{
    *record = (struct record){.at = reader->at, .line = reader->line};
    buffer_clear(&reader->text);
    reader->is_blank = true;
    reader->is_large = false;
    while (!record->is_over) {
        struct character next = character_at(&reader->source, record->at);
        if (next.code == NO_CHARACTER)
            return reader->source.is_whole && !(record->is_quoted && !record->was_quote);
        record->at += next.bytes;
        step(reader, record, next.code);
        /* A line feed may follow in the next piece. */
        if (next.code == '\r' && record->at == reader->source.length && !reader->source.is_whole)
            return false;
        bool is_too_long = record->at - reader->at > LIST_LINE_MOST_BYTES;
        /* A quote that never ends would take in the rest of the file. */
        if (is_too_long && record->is_quoted)
            return false;
        reader->is_large |= is_too_long;
        record->is_over |= is_too_long;
    }
    return true;
}

static size_t byte_order_mark(const struct list_source *source)
{
    struct character first = character_at(source, 0);
    return first.code == BYTE_ORDER_MARK ? first.bytes : 0;
}

/* "sep=;" in the first line of Excel's files: the separator, else '\0'. */
static char said_separator(const struct list_source *source, size_t *ret_end)
{
    static const char said[] = "sep=";
    size_t at = byte_order_mark(source);
    char separator = '\0';
    for (size_t i = 0; i < sizeof said; i++) {
        struct character next = character_at(source, at);
        if (said[i] ? (next.code | 0x20) != (said[i] | 0x20)
                    : next.code != ',' && next.code != ';' && next.code != '\t')
            return '\0';
        separator = (char)next.code;
        at += next.bytes;
    }
    struct character end = character_at(source, at);
    while (end.code == '\r' || end.code == '\n') {
        at += end.bytes;
        bool is_over = end.code == '\n';
        end = character_at(source, at);
        if (is_over || end.code != '\n')
            break;
    }
    *ret_end = at;
    return separator;
}

void list_reader_init(struct list_reader *reader, const struct list_source *source, int64_t line,
                      bool takes_quotes)
{
    *reader = (struct list_reader){.source = *source, .line = line, .takes_quotes = takes_quotes};
    buffer_init(&reader->text);
    reader->cells = memory_alloc(LIST_COLUMNS_MOST * sizeof *reader->cells);
    if (!source->is_start)
        return;
    reader->at = byte_order_mark(source);
    if (said_separator(source, &reader->at))
        reader->line++;
}

void list_reader_finish(struct list_reader *reader)
{
    free(reader->cells);
    buffer_finish(&reader->text);
}

bool list_reader_next(struct list_reader *reader)
{
    struct record record;
    const struct list_source *source = &reader->source;
    if (reader->at >= source->length)
        return false;
    if (!read_record(reader, &record)) {
        bool has_more = !source->is_whole && record.at - reader->at <= LIST_LINE_MOST_BYTES;
        if (has_more || !record.is_quoted)
            return false;
        reader->takes_quotes = false;
        if (!read_record(reader, &record))
            return false;
    }
    end_cell(reader, &record);
    for (size_t i = 0; i < record.count; i++)
        reader->cells[i] = reader->text.bytes + record.starts[i];
    reader->cell_count = record.count;
    reader->record_line = reader->line;
    reader->line = record.line;
    reader->at = record.at;
    return true;
}

/* --- The separator --------------------------------------------------------------------------- */

/* How well a separator fits: the records that have as many cells as the first one, which has
 * several, and then how many these are. */
static size_t fit(const struct list_source *source, char separator)
{
    struct list_source trial = *source;
    struct list_reader reader;
    size_t columns = 0, alike = 0, records = 0;
    trial.separator = separator;
    list_reader_init(&reader, &trial, 1, true);
    while (records < LIST_GUESS_RECORDS && list_reader_next(&reader)) {
        if (reader.is_blank)
            continue;
        records++;
        if (columns == 0)
            columns = reader.cell_count;
        alike += reader.cell_count == columns;
    }
    list_reader_finish(&reader);
    return columns < 2 ? 0 : alike * 1000 / records * LIST_COLUMNS_MOST + columns;
}

char list_separator_guess(const struct list_source *source)
{
    static const char separators[] = {',', ';', '\t'};
    size_t end, best = 0;
    char chosen = source->is_start ? said_separator(source, &end) : '\0';
    for (size_t i = 0; chosen == '\0' && i < sizeof separators; i++)
        best = fit(source, separators[i]) > best ? fit(source, separators[i]) : best;
    for (size_t i = 0; chosen == '\0' && i < sizeof separators; i++) {
        if (fit(source, separators[i]) == best)
            chosen = separators[i];
    }
    return chosen;
}
