/*
 * QR codes (ISO/IEC 18004) with error correction level M, in the densest mode for the text:
 * alphanumeric for tickets. Prefer ASCII texts; other letters are stored as UTF-8, and readers must
 * guess that. The functions return false and append nothing if the text does not fit.
 */
#ifndef EINLASS_VIEW_QR_H
#define EINLASS_VIEW_QR_H

#include <stdbool.h>

#include "base/memory.h"

enum {
    QR_MOST_BYTES = 1024,
    QR_MOST_PIXELS = 32, /* per module */
    QR_QUIET = 4,        /* white modules around the code */
};

/*
 * Appends one svg element without styles, scripts or ids, so a strict Content-Security-Policy
 * allows it. It is black on white on dark pages too, because scanners need that. The style sheet
 * sets its size. `title` is the text for screen readers.
 */
MUST_CHECK bool qr_svg(const char *text, const char *title, struct buffer *out);

/* Appends a black and white PNG (RFC 2083) with 1 to QR_MOST_PIXELS pixels per module. */
MUST_CHECK bool qr_png(const char *text, unsigned pixels_per_module, struct buffer *out);

/* For UTF-8 terminals: half blocks in black on white by SGR sequences, two rows of modules a line.
 */
MUST_CHECK bool qr_terminal(const char *text, struct buffer *out);

/* Appends the modules without the quiet zone, row by row from the top left corner, one byte each: 1
 * for dark, 0 for light. *ret_side is the number of modules in a row. */
MUST_CHECK bool qr_modules(const char *text, struct buffer *out, int *ret_side);

/* The version of the code for this text, 1 to 40; 0 if the text does not fit. */
int qr_version(const char *text);

#endif
