/*
 * CSV as RFC 4180 has it, in the form that opens right in spreadsheets: UTF-8 with a byte order
 * mark, CRLF, a comma between cells.
 *
 * A spreadsheet runs a cell as a formula if it begins with = + - @ (their full-width forms too) or
 * with a tab or line break, spaces before it or not. Such a text gets an apostrophe before it and
 * quotes around it, as OWASP advises ("CSV Injection"). That holds for every text, phone numbers
 * ("'+49 341 1234") and "-5" typed as an answer included: what is a formula and what is not is for
 * each program to say, and a phone number stays readable, where a spreadsheet would have made
 * 493411234 of it. Numbers of our own go through csv_number and stay numbers.
 */
#ifndef EINLASS_VIEW_CSV_H
#define EINLASS_VIEW_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/* On the caller's memory; owns nothing. The caller may take from the buffer between any two calls.
 */
struct csv {
    struct buffer *out;
    bool in_row; /* a cell of the current row is written */
};

/* Writes the byte order mark, which belongs at the begin of the file only. */
void csv_begin(struct csv *csv, struct buffer *out);

/* The next cell of the row. `text` is UTF-8 and may be NULL where length is 0. */
void csv_cell(struct csv *csv, const char *text, size_t length);
void csv_text(struct csv *csv, const char *text); /* NULL: an empty cell */
void csv_number(struct csv *csv, int64_t number);

void csv_end_row(struct csv *csv);

#endif
