#include "view/ticket_sheet.h"

#include "view/qr.h"

/* Lengths of the page, in points. */
#define MARGIN 48.0
#define WIDTH (DOCUMENT_PAGE_WIDTH - 2 * MARGIN)
#define MIDDLE (DOCUMENT_PAGE_HEIGHT / 2)
#define CODE_SIDE 242.0
#define CODE_Y 150.0
#define GUTTER 32.0 /* more than the quiet zone of the code */
#define SIDE_X (MARGIN + CODE_SIDE + GUTTER)
#define SIDE_WIDTH (DOCUMENT_PAGE_WIDTH - MARGIN - SIDE_X)
#define LOWER_Y (MIDDLE + 46)

enum {
    INK = 0x1a1c22,
    INK_SOFT = 0x585d69,
    LINE = 0xb9b5aa,
    ACCENT = 0x2547c0,
};

static unsigned accent_of(const struct ticket_sheet *sheet)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    unsigned colour;
    const char *text = sheet->accent;
    if (text && *text == '#' && strlen(text) == 7 && strspn(text + 1, digits) == 6 &&
        sscanf(text + 1, "%x", &colour) == 1)
        return colour;
    return ACCENT;
}

static bool is_given(const char *text)
{
    return text && *text != '\0';
}

/* No label without a value. */
static const char *label_of(const char *label, const char *value)
{
    return is_given(value) ? label : NULL;
}

/* --- The upper half -------------------------------------------------------------------------- */

static void draw_head(struct document *document, const struct ticket_sheet *sheet)
{
    const unsigned accent = accent_of(sheet);
    const struct document_style eyebrow = {
        .face = DOCUMENT_SANS, .size = 13, .is_bold = true, .colour = accent};
    const struct document_style number = {.face = DOCUMENT_SANS, .size = 13, .colour = INK_SOFT};
    const struct document_style title = {
        .face = DOCUMENT_SERIF, .size = 27, .is_bold = true, .colour = INK, .leading = 0.86};
    const struct document_item heads[] = {
        {.tag = "P", .text = sheet->ticket_type, .style = &eyebrow, .most_lines = 1}};
    const struct document_item numbers[] = {
        {.tag = "P", .text = sheet->number, .style = &number, .most_lines = 1, .at_end = true}};
    const struct document_item titles[] = {
        {.tag = "H1", .text = sheet->title, .style = &title, .most_lines = 3, .least = 0.6}};
    document_bar(document, &(struct document_box){MARGIN, 34, WIDTH, 4.5}, accent);
    document_column(document, &(struct document_box){MARGIN, 48, WIDTH - 130, 20}, heads, 1);
    document_column(document,
                    &(struct document_box){DOCUMENT_PAGE_WIDTH - MARGIN - 120, 48, 120, 20},
                    numbers, 1);
    document_column(document, &(struct document_box){MARGIN, 65, WIDTH, 64}, titles, 1);
}

static void draw_side(struct document *document, const struct ticket_sheet *sheet)
{
    const struct ticket_sheet_words *words = sheet->words;
    const struct document_style label = {.face = DOCUMENT_SANS, .size = 11.5, .colour = INK_SOFT};
    const struct document_style name = {
        .face = DOCUMENT_SERIF, .size = 25, .is_bold = true, .colour = INK, .leading = 0.88};
    const struct document_style value = {.face = DOCUMENT_SANS, .size = 16, .colour = INK};
    const struct document_style hint = {.face = DOCUMENT_SANS, .size = 11.5, .colour = INK_SOFT};
    const struct document_style number = {.face = DOCUMENT_MONO, .size = 16, .colour = INK};
    const struct document_item items[] = {
        {.tag = "H2", .text = sheet->name, .style = &name, .most_lines = 5, .least = 0.6},
        {.tag = "P",
         .text = label_of(words->when, sheet->when),
         .style = &label,
         .before = 14,
         .most_lines = 1},
        {.tag = "P", .text = sheet->when, .style = &value, .least = 0.76, .most_lines = 4},
        {.tag = "P",
         .text = label_of(words->where, sheet->venue),
         .style = &label,
         .before = 10,
         .most_lines = 1},
        {.tag = "P", .text = sheet->venue, .style = &value, .least = 0.76, .most_lines = 2},
        {.tag = "P", .text = words->show_this, .style = &hint, .before = 16, .most_lines = 3},
        {.tag = "P",
         .text = label_of(words->short_number, sheet->short_number),
         .style = &label,
         .before = 12,
         .most_lines = 1},
        {.tag = "P", .text = sheet->short_number, .style = &number, .most_lines = 1},
    };
    document_column(document, &(struct document_box){SIDE_X, CODE_Y - 7, SIDE_WIDTH, CODE_SIDE + 9},
                    items, sizeof items / sizeof *items);
}

/* --- The lower half -------------------------------------------------------------------------- */

