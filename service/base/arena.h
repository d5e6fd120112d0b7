/*
 * Memory of one request or one query, all freed at once. Nothing in an arena may outlive it. If
 * memory runs out, the process ends; so callers bound every size that a client controls.
 */
#ifndef EINLASS_BASE_ARENA_H
#define EINLASS_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *newest;
};

void arena_init(struct arena *arena);

/* Frees everything allocated from the arena, which may then be used again. */
void arena_finish(struct arena *arena);

/* Zeroed memory, aligned for any type. Never NULL. */
void *arena_alloc(struct arena *arena, size_t bytes);

/* Copies. The copy of bytes ends with an added NUL. arena_copy(NULL) is NULL. */
char *arena_copy(struct arena *arena, const char *text);
char *arena_copy_bytes(struct arena *arena, const void *bytes, size_t length);

char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
