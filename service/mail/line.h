/* Makes untrusted text safe for one line: a header field, a log, a table cell. */
#ifndef EINLASS_MAIL_LINE_H
#define EINLASS_MAIL_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"

/*
 * Appends the bytes as UTF-8, trimmed. Line ends and control characters become spaces, a run of
 * them one space. Invalid bytes become "?". Writes at most most_bytes and never splits a character.
 */
void line_add(struct buffer *out, const char *bytes, size_t length, size_t most_bytes);

/* Whether the text is printable ASCII. */
bool line_is_ascii(const char *text);

#endif
