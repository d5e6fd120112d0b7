/*
 * Writes a workbook for tests/wire/exports.test.js: a JSON object {title, rows_most, rows} on
 * standard input, the file on standard output. A cell is a text, {"number": digits} or {"time":
 * local time}. The first row is the heading.
 */
#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

#include "view/workbook.h"

static void write_cell(struct table *table, const json_t *cell)
{
    const json_t *number = json_object_get(cell, "number"), *time = json_object_get(cell, "time");
    const json_t *text = number ? number : time ? time : cell;
    const char *bytes = json_string_value(text);
    size_t length = json_string_length(text);
    if (number)
        table_number(table, bytes, length);
    else if (time)
        table_time(table, bytes, length);
    else
        table_text(table, bytes, length);
}

int main(void)
{
    json_t *input = json_loadf(stdin, JSON_ALLOW_NUL, NULL), *row, *cell;
    size_t r, c;
    struct workbook *workbook = workbook_create(&(struct workbook_options){
        .title = json_string_value(json_object_get(input, "title")),
        .author = "Organiser",
        .time_format = "yyyy-mm-dd hh:mm",
        .date_format = "yyyy-mm-dd",
        .cut_mark = " … (shortened)",
        .rows_most = json_integer_value(json_object_get(input, "rows_most"))});
    if (!workbook)
        return 1;
    struct table *table = workbook_table(workbook);
    json_array_foreach (json_object_get(input, "rows"), r, row) {
        json_array_foreach (row, c, cell)
            write_cell(table, cell);
        table_end_row(table);
    }
    json_decref(input);
    int file = workbook_finish(workbook);
    char piece[4096];
    ssize_t length;
    for (off_t at = 0; (length = pread(file, piece, sizeof piece, at)) > 0; at += length)
        if (write(STDOUT_FILENO, piece, (size_t)length) != length)
            return 1;
    return file < 0;
}
