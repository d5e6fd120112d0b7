/*
 * A table that is written row by row, cell by cell: CSV, or a sheet of a workbook. The first row is
 * the heading. The writer embeds struct table as its first member.
 *
 * Texts are UTF-8 and untrusted. A text of length 0 is an empty cell; it may be NULL.
 */
#ifndef EINLASS_VIEW_TABLE_H
#define EINLASS_VIEW_TABLE_H

#include <stddef.h>

struct table;

struct table_kind {
    void (*text)(struct table *table, const char *text, size_t length);
    /* Digits of PostgreSQL or JSON: "-3.50". */
    void (*number)(struct table *table, const char *digits, size_t length);
    /* A local time, "2026-05-13 10:00:05", or a date, "2026-05-13". */
    void (*time)(struct table *table, const char *time, size_t length);
    void (*end_row)(struct table *table);
};

struct table {
    const struct table_kind *kind;
};

static inline void table_text(struct table *table, const char *text, size_t length)
{
    table->kind->text(table, text, length);
}

static inline void table_number(struct table *table, const char *digits, size_t length)
{
    table->kind->number(table, digits, length);
}

static inline void table_time(struct table *table, const char *time, size_t length)
{
    table->kind->time(table, time, length);
}

static inline void table_end_row(struct table *table)
{
    table->kind->end_row(table);
}

#endif
