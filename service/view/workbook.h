/*
 * A workbook (XLSX, ISO/IEC 29500) by libxlsxwriter, in constant memory. Rows go to a temporary
 * file; workbook_finish makes the workbook of it in another one. Any thread may write workbooks;
 * one workbook belongs to one thread.
 *
 * A text stays as it was typed: "04103", "+49 341", "1/2" and "=1+1" are texts. Nothing is a
 * formula or a link. Numbers and times are typed. Numbers of more than 15 digits are texts, because
 * spreadsheets round them. The heading is frozen and has a filter. Rows beyond the most of a sheet
 * go to further sheets with the same heading. A text beyond the most of a cell is cut, with a mark.
 */
#ifndef EINLASS_VIEW_WORKBOOK_H
#define EINLASS_VIEW_WORKBOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/memory.h"
#include "view/table.h"

enum {
    WORKBOOK_ROWS_MOST = 1048576, /* limit: rows of a sheet in a workbook, with the heading */
    WORKBOOK_TEXT_MOST = 32767,   /* limit: UTF-16 units of a cell in a workbook */
};

struct workbook_options {
    const char *title;       /* also the name of the sheets */
    const char *author;      /* NULL: none */
    const char *time_format; /* of the spreadsheet, "yyyy-mm-dd hh:mm" */
    const char *date_format; /* "yyyy-mm-dd" */
    const char *cut_mark;    /* follows a text that was cut */
    int64_t rows_most;       /* of a sheet; 0: WORKBOOK_ROWS_MOST */
};

struct workbook;

/* NULL: no temporary file could be made. */
struct workbook *workbook_create(const struct workbook_options *options);
struct table *workbook_table(struct workbook *workbook);

/* Returns a descriptor of the file, which the caller closes, or -1: the disk is full. Frees the
 * workbook. Takes as long as writing the rows did, and cannot be interrupted. */
MUST_CHECK int workbook_finish(struct workbook *workbook);

void workbook_destroy(struct workbook *workbook); /* takes NULL */

#endif
