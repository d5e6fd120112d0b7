#include "view/roster.h"

#include <string.h>
#include <unistd.h>

#include "base/spool.h"
#include "view/document.h"

#define MARGIN 42.0
#define HEAD_HEIGHT 46.0
#define PAGE_WIDTH 110.0 /* of "Page 1,234 of 1,234" */
#define GAP 8.0          /* between columns */
#define NUMBER_WIDTH 26.0
#define SIGNATURE_SHARE 0.36
#define NAME_WEIGHT 1.6

enum {
    INK = 0x1A1A1A,
    GREY = 0x5F5F5F,
    LINE = 0xC8C8C8,
    CELL_BYTES_MOST = 400,
    TAGGED_MOST = 5000
};

static const struct document_style title_style = {DOCUMENT_SANS, 15, .is_bold = true,
                                                  .colour = INK};
static const struct document_style small_style = {DOCUMENT_SANS, 9, .colour = GREY};
static const struct document_style heading_style = {DOCUMENT_SANS, 8.5, .is_bold = true,
                                                    .colour = GREY};
static const struct document_style name_style = {DOCUMENT_SANS, 10.5, .colour = INK};
static const struct document_style cell_style = {DOCUMENT_SANS, 9.5, .colour = INK};

struct roster {
    struct table table;
    struct roster_options options;
    struct arena arena;
    struct buffer row; /* the texts of the current row */
    size_t at;         /* the next cell */
    const char *headings;
    const char **rows; /* of each the texts of its columns, each with its NUL */
    size_t count, space;
    struct document *document;
    double page_width, page_height, y;
    size_t page, page_count; /* page_count 0: it counts them, and draws nothing */
    double x[ROSTER_COLUMNS_MOST + 2], width[ROSTER_COLUMNS_MOST + 2];
};

/* --- Rows ------------------------------------------------------------------------------------ */

static void add_text(struct table *table, const char *text, size_t length)
{
    struct roster *roster = (struct roster *)table;
    size_t kept = length < CELL_BYTES_MOST ? length : CELL_BYTES_MOST;
    while (kept < length && kept > 0 && ((unsigned char)text[kept] & 0xC0) == 0x80)
        kept--; /* whole characters */
    if (kept > 0)
        buffer_add(&roster->row, text, kept);
    if (kept < length)
        buffer_add_text(&roster->row, "…");
    buffer_add_char(&roster->row, '\0');
    roster->at++;
}

static void add_time(struct table *table, const char *time, size_t length)
{
    struct roster *roster = (struct roster *)table;
    struct buffer text;
    char local[32];
    enum { DATE = 10, MINUTES = 16 };
    snprintf(local, sizeof local, "%.*s", (int)(length < MINUTES ? length : MINUTES),
             time ? time : "");
    if (length > DATE)
        local[DATE] = 'T';
    buffer_init(&text);
    if (locale_format_local(roster->options.locale, local, LOCALE_DATE_SHORT, &text) &&
        length > DATE) {
        buffer_add_text(&text, ", ");
        (void)!locale_format_local(roster->options.locale, local, LOCALE_CLOCK, &text);
    }
    add_text(table, buffer_text(&text), text.length);
    buffer_finish(&text);
}

static void end_row(struct table *table)
{
    struct roster *roster = (struct roster *)table;
    struct buffer *row = &roster->row;
    for (; roster->at < roster->options.column_count; roster->at++)
        buffer_add_char(row, '\0');
    roster->at = 0;
    if (!roster->headings) {
        roster->headings = arena_copy_bytes(&roster->arena, row->bytes, row->length);
        buffer_clear(&roster->row);
        return;
    }
    if (roster->count == roster->space && roster->count < ROSTER_ROWS_MOST) {
        roster->space = 2 * roster->space + 64;
        roster->rows = memory_grow(roster->rows, roster->space * sizeof *roster->rows);
    }
    if (roster->count < ROSTER_ROWS_MOST)
        roster->rows[roster->count] = arena_copy_bytes(&roster->arena, row->bytes, row->length);
    roster->count++;
    buffer_clear(&roster->row);
}

static const struct table_kind kind = {
    .text = add_text, .number = add_text, .time = add_time, .end_row = end_row};

