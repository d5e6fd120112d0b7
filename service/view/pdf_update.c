#include "view/pdf_update.h"

#include <stdint.h>

enum {
    ENTRY_BYTES = 20 /* of a cross-reference table, 7.5.4 */,
    OBJECTS_MOST = 8388607 /* annex C */
};

/* The file before the update, read by its cross-reference table. A NUL ends it for text search. */
struct original {
    const char *pdf;
    size_t length, xref, entries;
    size_t size, root, info; /* of the trailer */
};

static const char *text_at(const struct original *file, size_t offset)
{
    return file->pdf + offset;
}

static bool read_number(const char *text, const char *key, const char *format, size_t *ret_number)
{
    const char *at = strstr(text, key);
    return at && sscanf(at + strlen(key), format, ret_number) == 1;
}

/* Searches text only behind the last stream, because streams may contain NUL bytes. */
static bool read_original(const char *pdf, size_t length, struct original *ret_file)
{
    static const char mark[] = "startxref";
    struct original file = {.pdf = pdf, .length = length};
    int used = 0;
    const char *end = NULL;
    for (size_t at = length < 64 ? 0 : length - 64; at < length && !end; at++)
        if (strncmp(pdf + at, mark, sizeof mark - 1) == 0)
            end = pdf + at;
    if (!end || sscanf(end + sizeof mark - 1, "%zu", &file.xref) != 1 || file.xref >= file.length)
        return false;
    const char *table = text_at(&file, file.xref), *trailer = strstr(table, "trailer");
    size_t count;
    if (sscanf(table, "xref 0 %zu%n", &count, &used) != 1 || used == 0 || !trailer)
        return false;
    file.entries = file.xref + (size_t)used + strspn(table + used, " \r\n");
    if (!read_number(trailer, "/Size", "%zu", &file.size) ||
        !read_number(trailer, "/Root", "%zu 0 R", &file.root) ||
        !read_number(trailer, "/Info", "%zu 0 R", &file.info))
        return false;
    if (file.size != count || file.size > OBJECTS_MOST || file.root >= file.size ||
        file.entries + ENTRY_BYTES * file.size > file.length)
        return false;
    *ret_file = file;
    return true;
}

/* Finds the entries of a dictionary object, between "<<" and the last ">>". False: the object is
 * something else, for example a stream. */
static bool find_entries(const struct original *file, size_t number, size_t *ret_from,
                         size_t *ret_length)
{
    size_t offset;
    char written[32];
    if (sscanf(text_at(file, file->entries + ENTRY_BYTES * number), "%zu", &offset) != 1)
        return false;
    int head = snprintf(written, sizeof written, "%zu 0 obj\n<<", number);
    if (offset >= file->xref || strncmp(text_at(file, offset), written, (size_t)head) != 0)
        return false;
    size_t from = offset + (size_t)head;
    const char *end = strstr(text_at(file, from), "endobj");
    if (!end || strncmp(end - 3, ">>\n", 3) != 0)
        return false;
    *ret_from = from;
    *ret_length = (size_t)(end - 3 - text_at(file, from));
    return true;
}

static bool has(const struct original *file, size_t from, size_t length, const char *entry)
{
    return memmem(text_at(file, from), length, entry, strlen(entry)) != NULL;
}

static void add_unit(struct buffer *out, uint32_t unit)
{
    buffer_printf(out, "%04X", (unsigned)unit);
}

/* Writes UTF-8 as a text string (7.9.2.2): byte order mark and UTF-16BE, in hexadecimal. */
static void add_text(struct buffer *out, const char *text)
{
    buffer_add_text(out, "<FEFF");
    for (const unsigned char *at = (const unsigned char *)text; *at;) {
        int more = *at >= 0xF0 ? 3 : *at >= 0xE0 ? 2 : *at >= 0xC0 ? 1 : 0;
        uint32_t point = more == 0 ? *at : *at & (0x3FU >> more);
        for (at++; more > 0 && *at; more--)
            point = point << 6 | (*at++ & 0x3FU);
        if (point < 0x10000) {
            add_unit(out, point);
        } else {
            add_unit(out, 0xD800 + ((point - 0x10000) >> 10 & 0x3FF));
            add_unit(out, 0xDC00 + (point & 0x3FF));
        }
    }
    buffer_add_text(out, ">");
}

/* Repeats an object without its closing ">>", and adds its position to the new table. */
static void begin_object(const struct original *file, size_t number, struct buffer *out,
                         struct buffer *table)
{
    size_t from, length;
    buffer_printf(table, "%zu 1\n%010zu 00000 n \n", number, file->length + out->length);
    buffer_printf(out, "%zu 0 obj\n<<", number);
    if (find_entries(file, number, &from, &length))
        buffer_add(out, text_at(file, from), length);
}

static void end_object(struct buffer *out)
{
    buffer_add_text(out, "\n>>\nendobj\n");
}

static void add_figures(const struct original *file, const struct pdf_update *update,
                        struct buffer *out, struct buffer *table)
{
    size_t from, length, figure = 0;
    for (size_t i = 1; i < file->size && figure < update->alternative_count; i++) {
        if (!find_entries(file, i, &from, &length) || !has(file, from, length, "/S /Figure"))
            continue;
        begin_object(file, i, out, table);
        buffer_add_text(out, "   /Alt ");
        add_text(out, update->alternatives[figure++]);
        end_object(out);
    }
}

static void add_catalogue(const struct original *file, const struct pdf_update *update,
                          struct buffer *out, struct buffer *table)
{
    begin_object(file, file->root, out, table);
    buffer_add_text(out, "   /Lang ");
    add_text(out, update->language);
    buffer_add_text(out, "\n   /ViewerPreferences << /DisplayDocTitle true >>");
    end_object(out);
}

bool pdf_update(const char *pdf, size_t length, const struct pdf_update *update, struct buffer *out)
{
    struct original file;
    struct buffer added, table;
    size_t from, entries;
    if (!read_original(pdf, length, &file) || !find_entries(&file, file.root, &from, &entries) ||
        has(&file, from, entries, "/Lang") || has(&file, from, entries, "/ViewerPreferences"))
        return false;
    buffer_init(&added);
    buffer_init(&table);
    add_figures(&file, update, &added, &table);
    add_catalogue(&file, update, &added, &table);
    size_t xref = file.length + added.length;
    buffer_printf(&added, "xref\n%s", buffer_text(&table));
    buffer_printf(&added, "trailer\n<< /Size %zu /Root %zu 0 R /Info %zu 0 R /Prev %zu >>\n",
                  file.size, file.root, file.info, file.xref);
    buffer_printf(&added, "startxref\n%zu\n%%%%EOF\n", xref);
    buffer_add(out, added.bytes, added.length);
    buffer_finish(&table);
    buffer_finish(&added);
    return true;
}
