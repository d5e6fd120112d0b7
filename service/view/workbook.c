#include "view/workbook.h"

#include <string.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "base/spool.h"

enum {
    SHEET_NAME_MOST = 31, /* UTF-16 units */
    PROPERTY_MOST = 255,
    AT_FORMAT_MOST = 255, /* old versions show longer texts of the format @ as #### */
    DIGITS_MOST = 15,
    WIDTH_LEAST = 8,
    WIDTH_MOST = 50,
    FILTER_WIDTH = 3, /* of the button in the heading */
    ZIP64_FROM = 1 << 30,
};

struct column {
    char *heading;
    int width;
};

struct workbook {
    struct table table;
    struct workbook_options options;
    struct arena arena;
    struct buffer text; /* of the current cell */
    int file;
    lxw_workbook *book;
    lxw_worksheet *sheet;
    int sheet_count;
    lxw_format *heading, *as_text, *time, *date;
    struct column *columns;
    lxw_col_t column_count, column_space;
    lxw_row_t row;
    lxw_col_t at;  /* the next cell */
    int64_t bytes; /* of the sheets before this one */
    bool is_broken;
};

/* --- Texts ----------------------------------------------------------------------------------- */

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* UTF-16 units of the character that this byte begins. */
static int units_of(char c)
{
    return is_continuation(c) ? 0 : (unsigned char)c >= 0xF0 ? 2 : 1;
}

/* Returns the bytes of the first characters that have at most so many units. */
static size_t fitting(const char *text, size_t length, int units_most)
{
    size_t at = 0;
    for (int units = 0; at < length; at++) {
        units += units_of(text[at]);
        if (units > units_most)
            break;
    }
    return at;
}

/* A spreadsheet reads "_x0041_" as "A" (ST_Xstring). */
static bool is_escape(const char *text, size_t length)
{
    return length >= 7 && text[0] == '_' && text[1] == 'x' && text[6] == '_' &&
           strspn(text + 2, "0123456789abcdefABCDEF") >= 4;
}

/* XML has neither control characters nor U+FFFE and U+FFFF. */
static void add_clean(struct buffer *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '\r') {
            if (i + 1 == length || text[i + 1] != '\n')
                buffer_add_char(out, '\n');
        } else if (c < ' ' && c != '\t' && c != '\n') {
            buffer_add_char(out, ' ');
        } else if (c == 0xEF && i + 2 < length && (unsigned char)text[i + 1] == 0xBF &&
                   (unsigned char)text[i + 2] >= 0xBE) {
            buffer_add_text(out, "\uFFFD");
            i += 2;
        } else if (is_escape(text + i, length - i)) {
            buffer_add_text(out, "_x005F_");
        } else {
            buffer_add_char(out, (char)c);
        }
    }
}

/* Most texts need no change. */
static const char *clean(struct workbook *workbook, const char *text, size_t length)
{
    bool is_plain = true;
    for (size_t i = 0; i < length && is_plain; i++)
        is_plain = (unsigned char)text[i] >= ' ' && text[i] != '_' && text[i] != '\xEF';
    buffer_clear(&workbook->text);
    if (is_plain && length <= WORKBOOK_TEXT_MOST) {
        buffer_add(&workbook->text, text, length);
        return buffer_text(&workbook->text);
    }
    const char *mark = workbook->options.cut_mark;
    int mark_units = (int)strlen(mark); /* at least */
    if (fitting(text, length, WORKBOOK_TEXT_MOST) == length) {
        add_clean(&workbook->text, text, length);
    } else {
        add_clean(&workbook->text, text, fitting(text, length, WORKBOOK_TEXT_MOST - mark_units));
        buffer_add_text(&workbook->text, mark);
    }
    return buffer_text(&workbook->text);
}

/* Rough: Chinese, Japanese and Korean letters are twice as wide. */
static int width_of(const char *text, size_t length)
{
    int width = 0, widest = 0;
    for (size_t i = 0; i < length && width <= WIDTH_MOST; i++) {
        unsigned char c = (unsigned char)text[i];
        width = c == '\n' ? 0 : width + (is_continuation(text[i]) ? 0 : c >= 0xE3 ? 2 : 1);
        if (width > widest)
            widest = width;
    }
    return widest;
}

/* --- Sheets ---------------------------------------------------------------------------------- */

/* A sheet's name has no []:*?/\ and neither begins nor ends with an apostrophe. */
static char *name_sheet(struct workbook *workbook)
{
    struct buffer name;
    const char *title = workbook->options.title;
    char ending[16] = "";
    if (workbook->sheet_count > 0)
        snprintf(ending, sizeof ending, " (%d)", workbook->sheet_count + 1);
    buffer_init(&name);
    for (; *title; title++) {
        bool is_fine = (unsigned char)*title >= ' ' && !strchr("[]:*?/\\'", *title);
        buffer_add_char(&name, is_fine ? *title : ' ');
    }
    const char *from = buffer_text(&name);
    from += strspn(from, " ");
    size_t length = fitting(from, strlen(from), SHEET_NAME_MOST - (int)strlen(ending));
    while (length > 0 && from[length - 1] == ' ')
        length--;
    char *copy = arena_printf(&workbook->arena, "%.*s%s", (int)length, from, ending);
    buffer_finish(&name);
    return copy;
}

