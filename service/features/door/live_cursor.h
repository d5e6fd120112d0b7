/* The position of a listener in the live stream: the last scan that it got. */
#ifndef EINLASS_FEATURES_DOOR_LIVE_CURSOR_H
#define EINLASS_FEATURES_DOOR_LIVE_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"
#include "base/memory.h"

struct live_cursor {
    int64_t at_us; /* the scan's told_at */
    struct id nonce;
};

/* Compares in the order of live.sql. */
bool live_cursor_is_behind(const struct live_cursor *cursor, const struct live_cursor *other);

/* The id of a server-sent event is "MICROSECONDS-NONCE". live_cursor_read returns false for any
 * other text and for NULL. live_cursor_write appends the whole line. */
MUST_CHECK bool live_cursor_read(const char *text, struct live_cursor *ret_cursor);
void live_cursor_write(const struct live_cursor *cursor, struct buffer *out);

#endif
