#include "http/percent.h"

#include <stdbool.h>

#include "base/text.h"

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The byte that an escape at the text's start stands for, -1: it is none. */
static int escaped(const char *text, size_t length)
{
    if (length < 3 || text[0] != '%' || digit(text[1]) < 0 || digit(text[2]) < 0)
        return -1;
    return digit(text[1]) * 16 + digit(text[2]);
}

static char *decode(struct arena *arena, const char *text, size_t length, bool form)
{
    char *decoded = arena_alloc(arena, length + 1), *end = decoded;
    for (size_t i = 0; i < length; i++) {
        int byte = escaped(text + i, length - i);
        if (byte >= 0) {
            *end++ = (char)byte;
            i += 2;
        } else if (text[i] == '%' && !form) {
            return NULL;
        } else {
            *end++ = form && text[i] == '+' ? ' ' : text[i];
        }
    }
    size_t bytes = (size_t)(end - decoded);
    return strlen(decoded) == bytes && text_is_utf8(decoded, bytes) ? decoded : NULL;
}

char *percent_decode_strict(struct arena *arena, const char *text, size_t length)
{
    return decode(arena, text, length, false);
}

char *percent_decode_form(struct arena *arena, const char *text, size_t length)
{
    return decode(arena, text, length, true);
}

void percent_encode(struct buffer *out, const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
            strchr("-._~", c))
            buffer_add_char(out, *text);
        else
            buffer_printf(out, "%%%02X", c);
    }
}