static void write_heading(struct workbook *workbook)
{
    for (lxw_col_t i = 0; i < workbook->column_count; i++)
        worksheet_write_string(workbook->sheet, 0, i, workbook->columns[i].heading,
                               workbook->heading);
    workbook->row = 1;
}

static void begin_sheet(struct workbook *workbook)
{
    lxw_worksheet *sheet = workbook_add_worksheet(workbook->book, name_sheet(workbook));
    if (!sheet) /* some names are taken or reserved */
        sheet = workbook_add_worksheet(workbook->book, NULL);
    workbook->sheet = sheet;
    workbook->sheet_count++;
    workbook->row = 0;
    worksheet_freeze_panes(sheet, 1, 0);
    worksheet_ignore_errors(sheet, LXW_IGNORE_NUMBER_STORED_AS_TEXT, "A1:XFD1048576");
    worksheet_ignore_errors(sheet, LXW_IGNORE_TWO_DIGIT_TEXT_YEAR, "A1:XFD1048576");
    worksheet_set_paper(sheet, 9); /* A4 */
    worksheet_set_landscape(sheet);
    worksheet_fit_to_pages(sheet, 1, 0);
    worksheet_repeat_rows(sheet, 0, 0);
    worksheet_set_footer(sheet, "&C&P / &N");
}

static void end_sheet(struct workbook *workbook)
{
    lxw_worksheet *sheet = workbook->sheet;
    for (lxw_col_t i = 0; i < workbook->column_count; i++) {
        int width = workbook->columns[i].width + 2;
        worksheet_set_column(sheet, i, i, width > WIDTH_MOST ? WIDTH_MOST : width, NULL);
    }
    if (workbook->column_count > 0)
        worksheet_autofilter(sheet, 0, 0, workbook->row - 1,
                             (lxw_col_t)(workbook->column_count - 1));
    workbook->is_broken |= ferror(sheet->optimize_tmpfile) != 0;
    workbook->bytes += ftello(sheet->optimize_tmpfile);
}

/* Begins another sheet before the first cell of a row that has no room. */
static void make_room(struct workbook *workbook)
{
    if (workbook->at > 0 || workbook->row < workbook->options.rows_most)
        return;
    end_sheet(workbook);
    begin_sheet(workbook);
    write_heading(workbook);
}

/* --- Cells ----------------------------------------------------------------------------------- */

static void note_width(struct workbook *workbook, int width)
{
    if (workbook->at < workbook->column_count && workbook->columns[workbook->at].width < width)
        workbook->columns[workbook->at].width = width;
}

static void add_heading(struct workbook *workbook, const char *text)
{
    if (workbook->column_count == workbook->column_space) {
        struct column *former = workbook->columns;
        workbook->column_space = (lxw_col_t)(2 * workbook->column_space + 32);
        workbook->columns =
            arena_alloc(&workbook->arena, workbook->column_space * sizeof *workbook->columns);
        if (former)
            memcpy(workbook->columns, former, workbook->column_count * sizeof *former);
    }
    int width = width_of(text, strlen(text)) + FILTER_WIDTH;
    workbook->columns[workbook->column_count++] =
        (struct column){.heading = arena_copy(&workbook->arena, text),
                        .width = width < WIDTH_LEAST ? WIDTH_LEAST : width};
}

static void add_text(struct table *table, const char *text, size_t length)
{
    struct workbook *workbook = (struct workbook *)table;
    const char *cleaned = clean(workbook, text ? text : "", length);
    make_room(workbook);
    if (workbook->row == 0) {
        add_heading(workbook, cleaned);
    } else if (length > 0) {
        note_width(workbook, width_of(cleaned, workbook->text.length));
        worksheet_write_string(workbook->sheet, workbook->row, workbook->at, cleaned,
                               length <= AT_FORMAT_MOST ? workbook->as_text : NULL);
    }
    workbook->at++;
}

static void add_number(struct table *table, const char *digits, size_t length)
{
    struct workbook *workbook = (struct workbook *)table;
    char copy[32];
    if (length > DIGITS_MOST || workbook->row == 0) {
        add_text(table, digits, length);
        return;
    }
    snprintf(copy, sizeof copy, "%.*s", (int)length, digits);
    make_room(workbook);
    note_width(workbook, (int)length);
    worksheet_write_number(workbook->sheet, workbook->row, workbook->at++, strtod(copy, NULL),
                           NULL);
}

