/* Where somebody stands in what happened at the doors: the last scan they have seen. */
#ifndef EINLASS_FEATURES_DOOR_LIVE_CURSOR_H
#define EINLASS_FEATURES_DOOR_LIVE_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/id.h"

struct live_cursor {
    int64_t at_us; /* when it was written, or undone */
    struct id nonce;
};

/* In the order of live.sql. */
bool live_cursor_is_behind(const struct live_cursor *cursor, const struct live_cursor *other);

/* As the id of a server-sent event, "MICROSECONDS-NONCE". Reading: false for anything else, NULL
 * too. Writing appends the whole line. */
MUST_CHECK bool live_cursor_read(const char *text, struct live_cursor *ret_cursor);
void live_cursor_write(const struct live_cursor *cursor, struct buffer *out);

#endif
