/*
 * A list of people on A4 paper (document.h): names, or a sheet to sign. Each page has the title,
 * the headings, and its number of how many. With more than ROSTER_PORTRAIT_MOST columns the paper
 * lies on its side. Rows are kept until roster_finish, because they may have to be sorted. Any
 * thread may write rosters; one roster belongs to one thread.
 */
#ifndef EINLASS_VIEW_ROSTER_H
#define EINLASS_VIEW_ROSTER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"
#include "view/locale.h"
#include "view/table.h"

enum {
    ROSTER_COLUMNS_MOST = 8,   /* limit: columns of a PDF list */
    ROSTER_ROWS_MOST = 100000, /* limit: people of a PDF list */
    ROSTER_PORTRAIT_MOST = 4,
};

struct roster_options {
    const struct locale *locale; /* of dates and page numbers */
    const char *title, *subtitle, *author;
    const char *signature;   /* the heading of the column to sign in; NULL: a list of names */
    size_t column_count;     /* 1 to ROSTER_COLUMNS_MOST; the first is the name */
    bool by_surname;         /* the last word of the name; false: in the order of the rows */
    const atomic_bool *stop; /* once true, roster_finish gives up */
};

struct roster;

/* Copies the texts. */
struct roster *roster_create(const struct roster_options *options);

/* Rows beyond ROSTER_ROWS_MOST are counted and not kept. A short row gets empty cells. */
struct table *roster_table(struct roster *roster);
size_t roster_count(const struct roster *roster);

/* Returns a descriptor of the file, which the caller closes, or -1: the disk is full, or `stop`.
 * Frees the roster. */
MUST_CHECK int roster_finish(struct roster *roster);

void roster_destroy(struct roster *roster); /* takes NULL */

#endif
