/*
 * Reads a list piece by piece and stores its lines. The job and the command do the same. Memory
 * holds one piece of the file.
 */
#ifndef EINLASS_FEATURES_IMPORT_PIECE_H
#define EINLASS_FEATURES_IMPORT_PIECE_H

#include "features/import/line.h"
#include "statements.h"

enum {
    IMPORT_FILE_MOST_BYTES = 16 * 1024 * 1024, /* limit: a list of people */
    IMPORT_LINES_MOST = 100000,                /* limit: lines of a list of people */
    PIECE_BYTES = 256 * 1024,
    PIECE_LINES = 200, /* that are read in one go */
};

/* A list on which somebody works. */
struct import_work {
    struct id event_id, import_id;
    const struct event *event;
    const struct locale_set *locales;
};

/* The caller's memory: zeroed before the first piece, except `begin` and `line`. */
struct piece {
    int64_t begin; /* of the piece in the file: piece.sql gives it from here */
    int64_t line;  /* of the file, at the beginning */

    bool is_open;
    char *bytes;
    struct list_reader reader;
    struct line_rules rules;
    bool ignores_quotes, has_passed_heading;
    struct arena arena; /* of the rules */
};

/* The statement that gets the piece. */
struct params *piece_params(const struct piece *piece, const struct import_work *work);

/* Opens the piece in a row of piece.sql. False: the list or its rules are gone. */
MUST_CHECK bool piece_open(struct piece *piece, const struct import_work *work,
                           const struct rows *rows);
void piece_close(struct piece *piece);

enum piece_step {
    PIECE_READ,     /* store the lines: *ret_lines */
    PIECE_NEXT,     /* get the next piece */
    PIECE_END,      /* the file has no more lines */
    PIECE_TOO_LONG, /* it has more than IMPORT_LINES_MOST */
};

/* Reads the next lines of the piece. With PIECE_NEXT, `begin` and `line` have moved behind them. */
enum piece_step piece_read(struct piece *piece, const struct import_work *work,
                           struct params **ret_lines);

#endif
