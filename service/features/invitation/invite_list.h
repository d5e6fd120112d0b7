/* A list of people from a spreadsheet, as lines that invite_lines.h reads. */
#ifndef EINLASS_FEATURES_INVITATION_INVITE_LIST_H
#define EINLASS_FEATURES_INVITATION_INVITE_LIST_H

#include <stddef.h>

#include "base/memory.h"
#include "form/list_reader.h"

/* Returns a line for each line of the list, with tabs between the cells, in the arena. If the first
 * line has headings, only the cells of names and addresses are in it, the first names first.
 * separator 0: it is guessed. */
const char *invite_list_text(struct arena *arena, const char *bytes, size_t length,
                             enum list_encoding encoding, char separator);

#endif
