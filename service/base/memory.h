/*
 * Heap memory, arenas and buffers. If memory runs out, the process ends with a line on standard
 * error, so no function here fails. Callers bound every size that a client controls.
 */
#ifndef EINLASS_BASE_MEMORY_H
#define EINLASS_BASE_MEMORY_H

#include <stddef.h>

/* Zeroed. Freed with free(). */
void *memory_alloc(size_t bytes);

/* Like realloc. The new part is not zeroed. */
void *memory_grow(void *memory, size_t bytes);

char *memory_copy(const char *text);

struct arena_block;

/* The memory of one request or one query, freed at once. Nothing in an arena may outlive it. */
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

/* A growing array of bytes. A NUL always follows the last byte, so a text in it is a C string. */
struct buffer {
    char *bytes; /* NULL while empty and never grown */
    size_t length, space;
};

void buffer_init(struct buffer *buffer);
void buffer_finish(struct buffer *buffer);

/* Empties the buffer and keeps its memory. */
void buffer_clear(struct buffer *buffer);

void buffer_add(struct buffer *buffer, const void *bytes, size_t length);
void buffer_add_text(struct buffer *buffer, const char *text);
void buffer_add_char(struct buffer *buffer, char c);
void buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Makes room for `length` more bytes at the end. The caller writes there and then adds to .length.
 * A caller that writes fewer bytes must end them with a NUL.
 */
char *buffer_reserve(struct buffer *buffer, size_t length);

/* Gives the bytes to the caller, who frees them with free(). Empties the buffer. Never NULL. */
char *buffer_take(struct buffer *buffer);

/* The content as a C string; "" if empty. */
const char *buffer_text(const struct buffer *buffer);

#endif
