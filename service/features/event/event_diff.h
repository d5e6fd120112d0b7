/* Differences between two event files, as text for people. */
#ifndef EINLASS_FEATURES_EVENT_EVENT_DIFF_H
#define EINLASS_FEATURES_EVENT_EVENT_DIFF_H

#include <jansson.h>
#include <stddef.h>

#include "base/memory.h"

/* Compares two files from event_file_write(). Appends each difference to `out`, between `lead` and
 * `tail`, like "registration capacity 78 → 80" or "question diet removed". Returns their number. */
size_t event_diff(const json_t *before, const json_t *after, const char *lead, const char *tail,
                  struct buffer *out);

#endif
