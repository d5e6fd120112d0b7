/*
 * What cairo cannot say about a tagged PDF, said after it: an incremental update (ISO 32000-1
 * section 7.5.6) that gives the catalogue the document's language (14.9.2) and asks readers to
 * show the title instead of the file's name (12.2), and each picture its words (14.9.3).
 */
#ifndef EINLASS_VIEW_PDF_UPDATE_H
#define EINLASS_VIEW_PDF_UPDATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

struct pdf_update {
    const char *language; /* BCP 47, "de" */

    /* For the structure elements of type Figure in the order of their object numbers, which is the
     * order in which they were drawn; UTF-8. */
    const char *const *alternatives;
    size_t alternative_count;
};

/* Appends to a file as cairo 1.16 writes it: with a table of references, not a stream. False: it is
 * none of that, and nothing was appended. */
MUST_CHECK bool pdf_update(struct buffer *pdf, const struct pdf_update *update);

#endif
