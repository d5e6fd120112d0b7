/* gzip (RFC 1952) for answers, where the client takes it (RFC 9110 section 12.5.3). */
#ifndef EINLASS_HTTP_COMPRESS_H
#define EINLASS_HTTP_COMPRESS_H

#include <event2/buffer.h>
#include <stdbool.h>
#include <stddef.h>

enum { COMPRESS_LEAST_BYTES = 1024 };

struct compressor;

struct compressor *compress_create(int level);
void compress_destroy(struct compressor *compressor);

/* Replaces what is in the buffer, unless that would make it longer; then false. */
bool compress_buffer(struct compressor *compressor, struct evbuffer *buffer);

/* Whether an Accept-Encoding header (NULL: none) allows gzip. */
bool compress_is_accepted(const char *accept_encoding);

/* Whether text of this media type gets shorter. */
bool compress_is_worth(const char *content_type, size_t bytes);

#endif
