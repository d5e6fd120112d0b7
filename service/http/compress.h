/* gzip (RFC 1952) for answers, if the client accepts it (RFC 9110, section 12.5.3). */
#ifndef EINLASS_HTTP_COMPRESS_H
#define EINLASS_HTTP_COMPRESS_H

#include <event2/buffer.h>
#include <stdbool.h>
#include <stddef.h>

enum { COMPRESS_LEAST_BYTES = 1024 };

struct compressor;

struct compressor *compress_create(int level);
void compress_destroy(struct compressor *compressor);

/* Compresses the buffer. Returns false and changes nothing if the result would not be shorter. */
bool compress_buffer(struct compressor *compressor, struct evbuffer *buffer);

/* Returns whether an Accept-Encoding header (NULL: none) allows gzip. */
bool compress_is_accepted(const char *accept_encoding);

/* Returns whether content of this type and length is worth to compress. */
bool compress_is_worth(const char *content_type, size_t bytes);

#endif
