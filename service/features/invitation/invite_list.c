#include "features/invitation/invite_list.h"

#include <string.h>

#include "base/text.h"

enum column { COLUMN_OTHER, COLUMN_FIRST_NAME, COLUMN_NAME, COLUMN_EMAIL };

struct columns {
    enum column of[LIST_COLUMNS_MOST];
    bool are_known; /* a heading said so */
};

/* Parts of headings in German and English, folded. */
static enum column column_of(const char *heading)
{
    static const struct {
        const char *part;
        enum column column;
    } parts[] = {
        {"mail", COLUMN_EMAIL},       {"vorname", COLUMN_FIRST_NAME}, {"first", COLUMN_FIRST_NAME},
        {"given", COLUMN_FIRST_NAME}, {"company", COLUMN_OTHER},      {"firm", COLUMN_OTHER},
        {"ticket", COLUMN_OTHER},     {"name", COLUMN_NAME},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (strstr(heading, parts[i].part))
            return parts[i].column;
    }
    return COLUMN_OTHER;
}

static void read_heading(struct arena *arena, const struct list_reader *reader,
                         struct columns *columns)
{
    for (size_t i = 0; i < reader->cell_count; i++) {
        if (strchr(reader->cells[i], '@'))
            return; /* a person */
        columns->of[i] = column_of(text_fold(arena, reader->cells[i]));
    }
    for (size_t i = 0; i < reader->cell_count; i++)
        columns->are_known |= columns->of[i] == COLUMN_EMAIL;
}

static void add_cell(struct buffer *out, const char *cell)
{
    for (const char *at = cell; *at; at++)
        buffer_add_char(out, strchr("\r\n\t", *at) ? ' ' : *at);
    buffer_add_char(out, '\t');
}

static void add_cells(struct buffer *out, const struct list_reader *reader,
                      const struct columns *columns, enum column which)
{
    for (size_t i = 0; i < reader->cell_count; i++) {
        if (columns->of[i] == which)
            add_cell(out, reader->cells[i]);
    }
}

static void add_record(struct buffer *out, const struct list_reader *reader,
                       const struct columns *columns)
{
    if (columns->are_known) {
        add_cells(out, reader, columns, COLUMN_FIRST_NAME);
        add_cells(out, reader, columns, COLUMN_NAME);
        add_cells(out, reader, columns, COLUMN_EMAIL);
    } else {
        add_cells(out, reader, columns, COLUMN_OTHER);
    }
}

const char *invite_list_text(struct arena *arena, const char *bytes, size_t length,
                             enum list_encoding encoding, char separator)
{
    struct list_source source = {
        .bytes = bytes, .length = length, .encoding = encoding, .is_whole = true, .is_start = true};
    struct columns columns = {0};
    struct list_reader reader;
    struct buffer out;
    int64_t line = 1;
    source.separator = separator ? separator : list_separator_guess(&source);
    buffer_init(&out);
    list_reader_init(&reader, &source, 1, true);
    for (bool is_first = true; list_reader_next(&reader); is_first = false) {
        for (; line < reader.record_line; line++)
            buffer_add_char(&out, '\n'); /* errors name the line of the file */
        if (is_first) {
            struct columns found = {0};
            read_heading(arena, &reader, &found);
            if (found.are_known) {
                columns = found;
                continue;
            }
        }
        add_record(&out, &reader, &columns);
    }
    list_reader_finish(&reader);
    const char *text = arena_copy(arena, buffer_text(&out));
    buffer_finish(&out);
    return text;
}
