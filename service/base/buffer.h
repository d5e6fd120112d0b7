/* Bytes that grow at the end; always followed by a NUL, so that text in it can be used as it is. */
#ifndef EINLASS_BASE_BUFFER_H
#define EINLASS_BASE_BUFFER_H

#include <stddef.h>

struct buffer {
    char *bytes; /* NULL while empty and never grown */
    size_t length, space;
};

void buffer_init(struct buffer *buffer);
void buffer_finish(struct buffer *buffer);

/* Forgets what is in it and keeps the memory. */
void buffer_clear(struct buffer *buffer);

void buffer_add(struct buffer *buffer, const void *bytes, size_t length);
void buffer_add_text(struct buffer *buffer, const char *text);
void buffer_add_char(struct buffer *buffer, char c);
void buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Room for `length` more bytes at the end; the caller writes there and then adds to .length. Who
 * writes fewer puts the NUL behind them.
 */
char *buffer_reserve(struct buffer *buffer, size_t length);

/* The bytes themselves, to be freed with free(); the buffer is empty afterwards. Never NULL. */
char *buffer_take(struct buffer *buffer);

/* What is in it as text: "" while it is empty. */
const char *buffer_text(const struct buffer *buffer);

#endif
