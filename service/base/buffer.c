#include "base/buffer.h"

#include <stdarg.h>

#include "base/memory.h"

enum { FIRST_BYTES = 128 };

void buffer_init(struct buffer *buffer)
{
    *buffer = (struct buffer){0};
}

void buffer_finish(struct buffer *buffer)
{
    free(buffer->bytes);
    buffer_init(buffer);
}

void buffer_clear(struct buffer *buffer)
{
    buffer->length = 0;
    if (buffer->bytes)
        buffer->bytes[0] = '\0';
}

char *buffer_reserve(struct buffer *buffer, size_t length)
{
    size_t needed = buffer->length + length + 1;
    if (needed > buffer->space) {
        size_t space = buffer->space ? buffer->space : FIRST_BYTES;
        while (space < needed)
            space *= 2;
        buffer->bytes = memory_grow(buffer->bytes, space);
        buffer->space = space;
    }
    buffer->bytes[needed - 1] = '\0';
    return buffer->bytes + buffer->length;
}

void buffer_add(struct buffer *buffer, const void *bytes, size_t length)
{
    char *end = buffer_reserve(buffer, length);
    if (length > 0)
        memcpy(end, bytes, length);
    buffer->length += length;
}

void buffer_add_text(struct buffer *buffer, const char *text)
{
    buffer_add(buffer, text, strlen(text));
}

void buffer_add_char(struct buffer *buffer, char c)
{
    buffer_add(buffer, &c, 1);
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list measured, written;
    va_start(measured, format);
    va_copy(written, measured);
    int length = vsnprintf(NULL, 0, format, measured);
    va_end(measured);
    char *end = buffer_reserve(buffer, (size_t)length);
    vsnprintf(end, (size_t)length + 1, format, written);
    va_end(written);
    buffer->length += (size_t)length;
}

char *buffer_take(struct buffer *buffer)
{
    buffer_reserve(buffer, 0);
    char *bytes = buffer->bytes;
    buffer_init(buffer);
    return bytes;
}

const char *buffer_text(const struct buffer *buffer)
{
    return buffer->bytes ? buffer->bytes : "";
}
