/* Text of others made safe for one line: a header field, a log, a cell of a table. */
#ifndef EINLASS_MAIL_LINE_H
#define EINLASS_MAIL_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

/*
 * Appends the bytes as UTF-8 without line ends and other control characters (each becomes a space;
 * several in a row one), without white space at the ends, and without bytes that are not UTF-8
 * (each becomes "?"). No more than most_bytes are written; a character is never split.
 */
void line_add(struct buffer *out, const char *bytes, size_t length, size_t most_bytes);

/* Whether the text is ASCII that can be seen, and spaces. */
bool line_is_ascii(const char *text);

#endif
