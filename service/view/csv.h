/*
 * CSV (RFC 4180) that spreadsheets open correctly: UTF-8 with a byte order mark, CRLF, commas.
 *
 * A spreadsheet runs a cell as a formula if it begins with = + - @ (also in full-width form), a tab
 * or a line break, even after spaces. Such a text gets an apostrophe before it and quotes around
 * it, as OWASP advises ("CSV Injection"). This applies to all texts, also to phone numbers
 * ("'+49 341 1234") and an answer "-5", because each program decides for itself what a formula is.
 * Numbers that the service computes go through csv_number and stay numbers.
 */
#ifndef EINLASS_VIEW_CSV_H
#define EINLASS_VIEW_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"

/* Lives in the caller's memory and owns nothing. The caller may empty the buffer between calls. */
struct csv {
    struct buffer *out;
    bool in_row; /* the current row has a cell */
};

/* Writes the byte order mark. Call it once, at the start of the file. */
void csv_begin(struct csv *csv, struct buffer *out);

/* Appends a cell to the row. `text` is UTF-8; it may be NULL if length is 0. */
void csv_cell(struct csv *csv, const char *text, size_t length);
void csv_text(struct csv *csv, const char *text); /* NULL: an empty cell */
void csv_number(struct csv *csv, int64_t number);

void csv_end_row(struct csv *csv);

#endif
