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

/* Appends base32 text: 8 characters for 5 bytes. */
void base32_encode(const unsigned char *bytes, size_t length, struct buffer *out);

/*
 * Decodes; ignores case and ASCII white space. Refuses other characters (also padding), lengths
 * that no encoding has, spare bits that are not zero (so only one text gives the same bytes), and
 * results longer than `space` bytes.
 */
MUST_CHECK bool base32_decode(const char *text, unsigned char *out, size_t space,
                              size_t *ret_length);

/* Decodes a path segment. NULL: a bad escape, a NUL, or not UTF-8. */
char *percent_decode_strict(struct arena *arena, const char *text, size_t length);

/* Decodes queries and forms as browsers do (WHATWG URL section 5.1): "+" is a space, a bad escape
 * stays as it is. NULL: a NUL, or not UTF-8. */
char *percent_decode_form(struct arena *arena, const char *text, size_t length);

/* Escapes all but the unreserved characters of RFC 3986 section 2.3. */
void percent_encode(struct buffer *out, const char *text);

#endif
