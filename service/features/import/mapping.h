/*
 * Says how a list is read, before anything happens: encoding, separator, and what its columns mean.
 *
 *   GET  …/import/{import}/columns   what is guessed, with the first values of each column. The
 * query may choose encoding, separator and heading POST …/import/{import}/check     has the list
 * read: {"encoding", "separator", "heading", "columns": [meaning], "ticket_type", "language"}; what
 * is left out is guessed
 */
#ifndef EINLASS_FEATURES_IMPORT_MAPPING_H
#define EINLASS_FEATURES_IMPORT_MAPPING_H

#include "event/event.h"
#include "features/import/columns.h"
#include "features/import/line.h"

struct request;

void mapping_show(struct request *request);
void mapping_check(struct request *request);

/* The rules that are guessed for a list: see columns.h. Texts live in the arena. */
struct line_rules mapping_guess(struct arena *arena, const struct event *event,
                                const struct list_source *source, const char *locale,
                                struct columns *ret_columns);

#endif
