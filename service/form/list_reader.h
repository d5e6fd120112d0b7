/*
 * Reads lists of people as spreadsheets write them: CSV (RFC 4180) with commas, semicolons or tabs,
 * in UTF-8, UTF-16 or windows-1252. It holds one record in memory, whatever the file is.
 *
 * A quoted cell may hold separators, line breaks and doubled quotes. A quote that never ends, such
 * as in 5" disk, is read as a character, and so are all quotes after it.
 */
#ifndef EINLASS_FORM_LIST_READER_H
#define EINLASS_FORM_LIST_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"

enum {
    LIST_COLUMNS_MOST = 200,           /* limit: columns of a list of people */
    LIST_CELL_MOST_BYTES = 32 * 1024,  /* limit: a cell of a list of people, in UTF-8 */
    LIST_LINE_MOST_BYTES = 128 * 1024, /* limit: a line of a list of people */
    LIST_GUESS_RECORDS = 50,           /* the separator is guessed from so many */
};

enum list_encoding {
    LIST_UTF_8,
    LIST_WINDOWS_1252,
    LIST_UTF_16_LE,
    LIST_UTF_16_BE,
    LIST_ENCODINGS,
};

/* "utf-8", "windows-1252", "utf-16le", "utf-16be". */
const char *list_encoding_name(enum list_encoding encoding);
MUST_CHECK bool list_encoding_named(const char *name, enum list_encoding *ret_encoding);

/* Guesses by the byte order mark, by the zero bytes that UTF-16 has, and by whether it is UTF-8. */
enum list_encoding list_encoding_guess(const char *bytes, size_t length);

/* A file or a piece of it that begins with a record. */
struct list_source {
    const char *bytes;
    size_t length;
    enum list_encoding encoding;
    char separator; /* ',', ';' or '\t' */
    bool is_whole;  /* the file ends with the piece */
    bool is_start;  /* the file begins with it: a byte order mark and "sep=;" are passed over */
};

/* ',' ';' or '\t'. "sep=;" in the first line decides. Ignores source->separator. */
char list_separator_guess(const struct list_source *source);

struct list_reader {
    struct list_source source;
    size_t at;         /* the next record begins here */
    int64_t line;      /* of the file, from 1: the line of the next record */
    bool takes_quotes; /* false: a quote that never ends has come */

    struct buffer text;      /* the cells of the record, each with a NUL behind it */
    const char **cells;      /* LIST_COLUMNS_MOST */
    size_t cell_count;       /* at least 1 */
    int64_t record_line;     /* the first line of the record */
    bool is_blank, is_large; /* no cell has a character; it passes a limit: cells are missing */
};

/* `line` is the line of the first byte; takes_quotes is as the reader of the piece before had it.
 */
void list_reader_init(struct list_reader *reader, const struct list_source *source, int64_t line,
                      bool takes_quotes);
void list_reader_finish(struct list_reader *reader);

/* Reads the next record. False: there is none, or the piece ends within it. */
bool list_reader_next(struct list_reader *reader);

#endif
