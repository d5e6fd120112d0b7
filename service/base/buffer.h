/* A growing array of bytes. A NUL always follows the last byte, so a text in it is a C string. */
#ifndef EINLASS_BASE_BUFFER_H
#define EINLASS_BASE_BUFFER_H

#include <stddef.h>

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
