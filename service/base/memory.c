#include "base/memory.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>

static void *checked(void *memory)
{
    if (!memory) {
        fputs("einlass: out of memory\n", stderr);
        abort();
    }
    return memory;
}

void *memory_alloc(size_t bytes)
{
    return checked(calloc(1, bytes ? bytes : 1));
}

void *memory_grow(void *memory, size_t bytes)
{
    return checked(realloc(memory, bytes ? bytes : 1));
}

char *memory_copy(const char *text)
{
    return text ? checked(strdup(text)) : NULL;
}

enum { BLOCK_BYTES = 4000 };

struct arena_block {
    struct arena_block *older;
    size_t used, space;
    alignas(max_align_t) unsigned char bytes[];
};

void arena_init(struct arena *arena)
{
    arena->newest = NULL;
}

void arena_finish(struct arena *arena)
{
    while (arena->newest) {
        struct arena_block *older = arena->newest->older;
        free(arena->newest);
        arena->newest = older;
    }
}

static struct arena_block *grow(struct arena *arena, size_t bytes)
{
    size_t space = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
    struct arena_block *block = memory_alloc(sizeof *block + space);
    block->space = space;
    block->used = 0;
    block->older = arena->newest;
    arena->newest = block;
    return block;
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
    size_t rounded = (bytes + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    struct arena_block *block = arena->newest;
    if (!block || block->space - block->used < rounded)
        block = grow(arena, rounded);
    void *memory = block->bytes + block->used;
    block->used += rounded;
    return memset(memory, 0, bytes);
}

char *arena_copy(struct arena *arena, const char *text)
{
    return text ? arena_copy_bytes(arena, text, strlen(text)) : NULL;
}

char *arena_copy_bytes(struct arena *arena, const void *bytes, size_t length)
{
    char *copy = arena_alloc(arena, length + 1);
    if (length > 0)
        memcpy(copy, bytes, length);
    return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list measured, written;
    va_start(measured, format);
    va_copy(written, measured);
    int length = vsnprintf(NULL, 0, format, measured);
    va_end(measured);
    char *text = arena_alloc(arena, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, written);
    va_end(written);
    return text;
}

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
