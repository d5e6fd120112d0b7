#include "view/document.h"

#include <cairo-pdf.h>
#include <math.h>
#include <pango/pangocairo.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "view/document_surface.h"
#include "view/fonts.h"
#include "view/pdf_update.h"
#include "view/qr.h"

enum {
    TEXT_MOST_BYTES = 4096, /* of one item */
    FIGURES_MOST = 128,
    ITEMS_MOST = 32,          /* of a column, or cells of a row */
    FONTS_MOST = 8,           /* whose letters are measured */
    LETTERS_MOST = 0x180,     /* Latin, with accents */
    WRITE_BYTES = 256 * 1024, /* to a file at once */
};

/* A column is laid out at each scale in turn, until it fits. */
static const double scales[] = {1.0, 0.92, 0.84, 0.76, 0.68, 0.6, 0.5};
enum { SCALES = sizeof scales / sizeof *scales };

static const char *const families[] = {
    [DOCUMENT_SANS] = "sans-serif", [DOCUMENT_SERIF] = "serif", [DOCUMENT_MONO] = "monospace"};

struct line {
    double width, height, baseline;
};

/* The letters of a font. Texts of short words need no layout to know that they fit on a line. */
struct letters {
    const struct document_style *style; /* NULL: not used yet */
    bool is_bold;
    struct line line;
    double width[LETTERS_MOST]; /* 0: not measured yet; NAN: of another font */
};

struct document {
    struct buffer file; /* all of it, or what is still to be written to the descriptor */
    int descriptor;     /* -1: none */
    bool is_broken;     /* the descriptor took no more */
    bool is_untagged;
    cairo_t *cairo;
    cairo_surface_t *surface;
    PangoContext *context;
    char *language;
    char *alternatives[FIGURES_MOST];
    size_t figure_count;
    struct letters fonts[FONTS_MOST];
};

static void write_out(struct document *document)
{
    const struct buffer *file = &document->file;
    for (size_t at = 0; at < file->length && !document->is_broken;) {
        ssize_t written = write(document->descriptor, file->bytes + at, file->length - at);
        document->is_broken = written <= 0;
        at += written > 0 ? (size_t)written : 0;
    }
    buffer_clear(&document->file);
}