static void add_time(struct table *table, const char *time, size_t length)
{
    struct workbook *workbook = (struct workbook *)table;
    lxw_datetime at = {0};
    char copy[32];
    snprintf(copy, sizeof copy, "%.*s", (int)length, time ? time : "");
    int read = sscanf(copy, "%4d-%2d-%2d %2d:%2d:%lf", &at.year, &at.month, &at.day, &at.hour,
                      &at.min, &at.sec);
    if ((read != 3 && read != 6) || at.year <= 1900 || at.year > 9999 || workbook->row == 0) {
        add_text(table, time, length);
        return;
    }
    make_room(workbook);
    note_width(workbook, read == 3 ? 10 : 17);
    worksheet_write_datetime(workbook->sheet, workbook->row, workbook->at++, &at,
                             read == 3 ? workbook->date : workbook->time);
}

static void end_row(struct table *table)
{
    struct workbook *workbook = (struct workbook *)table;
    workbook->at = 0;
    if (workbook->row == 0) {
        write_heading(workbook);
        return;
    }
    workbook->row++;
}

static const struct table_kind kind = {
    .text = add_text, .number = add_number, .time = add_time, .end_row = end_row};

/* --- The file -------------------------------------------------------------------------------- */

static lxw_format *make_format(struct workbook *workbook, const char *numbers)
{
    lxw_format *format = workbook_add_format(workbook->book);
    format_set_num_format(format, numbers);
    return format;
}

static char *property(struct workbook *workbook, const char *text)
{
    const char *cleaned = clean(workbook, text, strlen(text));
    return arena_printf(&workbook->arena, "%.*s",
                        (int)fitting(cleaned, strlen(cleaned), PROPERTY_MOST), cleaned);
}

struct workbook *workbook_create(const struct workbook_options *options)
{
    int file = spool_open();
    if (file < 0)
        return NULL;
    struct workbook *workbook = memory_alloc(sizeof *workbook);
    *workbook = (struct workbook){.table = {&kind}, .options = *options, .file = file};
    if (workbook->options.rows_most == 0)
        workbook->options.rows_most = WORKBOOK_ROWS_MOST;
    arena_init(&workbook->arena);
    buffer_init(&workbook->text);
    workbook->options.title = arena_copy(&workbook->arena, options->title);
    workbook->options.cut_mark = arena_copy(&workbook->arena, options->cut_mark);
    /* libxlsxwriter takes a path. This one opens our file, which has no name. */
    workbook->book = workbook_new_opt(
        arena_printf(&workbook->arena, "/proc/self/fd/%d", file),
        &(lxw_workbook_options){.constant_memory = LXW_TRUE,
                                .tmpdir = arena_copy(&workbook->arena, spool_directory())});
    workbook_set_properties(
        workbook->book,
        &(lxw_doc_properties){.title = property(workbook, options->title),
                              .author = property(workbook, options->author ? options->author : ""),
                              .comments = property(workbook, "Einlass")});
    workbook->heading = workbook_add_format(workbook->book);
    format_set_bold(workbook->heading);
    format_set_bottom(workbook->heading, LXW_BORDER_THIN);
    workbook->as_text = make_format(workbook, "@");
    workbook->time = make_format(workbook, options->time_format);
    workbook->date = make_format(workbook, options->date_format);
    format_set_align(workbook->time, LXW_ALIGN_LEFT);
    format_set_align(workbook->date, LXW_ALIGN_LEFT);
    begin_sheet(workbook);
    return workbook;
}

struct table *workbook_table(struct workbook *workbook)
{
    return &workbook->table;
}

static void finish(struct workbook *workbook)
{
    buffer_finish(&workbook->text);
    arena_finish(&workbook->arena);
    free(workbook);
}

int workbook_finish(struct workbook *workbook)
{
    int file = workbook->file;
    end_sheet(workbook);
    /* libxlsxwriter copies the rows once, does not notice a full disk then, and compresses. */
    if (workbook->is_broken || !spool_has_room(workbook->bytes + workbook->bytes / 4)) {
        workbook_destroy(workbook);
        return -1;
    }
    workbook->book->options.use_zip64 = workbook->bytes > ZIP64_FROM;
    bool is_good = workbook_close(workbook->book) == LXW_NO_ERROR;
    finish(workbook);
    if (!is_good) {
        close(file);
        return -1;
    }
    return file;
}

void workbook_destroy(struct workbook *workbook)
{
    if (!workbook)
        return;
    lxw_worksheet *sheet;
    close(workbook->file);
    LXW_FOREACH_WORKSHEET(sheet, workbook->book)
    fclose(sheet->optimize_tmpfile); /* only workbook_close() does that */
    lxw_workbook_free(workbook->book);
    finish(workbook);
}
