/*
 * Adds to a tagged PDF what cairo cannot write. An incremental update (ISO 32000-1 section 7.5.6)
 * sets the document's language (14.9.2), tells readers to show the title instead of the file's name
 * (12.2), and gives each picture an alternative text (14.9.3).
 */
#ifndef EINLASS_VIEW_PDF_UPDATE_H
#define EINLASS_VIEW_PDF_UPDATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"

struct pdf_update {
    const char *language; /* BCP 47, "de" */

    /* UTF-8, for the structure elements of type Figure in the order of their object numbers, which
     * is the order of drawing. */
    const char *const *alternatives;
    size_t alternative_count;
};

/* Appends to `out` what belongs behind a file of cairo 1.16, which has a cross-reference table, not
 * a stream. A NUL follows the file. False: the file is different, nothing was appended. */
MUST_CHECK bool pdf_update(const char *pdf, size_t length, const struct pdf_update *update,
                           struct buffer *out);

#endif
