/*
 * QR codes (ISO/IEC 18004) at error correction level M, in the densest mode the text allows:
 * alphanumeric for tickets. The text is best ASCII: other letters go in as UTF-8, which readers
 * have to guess. All return false, appending nothing, where the text does not fit.
 */
#ifndef EINLASS_VIEW_QR_H
#define EINLASS_VIEW_QR_H

#include <stdbool.h>

#include "base/buffer.h"

enum {
    QR_MOST_BYTES = 1024,
    QR_MOST_PIXELS = 32, /* a module */
    QR_QUIET = 4,        /* modules of white around it */
};

/*
 * One svg element without styles, scripts or ids, so it stands in any page under a strict policy;
 * black on white also where the page is dark, because scanners need that. Its size is the
 * style sheet's. `title`, any text, is what a screen reader says instead of it.
 */
MUST_CHECK bool qr_svg(const char *text, const char *title, struct buffer *out);

/* A black and white PNG (RFC 2083), 1 to QR_MOST_PIXELS pixels a module. */
MUST_CHECK bool qr_png(const char *text, unsigned pixels_per_module, struct buffer *out);

/* For a terminal with UTF-8: half blocks, black on white by SGR sequences, two rows a line. */
MUST_CHECK bool qr_terminal(const char *text, struct buffer *out);

/* The modules themselves, row by row from the top left corner, each byte 1 for dark or 0; *ret_side
 * of them a row, without the quiet zone. For who draws by other means. */
MUST_CHECK bool qr_modules(const char *text, struct buffer *out, int *ret_side);

/* Its version, 1 to 40, or 0 where it does not fit. */
int qr_version(const char *text);

#endif
