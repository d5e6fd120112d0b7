#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>

#include "base/memory.h"

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
