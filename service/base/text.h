/* Text people type: UTF-8 (RFC 3629), Unicode normalisation, folding for search. */
#ifndef EINLASS_BASE_TEXT_H
#define EINLASS_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* Whether the bytes are UTF-8: no overlong forms, surrogates or code points past U+10FFFF. */
bool text_is_utf8(const char *bytes, size_t length);

/* How many code points valid UTF-8 holds. */
size_t text_length(const char *text);

/* Whether there is a control character (general category Cc), or a direction override (Cf U+202A
 * to U+202E, U+2066 to U+2069) with which a name could disguise what stands beside it.
 * Line ends and tabs pass where lines_allowed. What is not UTF-8 has one. */
bool text_has_control(const char *text, bool lines_allowed);

/* Whether there is anything to see: a letter, a digit, a sign or a picture. */
bool text_is_visible(const char *text);

/* White space at both ends removed and Normalization Form C (UAX 15) applied. NULL: not UTF-8. */
char *text_clean(struct arena *arena, const char *text);

/* For search: compatibility decomposition, marks dropped, case folded, so that "Muller" and
 * "MÜLLER" give the same; "ß" folds to "ss". The input is valid UTF-8. */
char *text_fold(struct arena *arena, const char *text);

/* Lower case letters, digits and hyphens, 1 to most characters, no hyphen at an end. */
bool text_is_slug(const char *text, size_t most);

/* Whole decimal number with nothing before or behind it, within the bounds. */
MUST_CHECK bool text_parse_number(const char *text, long least, long most, long *ret_number);

#endif
