/*
 * CSV (RFC 4180) that spreadsheets open correctly: UTF-8 with a byte order mark, CRLF.
 *
 * There are two dialects. CSV_COMMA has commas, points and dates as ISO 8601. CSV_EXCEL_DE is what
 * Excel in German opens by a double click: semicolons, decimal commas and dates like 13.05.2026.
 *
 * A spreadsheet runs a cell as a formula if it begins with = + - @ (also in full-width form), a tab
 * or a line break, even after spaces. Such a text gets an apostrophe before it and quotes around
 * it, as OWASP advises ("CSV Injection"). A phone number ("+49 341 1234"), a number ("-5") and
 * dashes alone can do no harm and stay as they are. So a text that begins with an apostrophe and
 * such a sign gets a second one, and csv_bare() gives each text back.
 */
#ifndef EINLASS_VIEW_CSV_H
#define EINLASS_VIEW_CSV_H

#include <stdbool.h>

#include "base/memory.h"
#include "view/table.h"

enum csv_dialect { CSV_COMMA, CSV_EXCEL_DE };

/* Lives in the caller's memory and owns nothing. The caller may empty the buffer between calls. */
struct csv {
    struct table table;
    struct buffer *out;
    enum csv_dialect dialect;
    bool in_row; /* the current row has a cell */
};

/* Writes the byte order mark. Call it once, at the start of the file. */
void csv_begin(struct csv *csv, enum csv_dialect dialect, struct buffer *out);

/* The text of a cell without the apostrophe that this writer, or another one, put before it. */
const char *csv_bare(const char *text);

#endif