struct roster *roster_create(const struct roster_options *options)
{
    struct roster *roster = memory_alloc(sizeof *roster);
    roster->table.kind = &kind;
    roster->options = *options;
    arena_init(&roster->arena);
    buffer_init(&roster->row);
    roster->options.title = arena_copy(&roster->arena, options->title);
    roster->options.subtitle = arena_copy(&roster->arena, options->subtitle);
    roster->options.author = arena_copy(&roster->arena, options->author);
    roster->options.signature = arena_copy(&roster->arena, options->signature);
    return roster;
}

struct table *roster_table(struct roster *roster)
{
    return &roster->table;
}

size_t roster_count(const struct roster *roster)
{
    return roster->count;
}

void roster_destroy(struct roster *roster)
{
    if (!roster)
        return;
    document_destroy(roster->document);
    free(roster->rows);
    buffer_finish(&roster->row);
    arena_finish(&roster->arena);
    free(roster);
}

/* --- Pages ----------------------------------------------------------------------------------- */

/* Columns: the running number, those of the rows, the signature. */
static void set_columns(struct roster *roster)
{
    size_t count = roster->options.column_count;
    bool is_landscape = count > ROSTER_PORTRAIT_MOST;
    roster->page_width = is_landscape ? DOCUMENT_PAGE_HEIGHT : DOCUMENT_PAGE_WIDTH;
    roster->page_height = is_landscape ? DOCUMENT_PAGE_WIDTH : DOCUMENT_PAGE_HEIGHT;
    double room = roster->page_width - 2 * MARGIN;
    double signature = roster->options.signature ? room * SIGNATURE_SHARE : 0;
    double share = (room - signature - NUMBER_WIDTH) / ((double)(count - 1) + NAME_WEIGHT);
    double x = MARGIN + NUMBER_WIDTH;
    roster->x[0] = MARGIN;
    roster->width[0] = NUMBER_WIDTH - GAP;
    for (size_t i = 0; i < count; i++) {
        double width = i == 0 ? share * NAME_WEIGHT : share;
        roster->x[i + 1] = x;
        roster->width[i + 1] = width - GAP;
        x += width;
    }
    roster->x[count + 1] = x;
    roster->width[count + 1] = signature;
}

static bool is_drawing(const struct roster *roster)
{
    return roster->page_count > 0;
}

static void draw_line(struct roster *roster, double x, double width, unsigned colour)
{
    if (is_drawing(roster))
        document_bar(roster->document, &(struct document_box){x, roster->y, width, 0.6}, colour);
}

/* Returns the height of a row; 0: it has no room. */
static double draw_cells(struct roster *roster, double y, double room,
                         const struct document_cell *cells, size_t count)
{
    if (is_drawing(roster))
        return document_row(roster->document, y, room, cells, count);
    double height = document_row_height(roster->document, cells, count);
    return height <= room ? height : 0;
}

static void draw_head(struct roster *roster)
{
    const struct document_item about[] = {
        {.tag = roster->page == 0 ? "H1" : "P",
         .text = roster->options.title,
         .style = &title_style,
         .most_lines = 1,
         .least = 0.6},
        {.tag = "P",
         .text = roster->options.subtitle,
         .style = &small_style,
         .before = 2,
         .most_lines = 1,
         .least = 0.6},
    };
    struct buffer number;
    json_t *data = json_pack("{s:I, s:I}", "page", (json_int_t)roster->page + 1, "pages",
                             (json_int_t)roster->page_count);
    buffer_init(&number);
    locale_text(roster->options.locale, "roster.page", data, &number);
    json_decref(data);
    const struct document_item page = {.tag = "P",
                                       .text = buffer_text(&number),
                                       .style = &small_style,
                                       .most_lines = 1,
                                       .least = 0.6,
                                       .at_end = true};
    double room = roster->page_width - 2 * MARGIN;
    document_column(
        roster->document,
        &(struct document_box){MARGIN, MARGIN - 6, room - PAGE_WIDTH - GAP, HEAD_HEIGHT}, about,
        sizeof about / sizeof *about);
    document_column(
        roster->document,
        &(struct document_box){MARGIN + room - PAGE_WIDTH, MARGIN, PAGE_WIDTH, HEAD_HEIGHT}, &page,
        1);
    buffer_finish(&number);
}