static cairo_status_t on_bytes(void *context, const unsigned char *bytes, unsigned length)
{
    struct document *document = context;
    buffer_add(&document->file, bytes, length);
    if (document->descriptor >= 0 && document->file.length >= WRITE_BYTES)
        write_out(document);
    return document->is_broken ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

/* Embeddings, overrides and isolates (UAX 9) could reverse the text next to a name. */
static bool is_direction(gunichar c)
{
    return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

/* cairo fails on noncharacters. */
static bool is_nothing(gunichar c)
{
    return (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFE) == 0xFFFE;
}

/* Returns valid UTF-8 without harmful characters. The caller frees it. */
static char *clean(const char *text)
{
    struct buffer out;
    gchar *valid = g_utf8_make_valid(text, (gssize)strnlen(text, TEXT_MOST_BYTES));
    buffer_init(&out);
    for (const gchar *at = valid; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (c == '\n')
            buffer_add_text(&out, "\u2028"); /* starts a line in the same paragraph */
        else if (g_unichar_iscntrl(c) || c == 0x2029)
            buffer_add_char(&out, ' ');
        else if (is_nothing(c))
            buffer_add_text(&out, "\uFFFD");
        else if (!is_direction(c))
            buffer_add(&out, at, (size_t)(g_utf8_next_char(at) - at));
    }
    g_free(valid);
    return buffer_take(&out);
}

static void set_about(struct document *document, const struct document_about *about)
{
    char *title = clean(about->title), *author = about->author ? clean(about->author) : NULL;
    cairo_pdf_surface_set_metadata(document->surface, CAIRO_PDF_METADATA_TITLE, title);
    if (author)
        cairo_pdf_surface_set_metadata(document->surface, CAIRO_PDF_METADATA_AUTHOR, author);
    cairo_pdf_surface_set_metadata(document->surface, CAIRO_PDF_METADATA_CREATOR, "Einlass");
    free(author);
    free(title);
}

/* Without hinting: paper has no pixels to align letters to. */
static PangoContext *make_context(const char *language)
{
    fonts_choose();
    PangoContext *context =
        pango_font_map_create_context(pango_cairo_font_map_get_default()); /* one per thread */
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(context, options);
    cairo_font_options_destroy(options);
    pango_context_set_round_glyph_positions(context, FALSE);
    pango_context_set_language(context, pango_language_from_string(language));
    return context;
}

struct document *document_create(const struct document_about *about)
{
    return document_create_in(about, -1);
}

struct document *document_create_in(const struct document_about *about, int file)
{
    struct document *document = memory_alloc(sizeof *document);
    buffer_init(&document->file);
    document->descriptor = file;
    document->is_untagged = about->is_untagged;
    document->surface = cairo_pdf_surface_create_for_stream(
        on_bytes, document, about->is_landscape ? DOCUMENT_PAGE_HEIGHT : DOCUMENT_PAGE_WIDTH,
        about->is_landscape ? DOCUMENT_PAGE_WIDTH : DOCUMENT_PAGE_HEIGHT);
    cairo_pdf_surface_restrict_to_version(document->surface, CAIRO_PDF_VERSION_1_5);
    document->cairo = cairo_create(document->surface);
    document->context = make_context(about->language);
    document->language = memory_copy(about->language);
    set_about(document, about);
    document_begin(document, "Document");
    return document;
}

struct document *document_create_on(cairo_surface_t *surface, const char *language)
{
    struct document *document = memory_alloc(sizeof *document);
    buffer_init(&document->file);
    document->descriptor = -1;
    document->is_untagged = true;
    document->surface = cairo_surface_reference(surface);
    document->cairo = cairo_create(surface);
    document->context = make_context(language);
    document->language = memory_copy(language);
    return document;
}

/* Closing the surface writes the file. */
static bool close_file(struct document *document)
{
    document_end(document, "Document");
    cairo_show_page(document->cairo);
    bool is_good = cairo_status(document->cairo) == CAIRO_STATUS_SUCCESS;
    cairo_surface_finish(document->surface);
    return is_good && cairo_surface_status(document->surface) == CAIRO_STATUS_SUCCESS;
}

/* Reads the written file as memory. A zero follows it there, unless it fills its last page. */
static bool update_file(struct document *document, const struct pdf_update *update)
{
    struct stat file;
    write_out(document);
    if (fstat(document->descriptor, &file) != 0 || file.st_size == 0)
        return false;
    if (file.st_size % sysconf(_SC_PAGESIZE) == 0) {
        buffer_add_char(&document->file, '\n');
        write_out(document);
        file.st_size++;
    }
    size_t length = (size_t)file.st_size;
    char *bytes = mmap(NULL, length, PROT_READ, MAP_SHARED, document->descriptor, 0);
    if (bytes == MAP_FAILED)
        return false;
    bool is_good = pdf_update(bytes, length, update, &document->file);
    munmap(bytes, length);
    write_out(document);
    return is_good && !document->is_broken;
}

bool document_finish(struct document *document, struct buffer *out)
{
    const struct pdf_update update = {
        .language = document->language,
        .alternatives = (const char *const *)document->alternatives,
        .alternative_count = document->figure_count,
    };
    struct buffer *file = &document->file;
    struct buffer added;
    bool is_good = close_file(document);
    buffer_init(&added);
    if (document->descriptor >= 0) {
        is_good = is_good && update_file(document, &update);
    } else if (is_good &&
               (is_good = pdf_update(buffer_text(file), file->length, &update, &added))) {
        buffer_add(out, file->bytes, file->length);
        buffer_add(out, added.bytes, added.length);
    }
    buffer_finish(&added);
    document_destroy(document);
    return is_good;
}

void document_destroy(struct document *document)
{
    if (!document)
        return;
    g_object_unref(document->context);
    cairo_destroy(document->cairo);
    cairo_surface_destroy(document->surface);
    for (size_t i = 0; i < document->figure_count; i++)
        free(document->alternatives[i]);
    free(document->language);
    buffer_finish(&document->file);
    free(document);
}

void document_begin(struct document *document, const char *tag)
{
    if (!document->is_untagged)
        cairo_tag_begin(document->cairo, tag, NULL);
}

void document_end(struct document *document, const char *tag)
{
    if (!document->is_untagged)
        cairo_tag_end(document->cairo, tag);
}

void document_next_page(struct document *document)
{
    cairo_show_page(document->cairo);
}

static void set_colour(struct document *document, unsigned colour)
{
    cairo_set_source_rgb(document->cairo, (colour >> 16 & 0xFF) / 255.0,
                         (colour >> 8 & 0xFF) / 255.0, (colour & 0xFF) / 255.0);
}

/* --- Columns --------------------------------------------------------------------------------- */

/* One text, laid out at one scale. */
struct set_text {
    const struct document_item *item; /* NULL: left out */
    PangoLayout *layout;
    double before; /* space above; in a row the distance to the baseline */
    double height;
};

static PangoFontDescription *describe(const struct document_style *style, double scale)
{
    PangoFontDescription *font = pango_font_description_new();
    pango_font_description_set_family_static(font, families[style->face]);
    pango_font_description_set_weight(font,
                                      style->is_bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_font_description_set_absolute_size(font, style->size * scale * PANGO_SCALE);
    return font;
}

/* Aligns right-to-left texts like all others; pango would swap their sides. */
static void align(PangoLayout *layout, bool at_end)
{
    bool is_swapped = pango_layout_get_direction(layout, 0) == PANGO_DIRECTION_RTL;
    pango_layout_set_alignment(layout, at_end != is_swapped ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
}

/* The last word of a name, or what stands before a comma. */
static void embolden(PangoLayout *layout, const char *text)
{
    const char *space = strrchr(text, ' '), *comma = strchr(text, ',');
    PangoAttrList *list = pango_attr_list_new();
    PangoAttribute *bold = pango_attr_weight_new(PANGO_WEIGHT_BOLD);
    if (comma)
        bold->end_index = (guint)(comma - text);
    else if (space)
        bold->start_index = (guint)(space - text);
    pango_attr_list_insert(list, bold);
    pango_layout_set_attributes(layout, list);
    pango_attr_list_unref(list);
}

static PangoLayout *make_layout(struct document *document, const struct document_item *item,
                                double width, double scale)
{
    char *text = clean(item->text);
    PangoLayout *layout = pango_layout_new(document->context);
    PangoFontDescription *font = describe(item->style, scale);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    pango_layout_set_text(layout, text, -1);
    if (item->is_surname_bold)
        embolden(layout, text);
    pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_height(layout, -item->most_lines);
    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    if (item->style->leading > 0)
        pango_layout_set_line_spacing(layout, (float)item->style->leading);
    align(layout, item->at_end);
    free(text);
    return layout;
}

static void set_item(struct document *document, const struct document_item *item, double width,
                     double scale, struct set_text *ret_text)
{
    PangoRectangle extents;
    ret_text->item = item;
    ret_text->layout = make_layout(document, item, width, scale);
    for (size_t i = 1; i < SCALES && pango_layout_is_ellipsized(ret_text->layout) &&
                       scales[i] >= item->least && item->least > 0;
         i++) {
        g_object_unref(ret_text->layout);
        ret_text->layout = make_layout(document, item, width, scale * scales[i]);
    }
    ret_text->before = item->before * scale;
    pango_layout_get_extents(ret_text->layout, NULL, &extents);
    ret_text->height = (double)extents.height / PANGO_SCALE;
}

static void drop(struct set_text *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        g_object_unref(texts[i].layout);
}

static double set_all(struct document *document, double width, const struct document_item *items,
                      size_t count, double scale, struct set_text *texts, size_t *ret_count)
{
    double height = 0;
    size_t used = 0;
    for (size_t i = 0; i < count && used < ITEMS_MOST; i++) {
        if (!items[i].text || *items[i].text == '\0')
            continue;
        struct set_text *text = &texts[used];
        set_item(document, &items[i], width, scale, text);
        if (used++ == 0)
            text->before = 0;
        height += text->before + text->height;
    }
    *ret_count = used;
    return height;
}

/* cairo writes tag attributes as 'text', with \ before a quote. */
static void begin_link(struct document *document, const char *url)
{
    struct buffer attributes;
    buffer_init(&attributes);
    buffer_add_text(&attributes, "uri='");
    for (; *url; url++) {
        if (*url == '\'' || *url == '\\')
            buffer_add_char(&attributes, '\\');
        buffer_add_char(&attributes, *url);
    }
    buffer_add_char(&attributes, '\'');
    cairo_tag_begin(document->cairo, CAIRO_TAG_LINK, buffer_text(&attributes));
    buffer_finish(&attributes);
}

/* Many combining marks on a letter can leave its line; the clip protects the other texts. */
static void draw_text(struct document *document, const struct set_text *text, double x, double y,
                      double width)
{
    const struct document_item *item = text->item;
    double slack = item->style->size * 0.25;
    cairo_t *cairo = document->cairo;
    cairo_save(cairo);
    cairo_rectangle(cairo, x - slack, y - slack, width + 2 * slack, text->height + 2 * slack);
    cairo_clip(cairo);
    set_colour(document, item->style->colour);
    document_begin(document, item->tag);
    if (item->url)
        begin_link(document, item->url);
    cairo_move_to(cairo, x, y);
    pango_cairo_show_layout(cairo, text->layout);
    if (item->url)
        cairo_tag_end(cairo, CAIRO_TAG_LINK);
    document_end(document, item->tag);
    cairo_restore(cairo);
}

double document_column(struct document *document, const struct document_box *box,
                       const struct document_item *items, size_t count)
{
    struct set_text texts[ITEMS_MOST];
    size_t used;
    for (size_t i = 0;; i++) {
        double height = set_all(document, box->width, items, count, scales[i], texts, &used);
        if (i + 1 == SCALES || height <= box->height)
            break;
        drop(texts, used);
    }
    double y = 0;
    for (size_t i = 0; i < used; i++) {
        y += texts[i].before;
        if (y + texts[i].height <= box->height)
            draw_text(document, &texts[i], box->x, box->y + y, box->width);
        y += texts[i].height;
    }
    drop(texts, used);
    return fmin(y, box->height);
}

/* Lays out the texts of a row on one baseline. Returns the height of the row. */
static double set_row(struct document *document, const struct document_cell *cells, size_t count,
                      struct set_text *texts, double *ret_baseline)
{
    double height = 0, baseline = 0;
    for (size_t i = 0; i < count; i++) {
        set_item(document, &cells[i].item, cells[i].width, 1, &texts[i]);
        texts[i].before = (double)pango_layout_get_baseline(texts[i].layout) / PANGO_SCALE;
        baseline = fmax(baseline, texts[i].before);
    }
    for (size_t i = 0; i < count; i++)
        height = fmax(height, baseline - texts[i].before + texts[i].height);
    *ret_baseline = baseline;
    return height;
}

double document_row(struct document *document, double y, double height_most,
                    const struct document_cell *cells, size_t count)
{
    struct set_text texts[ITEMS_MOST];
    double baseline, height = set_row(document, cells, count, texts, &baseline);
    bool fits = height <= height_most;
    if (fits)
        document_begin(document, "TR");
    for (size_t i = 0; fits && i < count; i++)
        draw_text(document, &texts[i], cells[i].x, y + baseline - texts[i].before, cells[i].width);
    if (fits)
        document_end(document, "TR");
    drop(texts, count);
    return fits ? height : 0;
}

static struct line measure(struct document *document, const struct document_style *style,
                           bool is_bold, const char *text)
{
    struct document_style own = *style;
    const struct document_item item = {.text = text, .style = &own, .most_lines = 1};
    PangoRectangle extents;
    own.is_bold = is_bold;
    PangoLayout *layout = make_layout(document, &item, DOCUMENT_PAGE_WIDTH, 1);
    pango_layout_get_extents(layout, NULL, &extents);
    int baseline = pango_layout_get_baseline(layout);
    g_object_unref(layout);
    return (struct line){.width = (double)extents.width / PANGO_SCALE,
                         .height = (double)extents.height / PANGO_SCALE,
                         .baseline = (double)baseline / PANGO_SCALE};
}

/* NULL: the document has more fonts than are measured. */
static struct letters *letters_of(struct document *document, const struct document_item *item)
{
    bool is_bold = item->style->is_bold || item->is_surname_bold;
    for (struct letters *letters = document->fonts; letters < document->fonts + FONTS_MOST;
         letters++) {
        if (!letters->style)
            *letters = (struct letters){.style = item->style,
                                        .is_bold = is_bold,
                                        .line = measure(document, item->style, is_bold, "A")};
        if (letters->style == item->style && letters->is_bold == is_bold)
            return letters;
    }
    return NULL;
}

static double letter_width(struct document *document, struct letters *letters, gunichar letter)
{
    double *width = &letters->width[letter];
    if (*width == 0) {
        char text[8] = "";
        g_unichar_to_utf8(letter, text);
        struct line line = measure(document, letters->style, letters->is_bold, text);
        bool is_same_font =
            line.height == letters->line.height && line.baseline == letters->line.baseline;
        *width = is_same_font ? line.width : NAN;
    }
    return *width;
}

/* Whether the text surely fits on one line. Some pairs of letters stand a little wider than each
 * of them, so it leaves room. */
static bool is_one_line(struct document *document, struct letters *letters, const char *text,
                        double width)
{
    double used = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        gunichar letter = *at;
        if (letter >= 0xC2 && letter <= 0xC5 && (at[1] & 0xC0) == 0x80)
            letter = (letter & 0x1F) << 6 | (*++at & 0x3F);
        else if (letter >= 0x80)
            return false;
        if (letter < ' ' || g_unichar_iscntrl(letter))
            return false;
        used += 1.03 * letter_width(document, letters, letter);
    }
    return used <= width; /* not if it is NAN */
}

double document_row_height(struct document *document, const struct document_cell *cells,
                           size_t count)
{
    double above = 0, below = 0;
    for (size_t i = 0; i < count; i++) {
        const struct document_item *item = &cells[i].item;
        struct letters *letters = letters_of(document, item);
        if (!letters || !is_one_line(document, letters, item->text, cells[i].width)) {
            struct set_text texts[ITEMS_MOST];
            double baseline, height = set_row(document, cells, count, texts, &baseline);
            drop(texts, count);
            return height;
        }
        above = fmax(above, letters->line.baseline);
        below = fmax(below, letters->line.height - letters->line.baseline);
    }
    return above + below;
}

/* --- Shapes ---------------------------------------------------------------------------------- */

void document_bar(struct document *document, const struct document_box *box, unsigned colour)
{
    set_colour(document, colour);
    cairo_rectangle(document->cairo, box->x, box->y, box->width, box->height);
    cairo_fill(document->cairo);
}

void document_dashes(struct document *document, double x, double y, double width, unsigned colour)
{
    static const double dashes[] = {3, 4};
    cairo_t *cairo = document->cairo;
    cairo_save(cairo);
    set_colour(document, colour);
    cairo_set_line_width(cairo, 0.75);
    cairo_set_dash(cairo, dashes, 2, 0);
    cairo_move_to(cairo, x, y);
    cairo_line_to(cairo, x + width, y);
    cairo_stroke(cairo);
    cairo_restore(cairo);
}

/* Adds the runs of dark modules in rows or, if turned, in columns. */
static void add_runs(cairo_t *cairo, const char *modules, int side, bool is_turned)
{
    for (int row = 0; row < side; row++) {
        for (int from = 0, to; from < side; from = to + 1) {
            to = from;
            while (to < side && modules[is_turned ? to * side + row : row * side + to])
                to++;
            if (to - from > (is_turned ? 1 : 0))
                cairo_rectangle(cairo, is_turned ? row : from, is_turned ? from : row,
                                is_turned ? 1 : to - from, is_turned ? to - from : 1);
        }
    }
}

/* Draws rows and columns as one path, so that viewers show no seams between the modules. */
bool document_qr(struct document *document, const char *text, const char *alternative, double x,
                 double y, double side)
{
    struct buffer modules;
    int count;
    cairo_t *cairo = document->cairo;
    buffer_init(&modules);
    if (document->figure_count == FIGURES_MOST || !qr_modules(text, &modules, &count))
        return false;
    document->alternatives[document->figure_count++] = clean(alternative);
    double module = floor(side / count * 20) / 20; /* few digits make a small file */
    cairo_save(cairo);
    cairo_tag_begin(cairo, "Figure", NULL);
    cairo_translate(cairo, x, y);
    cairo_scale(cairo, module, module);
    set_colour(document, 0);
    add_runs(cairo, modules.bytes, count, false);
    add_runs(cairo, modules.bytes, count, true);
    cairo_fill(cairo);
    cairo_tag_end(cairo, "Figure");
    cairo_restore(cairo);
    buffer_finish(&modules);
    return true;
}

/* --- For the sanitizer ----------------------------------------------------------------------- */

/* fontconfig keeps its fonts until the process ends. It refers to them by offsets, which the leak
 * sanitizer does not follow. */
#ifdef __SANITIZE_ADDRESS__
const char *__lsan_default_suppressions(void);
const char *__lsan_default_options(void);

const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig\n";
}

const char *__lsan_default_options(void)
{
    return "print_suppressions=0";
}
#endif
