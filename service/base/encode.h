/*
 * Bytes as text: base32 (RFC 4648 section 6, upper case, without padding) and percent-encoding (RFC
 * 3986 section 2.1).
 */
#ifndef EINLASS_BASE_ENCODE_H
#define EINLASS_BASE_ENCODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buffer.h"

/* Appends the text of the bytes: 8 characters for 5 bytes. */
void base32_encode(const unsigned char *bytes, size_t length, struct buffer *out);

/*
 * Reads it back, ignoring case and ASCII white space. Refuses any other character (padding too),
 * lengths that no bytes have, bits left over that are not zero (two texts never mean the same
 * bytes), and what does not fit into `space` bytes.
 */
MUST_CHECK bool base32_decode(const char *text, unsigned char *out, size_t space,
                              size_t *ret_length);

/* For a segment of a path. NULL: a bad escape, a NUL, or not UTF-8. */
char *percent_decode_strict(struct arena *arena, const char *text, size_t length);

/* As browsers read queries and forms (WHATWG URL section 5.1): "+" is a space, what is no escape
 * stands for itself. NULL: a NUL, or not UTF-8. */
char *percent_decode_form(struct arena *arena, const char *text, size_t length);

/* All but the unreserved characters of RFC 3986 section 2.3 escaped. */
void percent_encode(struct buffer *out, const char *text);

#endif
