/* Registers the people of a list's good lines, a portion at a time. The job and the command do the
 * same. */
#ifndef EINLASS_FEATURES_IMPORT_ADDING_H
#define EINLASS_FEATURES_IMPORT_ADDING_H

#include "features/import/piece.h"

enum { ADDING_LINES = 50 }; /* of a portion */

struct adding_line {
    int64_t number; /* of the file */
    int ordinal;    /* in sign_up.sql; 0: the line is not good any more */
    struct line line;
    struct id attendee_id, ticket_id;
};

struct adding {
    struct arena arena;
    size_t count;
    struct adding_line *lines;
};

struct params *adding_portion_params(const struct import_work *work, int lines_most);

/* Reads the lines in the rows of portion.sql anew, as the event may have changed. Gives the
 * statement that registers them; NULL: none of them is good any more. */
struct params *adding_begin(struct adding *adding, const struct import_work *work,
                            const struct rows *rows);
void adding_end(struct adding *adding);

/* Whether the event has changed meanwhile, so that the portion begins anew. */
bool adding_is_stale(const struct rows *rows);

/* The statement that notes what became of the lines. rows NULL: the database refused to register
 * them, or none is good. */
struct params *adding_outcomes(const struct adding *adding, const struct import_work *work,
                               const struct rows *rows);

#endif
