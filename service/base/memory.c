#include "base/memory.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
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

enum {
    BLOCK_BYTES = 4000,
    BLOCKS_KEPT_MOST = 256, /* of a thread */
};

struct arena_block {
    struct arena_block *older;
    size_t used, space;
    alignas(max_align_t) unsigned char bytes[];
};

void arena_init(struct arena *arena)
{
    arena->newest = NULL;
}

/*
 * A request takes some blocks and gives them back. A thread keeps them, because they are too large
 * for what malloc keeps of a thread. A sanitizer must see who uses a block that was given back, so
 * with one nothing is kept.
 */
#ifndef __has_feature /* of clang */
#define __has_feature(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
enum { KEEPS_BLOCKS = false };
#else
enum { KEEPS_BLOCKS = true };
#endif

static _Thread_local struct {
    struct arena_block *newest;
    int count;
} kept;

static void give_back(struct arena_block *block)
{
    if (!KEEPS_BLOCKS || block->space != BLOCK_BYTES || kept.count == BLOCKS_KEPT_MOST) {
        free(block);
        return;
    }
    block->older = kept.newest;
    kept.newest = block;
    kept.count++;
}

/* Not zeroed: arena_alloc() does that. */
static struct arena_block *take_block(size_t space)
{
    struct arena_block *block = space == BLOCK_BYTES ? kept.newest : NULL;
    if (!block)
        return memory_grow(NULL, sizeof *block + space);
    kept.newest = block->older;
    kept.count--;
    return block;
}

void arena_finish(struct arena *arena)
{
    while (arena->newest) {
        struct arena_block *older = arena->newest->older;
        give_back(arena->newest);
        arena->newest = older;
    }
}

static struct arena_block *grow(struct arena *arena, size_t bytes)
{
    size_t space = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
    struct arena_block *block = take_block(space);
    block->space = space;
    block->used = 0;
    block->older = arena->newest;
    arena->newest = block;
    return block;
}

static void *take(struct arena *arena, size_t bytes)
{
    size_t rounded = (bytes + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    struct arena_block *block = arena->newest;
    if (!block || block->space - block->used < rounded)
        block = grow(arena, rounded);
    void *memory = block->bytes + block->used;
    block->used += rounded;
    return memory;
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
    return memset(take(arena, bytes), 0, bytes);
}

char *arena_copy(struct arena *arena, const char *text)
{
    return text ? arena_copy_bytes(arena, text, strlen(text)) : NULL;
}

char *arena_copy_bytes(struct arena *arena, const void *bytes, size_t length)
{
    char *copy = take(arena, length + 1);
    if (length > 0)
        memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

/* Most texts fit, and are not formatted twice. */
enum { USUAL_TEXT_BYTES = 512 };

char *arena_printf(struct arena *arena, const char *format, ...)
{
    char usual[USUAL_TEXT_BYTES], *text;
    va_list first, again;
    va_start(first, format);
    va_copy(again, first);
    int length = vsnprintf(usual, sizeof usual, format, first);
    va_end(first);
    if ((size_t)length < sizeof usual) {
        text = arena_copy_bytes(arena, usual, (size_t)length);
    } else {
        text = arena_alloc(arena, (size_t)length + 1);
        vsnprintf(text, (size_t)length + 1, format, again);
    }
    va_end(again);
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

/* Static, so that the functions of this file get it inline. */
static char *reserve(struct buffer *buffer, size_t length)
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

char *buffer_reserve(struct buffer *buffer, size_t length)
{
    return reserve(buffer, length);
}

void buffer_add(struct buffer *buffer, const void *bytes, size_t length)
{
    char *end = reserve(buffer, length);
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
    *reserve(buffer, 1) = c;
    buffer->length++;
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    size_t room = buffer->space - buffer->length; /* has room for a NUL, unless it is 0 */
    va_list first, again;
    va_start(first, format);
    va_copy(again, first);
    int length = vsnprintf(room > 0 ? buffer->bytes + buffer->length : NULL, room, format, first);
    va_end(first);
    if ((size_t)length >= room) {
        char *end = buffer_reserve(buffer, (size_t)length);
        vsnprintf(end, (size_t)length + 1, format, again);
    }
    va_end(again);
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
