/*
 * Text that people type: UTF-8 (RFC 3629), Unicode normalisation, folding for search. And bytes as
 * text: base32 (RFC 4648 section 6, upper case, without padding) and percent-encoding (RFC 3986
 * section 2.1).
 */
#ifndef EINLASS_BASE_TEXT_H
#define EINLASS_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"

/* Whether the bytes are UTF-8: no overlong forms, surrogates or code points past U+10FFFF. */
bool text_is_utf8(const char *bytes, size_t length);

/* Whether all bytes are below 0x80. What people write mostly is, so functions of text have a short
 * way for it. */
bool text_is_ascii(const char *bytes, size_t length);

/* Counts the code points of valid UTF-8. */
size_t text_length(const char *text);

/* Whether the text has a control character (general category Cc) or a direction override (U+202A to
 * U+202E, U+2066 to U+2069). An override in a name could reverse the text next to it.
 * lines_allowed permits line ends and tabs. True for text that is not UTF-8. */
bool text_has_control(const char *text, bool lines_allowed);

/* Whether a code point shows nothing on its own: white space, controls, fillers, joiners, marks of
 * direction. */
bool text_is_blank(uint32_t c);

/* Whether the text shows anything: a letter, digit, punctuation mark or symbol. */
bool text_is_visible(const char *text);

/*
 * Cleans text that people type or paste, and applies Normalization Form C (UAX 15). Around it goes
 * all that is blank. Within it spaces, tabs and line ends of any kind become one space, and what
 * shows nothing and does nothing goes: soft hyphens, a byte order mark, direction marks where all
 * runs from left to right; ZWJ and ZWNJ where no script needs them. What could disguise a text
 * stays, and text_has_control() sees it. NULL: not UTF-8.
 */
char *text_clean(struct arena *arena, const char *text);

/* The same for a text of several lines: lines, tabs, and spaces in a row stay, and so do no-break
 * spaces, soft hyphens, and breaks in words of scripts without spaces. */
char *text_clean_lines(struct arena *arena, const char *text);

/* Writes what two spellings of a code have in common: lower case, without white space, dashes and
 * what shows nothing, full-width letters as others. Returns its length; 0: nothing, more than
 * `space` bytes, or not UTF-8. */
size_t text_code(const char *code, char *ret_key, size_t space);

/* Folds valid UTF-8 for search: applies compatibility decomposition, drops marks, folds case.
 * "Muller" and "MÜLLER" give the same text; "ß" becomes "ss", "Ł" "l", "Ø" "o"; typographic
 * apostrophes, quotation marks and dashes become those of the keyboard; what shows nothing goes. */
char *text_fold(struct arena *arena, const char *text);

/* The same, but with "ae" for "ä", as Germans write it without umlauts. */
char *text_fold_german(struct arena *arena, const char *text);

/* Whether the text is 1 to `most` lower case letters, digits and hyphens, no hyphen at an end. */
bool text_is_slug(const char *text, size_t most);

/* Reads a whole decimal number. False: other characters around it, or out of bounds. */
MUST_CHECK bool text_parse_number(const char *text, long least, long most, long *ret_number);

enum { TEXT_NUMBER_BYTES = 21 };

/* Writes a whole decimal number. → its length. snprintf() takes ten times as long. */
size_t text_format_number(int64_t number, char ret_text[TEXT_NUMBER_BYTES]);

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