/* Fills the cells of a row. Returns their number. */
static size_t fill(const struct roster *roster, const char *number, const char *texts,
                   bool is_heading, struct document_cell *cells)
{
    size_t count = roster->options.column_count, all = count + 1;
    for (size_t i = 0; i < all; i++) {
        const char *text = i == 0 ? number : texts;
        bool is_name = i == 1;
        cells[i] = (struct document_cell){
            .item = {.tag = is_heading ? "TH" : "TD",
                     .text = text,
                     .style = is_heading ? &heading_style
                              : i == 0   ? &small_style
                              : is_name  ? &name_style
                                         : &cell_style,
                     .most_lines = 4,
                     .is_surname_bold = is_name && !is_heading && roster->options.by_surname},
            .x = roster->x[i],
            .width = roster->width[i]};
        if (i > 0)
            texts += strlen(texts) + 1;
    }
    if (is_heading && roster->options.signature)
        cells[all++] = (struct document_cell){.item = {.tag = "TH",
                                                       .text = roster->options.signature,
                                                       .style = &heading_style,
                                                       .most_lines = 1},
                                              .x = roster->x[count + 1],
                                              .width = roster->width[count + 1]};
    return all;
}

static void begin_page(struct roster *roster)
{
    struct document_cell cells[ROSTER_COLUMNS_MOST + 2];
    if (is_drawing(roster)) {
        if (roster->page > 0) {
            document_end(roster->document, "Table");
            document_next_page(roster->document);
        }
        draw_head(roster);
        document_begin(roster->document, "Table");
    }
    roster->page++;
    roster->y = MARGIN + HEAD_HEIGHT;
    size_t count = fill(roster, "", roster->headings, true, cells);
    roster->y += draw_cells(roster, roster->y, roster->page_height, cells, count) + 4;
    draw_line(roster, MARGIN, roster->page_width - 2 * MARGIN, GREY);
}

static void draw_row(struct roster *roster, const char *texts, size_t number)
{
    struct document_cell cells[ROSTER_COLUMNS_MOST + 2];
    char text[24];
    double above = roster->options.signature ? 11 : 4, below = roster->options.signature ? 8 : 4;
    snprintf(text, sizeof text, "%zu", number);
    size_t count = fill(roster, text, texts, false, cells);
    for (int attempt = 0; attempt < 2; attempt++) {
        double room = roster->page_height - MARGIN - roster->y - above - below;
        double height = draw_cells(roster, roster->y + above, room, cells, count);
        if (height > 0) {
            roster->y += above + height + below;
            break;
        }
        begin_page(roster);
    }
    size_t last = roster->options.column_count + 1;
    if (roster->options.signature) {
        draw_line(roster, MARGIN, roster->x[last] - MARGIN - GAP, LINE);
        draw_line(roster, roster->x[last], roster->width[last], GREY);
    } else {
        draw_line(roster, MARGIN, roster->page_width - 2 * MARGIN, LINE);
    }
}

/* False: it was told to stop. */
static bool draw_all(struct roster *roster)
{
    const atomic_bool *stop = roster->options.stop;
    roster->page = 0;
    begin_page(roster);
    for (size_t i = 0; i < roster->count; i++) {
        draw_row(roster, roster->rows[i], i + 1);
        if (stop && atomic_load(stop))
            return false;
    }
    return true;
}

/* The pages say how many there are, so they are counted before the first one is drawn. */
int roster_finish(struct roster *roster)
{
    int file = spool_open();
    bool is_good = file >= 0 && roster->count <= ROSTER_ROWS_MOST;
    struct buffer nothing;
    buffer_init(&nothing);
    set_columns(roster);
    if (is_good) {
        const struct document_about about = {.title = roster->options.title,
                                             .author = roster->options.author,
                                             .language = locale_code(roster->options.locale),
                                             .is_untagged = roster->count > TAGGED_MOST,
                                             .is_landscape =
                                                 roster->page_width > roster->page_height};
        roster->document = document_create_in(&about, file);
        is_good = draw_all(roster);
        roster->page_count = roster->page;
        is_good = is_good && draw_all(roster);
    }
    if (is_good) {
        document_end(roster->document, "Table");
        is_good = document_finish(roster->document, &nothing);
        roster->document = NULL;
    }
    roster_destroy(roster);
    buffer_finish(&nothing);
    if (is_good || file < 0)
        return file;
    close(file);
    return -1;
}
