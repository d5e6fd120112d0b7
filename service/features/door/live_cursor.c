#include "features/door/live_cursor.h"

#include <stdlib.h>
#include <string.h>

bool live_cursor_is_behind(const struct live_cursor *cursor, const struct live_cursor *other)
{
    if (cursor->at_us != other->at_us)
        return cursor->at_us < other->at_us;
    return memcmp(cursor->nonce.bytes, other->nonce.bytes, ID_BYTES) < 0;
}

bool live_cursor_read(const char *text, struct live_cursor *ret_cursor)
{
    char *end = NULL;
    if (!text || *text < '0' || *text > '9')
        return false;
    ret_cursor->at_us = strtoll(text, &end, 10);
    return *end == '-' && id_parse(end + 1, &ret_cursor->nonce);
}

void live_cursor_write(const struct live_cursor *cursor, struct buffer *out)
{
    char nonce[ID_TEXT_BYTES];
    id_format(&cursor->nonce, nonce);
    buffer_printf(out, "id: %lld-%s\n", (long long)cursor->at_us, nonce);
}
