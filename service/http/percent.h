/* Percent-encoding (RFC 3986 section 2.1). */
#ifndef EINLASS_HTTP_PERCENT_H
#define EINLASS_HTTP_PERCENT_H

#include <stddef.h>

#include "base/arena.h"
#include "base/buffer.h"

/* For a segment of a path. NULL: a bad escape, a NUL, or not UTF-8. */
char *percent_decode_strict(struct arena *arena, const char *text, size_t length);

/* As browsers read queries and forms (WHATWG URL section 5.1): "+" is a space, what is no escape
 * stands for itself. NULL: a NUL, or not UTF-8. */
char *percent_decode_form(struct arena *arena, const char *text, size_t length);

/* All but the unreserved characters of RFC 3986 section 2.3 escaped. */
void percent_encode(struct buffer *out, const char *text);

#endif
