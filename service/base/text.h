/* Text that people type: UTF-8 (RFC 3629), Unicode normalisation, folding for search. */
#ifndef EINLASS_BASE_TEXT_H
#define EINLASS_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* Whether the bytes are UTF-8: no overlong forms, surrogates or code points past U+10FFFF. */
bool text_is_utf8(const char *bytes, size_t length);

/* Counts the code points of valid UTF-8. */
size_t text_length(const char *text);

/* Whether the text has a control character (general category Cc) or a direction override (U+202A to
 * U+202E, U+2066 to U+2069). An override in a name could reverse the text next to it.
 * lines_allowed permits line ends and tabs. True for text that is not UTF-8. */
bool text_has_control(const char *text, bool lines_allowed);

/* Whether the text shows anything: a letter, digit, punctuation mark or symbol. */
bool text_is_visible(const char *text);

/* Removes white space at both ends and applies Normalization Form C (UAX 15). NULL: not UTF-8. */
char *text_clean(struct arena *arena, const char *text);

/* Folds valid UTF-8 for search: applies compatibility decomposition, drops marks, folds case.
 * "Muller" and "MÜLLER" give the same text; "ß" becomes "ss". */
char *text_fold(struct arena *arena, const char *text);

/* Whether the text is 1 to `most` lower case letters, digits and hyphens, no hyphen at an end. */
bool text_is_slug(const char *text, size_t most);

/* Reads a whole decimal number. False: other characters around it, or out of bounds. */
MUST_CHECK bool text_parse_number(const char *text, long least, long most, long *ret_number);

#endif
