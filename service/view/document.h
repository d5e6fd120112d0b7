/*
 * A4 PDF documents by pango and cairo: text of any script with the machine's fonts, vector
 * graphics, tags for screen readers (ISO 32000-1 section 14.8). Lengths are points (1/72 inch) from
 * the upper left corner of the page. Any thread may make documents; one document belongs to one
 * thread. The first text of a process is slow, because it loads the fonts.
 *
 * Texts are untrusted UTF-8. Invalid bytes become U+FFFD, a line feed breaks the line, other
 * control characters become spaces.
 */
#ifndef EINLASS_VIEW_DOCUMENT_H
#define EINLASS_VIEW_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"

#define DOCUMENT_PAGE_WIDTH 595.28
#define DOCUMENT_PAGE_HEIGHT 841.89

struct document_about {
    const char *title;
    const char *author;   /* NULL: none */
    const char *language; /* BCP 47, "de" */
    bool is_landscape;
    bool is_untagged; /* for long lists: the tags stay in memory until the end */
};

enum document_face {
    DOCUMENT_SANS,
    DOCUMENT_SERIF,
    DOCUMENT_MONO,
};

struct document_style {
    enum document_face face;
    double size;
    bool is_bold;
    unsigned colour; /* 0xRRGGBB */
    double leading;  /* distance of lines as a multiple of the size; 0: the font's own */
};

/* A text of a column. NULL or "" as text leaves the item out. */
struct document_item {
    const char *tag; /* structure type: "H1" to "H6", "P" */
    const char *text;
    const char *url; /* link target; NULL: no link */
    const struct document_style *style;
    double before;        /* space above the item, ignored for the first one */
    int most_lines;       /* longer text shrinks to `least`, then ends in an ellipsis */
    double least;         /* smallest scale, for example 0.6; 0: the text does not shrink */
    bool at_end;          /* align to the end of the line */
    bool is_surname_bold; /* the last word, or what stands before a comma */
};

struct document_box {
    double x, y, width, height;
};

struct document_cell {
    struct document_item item; /* tag: "TH", "TD" */
    double x, width;
};

struct document;

/* Never NULL. */
struct document *document_create(const struct document_about *about);

/* Writes the document to a file instead, so that its pages need no memory. document_finish adds
 * nothing to its buffer then. */
struct document *document_create_in(const struct document_about *about, int file);

/* Both end the document. document_finish appends the file; false: it failed and appended nothing.
 */
MUST_CHECK bool document_finish(struct document *document, struct buffer *out);
void document_destroy(struct document *document);

/* Opens a structure element, such as "Sect"; elements nest. */
void document_begin(struct document *document, const char *tag);
void document_end(struct document *document, const char *tag);

/* Starts a new page. A new document already has its first page. */
void document_next_page(struct document *document);

/*
 * Draws the items below each other. If they are too high for the box, all shrink by the same scale.
 * Nothing is drawn outside the box. Returns the used height.
 */
double document_column(struct document *document, const struct document_box *box,
                       const struct document_item *items, size_t count);

/* Draws a row of a table, and returns its height. Returns 0 and draws nothing if it is higher than
 * `height_most`. */
double document_row(struct document *document, double y, double height_most,
                    const struct document_cell *cells, size_t count);

/* Returns the height that document_row() would return with enough room. Short texts in Latin
 * letters are measured letter by letter, not laid out. So this takes a small part of the time. */
double document_row_height(struct document *document, const struct document_cell *cells,
                           size_t count);

/* Draw a filled rectangle and a dashed horizontal line. */
void document_bar(struct document *document, const struct document_box *box, unsigned colour);
void document_dashes(struct document *document, double x, double y, double width, unsigned colour);

/*
 * Draws a black QR code at (x, y), at most `side` wide. The caller keeps QR_QUIET modules around it
 * free. `alternative` is the text for screen readers. False: the text does not fit into a code.
 */
MUST_CHECK bool document_qr(struct document *document, const char *text, const char *alternative,
                            double x, double y, double side);

#endif
