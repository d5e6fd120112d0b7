/* What differs between two event files, in lines for people. */
#ifndef EINLASS_FEATURES_EVENT_EVENT_DIFF_H
#define EINLASS_FEATURES_EVENT_EVENT_DIFF_H

#include <jansson.h>
#include <stddef.h>

#include "base/buffer.h"

/*
 * Compares two files as event_file_write() writes them and appends a line for each difference:
 * "SLUG: registration capacity 78 → 80", "SLUG: question diet removed". Gives how many; 0: they
 * say the same.
 */
size_t event_diff(const char *slug, const json_t *before, const json_t *after, struct buffer *out);

#endif