static void draw_fold(struct document *document, const struct ticket_sheet *sheet)
{
    const struct document_style small = {.face = DOCUMENT_SANS, .size = 8, .colour = INK_SOFT};
    const struct document_item items[] = {
        {.tag = "P", .text = sheet->words->fold, .style = &small, .most_lines = 1, .at_end = true}};
    document_dashes(document, MARGIN, MIDDLE, WIDTH, LINE);
    document_column(document, &(struct document_box){MARGIN, MIDDLE + 4, WIDTH, 14}, items, 1);
}

static void draw_facts(struct document *document, const struct ticket_sheet *sheet)
{
    const struct ticket_sheet_words *words = sheet->words;
    const struct document_style label = {.face = DOCUMENT_SANS, .size = 9.5, .colour = INK_SOFT};
    const struct document_style value = {.face = DOCUMENT_SANS, .size = 12, .colour = INK};
    const struct document_style strong = {
        .face = DOCUMENT_SANS, .size = 12, .is_bold = true, .colour = INK};
    const struct document_style link = {
        .face = DOCUMENT_SANS, .size = 12, .colour = accent_of(sheet)};
    const bool has_place = is_given(sheet->venue) || is_given(sheet->address);
    const struct document_item items[] = {
        {.tag = "P", .text = words->attendee, .style = &label, .most_lines = 1},
        {.tag = "P", .text = sheet->name, .style = &strong, .least = 0.76, .most_lines = 4},
        {.tag = "P",
         .text = label_of(words->ticket, sheet->ticket_type),
         .style = &label,
         .before = 12,
         .most_lines = 1},
        {.tag = "P", .text = sheet->ticket_type, .style = &value, .least = 0.76, .most_lines = 2},
        {.tag = "P",
         .text = label_of(words->when, sheet->when),
         .style = &label,
         .before = 12,
         .most_lines = 1},
        {.tag = "P", .text = sheet->when, .style = &value, .least = 0.76, .most_lines = 4},
        {.tag = "P", .text = sheet->zone, .style = &label, .most_lines = 1},
        {.tag = "P",
         .text = has_place ? words->where : NULL,
         .style = &label,
         .before = 12,
         .most_lines = 1},
        {.tag = "P", .text = sheet->venue, .style = &value, .least = 0.76, .most_lines = 3},
        {.tag = "P",
         .text = sheet->address,
         .style = sheet->map_url ? &link : &value,
         .url = sheet->map_url,
         .most_lines = 4},
        {.tag = "P",
         .text = label_of(words->organiser, sheet->organiser),
         .style = &label,
         .before = 12,
         .most_lines = 1},
        {.tag = "P", .text = sheet->organiser, .style = &value, .least = 0.76, .most_lines = 2},
    };
    document_column(
        document,
        &(struct document_box){MARGIN, LOWER_Y, CODE_SIDE, DOCUMENT_PAGE_HEIGHT - LOWER_Y - MARGIN},
        items, sizeof items / sizeof *items);
}

static void draw_help(struct document *document, const struct ticket_sheet *sheet)
{
    const struct document_style hint = {.face = DOCUMENT_SANS, .size = 11.5, .colour = INK_SOFT};
    const struct document_style link = {
        .face = DOCUMENT_SANS, .size = 12, .colour = accent_of(sheet)};
    const struct document_item items[] = {
        {.tag = "P",
         .text = label_of(sheet->words->short_number_hint, sheet->short_number),
         .style = &hint,
         .most_lines = 4},
        {.tag = "P",
         .text = label_of(sheet->words->online, sheet->url),
         .url = sheet->url,
         .style = &link,
         .before = 16,
         .most_lines = 2},
    };
    document_column(document,
                    &(struct document_box){SIDE_X, LOWER_Y, SIDE_WIDTH,
                                           DOCUMENT_PAGE_HEIGHT - LOWER_Y - MARGIN},
                    items, sizeof items / sizeof *items);
}

static bool draw_sheet(struct document *document, const struct ticket_sheet *sheet)
{
    document_begin(document, "Sect");
    draw_head(document, sheet);
    draw_side(document, sheet);
    bool is_drawn =
        document_qr(document, sheet->token, sheet->words->code, MARGIN, CODE_Y, CODE_SIDE);
    draw_fold(document, sheet);
    draw_facts(document, sheet);
    draw_help(document, sheet);
    document_end(document, "Sect");
    return is_drawn;
}

bool ticket_sheets_pdf(const struct ticket_sheet *sheets, size_t count,
                       const struct document_about *about, struct buffer *out)
{
    if (count == 0 || count > TICKET_SHEETS_MOST)
        return false;
    struct document *document = document_create(about);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            document_next_page(document);
        if (!draw_sheet(document, &sheets[i])) {
            document_destroy(document);
            return false;
        }
    }
    return document_finish(document, out);
}
