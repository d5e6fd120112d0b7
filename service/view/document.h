/*
 * PDF documents on A4 by pango and cairo: text of any script with the fonts of the machine, vector
 * graphics, tagged for screen readers (ISO 32000-1 section 14.8). Lengths are points, 1/72 inch,
 * from the upper left corner of the page. Any thread may make a document, each its own; the first
 * text a process sets takes longer than all others, because the fonts are looked up.
 *
 * Texts are UTF-8 of strangers: bytes that are none become U+FFFD, a line feed breaks the line and
 * other control characters become spaces.
 */
#ifndef EINLASS_VIEW_DOCUMENT_H
#define EINLASS_VIEW_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

#define DOCUMENT_PAGE_WIDTH 595.28
#define DOCUMENT_PAGE_HEIGHT 841.89

struct document_about {
    const char *title;
    const char *author;   /* NULL: not said */
    const char *language; /* BCP 47, "de" */
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
    double leading;  /* from line to line, in sizes; 0: the font's own */
};

/* A text of a column. NULL or "" as text: it is left out. */
struct document_item {
    const char *tag; /* structure type: "H1" to "H6", "P" */
    const char *text;
    const char *url; /* where a click leads; NULL: nowhere */
    const struct document_style *style;
    double before;  /* space above it, unless it is the first */
    int most_lines; /* what does not fit ends in an ellipsis … */
    double least;   /* … once it is this much smaller, 0.6; 0: at its size */
    bool at_end;    /* set against the end of the lines */
};

struct document_box {
    double x, y, width, height;
};

struct document;

/* Never NULL. */
struct document *document_create(const struct document_about *about);

/* Ends with one of these. The file is appended; false: it could not be made, nothing was. */
MUST_CHECK bool document_finish(struct document *document, struct buffer *out);
void document_destroy(struct document *document);

/* A group of what follows, such as "Sect"; they nest. */
void document_begin(struct document *document, const char *tag);
void document_end(struct document *document, const char *tag);

/* Everything drawn so far stays on its page. The first page is there at the beginning. */
void document_next_page(struct document *document);

/*
 * The items below each other. What is too high for the box becomes smaller, all in the same
 * measure, until it fits; nothing is ever drawn outside of it. Returns the height that was used.
 */
double document_column(struct document *document, const struct document_box *box,
                       const struct document_item *items, size_t count);

/* A filled rectangle, and a dashed line from left to right. */
void document_bar(struct document *document, const struct document_box *box, unsigned colour);
void document_dashes(struct document *document, double x, double y, double width, unsigned colour);

/*
 * A QR code in black, the dark modules from (x, y) on and at most `side` wide. The caller leaves
 * QR_QUIET modules free around it. `alternative` is what a screen reader says. False: the text does
 * not fit into a code.
 */
MUST_CHECK bool document_qr(struct document *document, const char *text, const char *alternative,
                            double x, double y, double side);

#endif
