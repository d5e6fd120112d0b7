/* What differs between two event files, in words for people. */
#ifndef EINLASS_FEATURES_EVENT_EVENT_DIFF_H
#define EINLASS_FEATURES_EVENT_EVENT_DIFF_H

#include <jansson.h>
#include <stddef.h>

#include "base/buffer.h"

/*
 * Compares two files as event_file_write() writes them and appends each difference to `out`,
 * between `lead` and `tail`: "registration capacity 78 → 80", "question diet removed". Gives how
 * many; 0: they say the same.
 */
size_t event_diff(const json_t *before, const json_t *after, const char *lead, const char *tail,
                  struct buffer *out);

#endif
