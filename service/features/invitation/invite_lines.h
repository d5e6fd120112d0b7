/* Reads lines with people as others write them: "Ada Lovelace <ada@example.org>", an address alone,
 * or cells of a spreadsheet with tabs or semicolons between them. */
#ifndef EINLASS_FEATURES_INVITATION_INVITE_LINES_H
#define EINLASS_FEATURES_INVITATION_INVITE_LINES_H

#include <stdbool.h>

#include "base/memory.h"

/* Finds the name and the address in a line; both live in the arena, unchecked, and the name may be
 * "". False: the line has no address. */
MUST_CHECK bool invite_line_split(struct arena *arena, const char *line, const char **ret_name,
                                  const char **ret_address);

#endif
