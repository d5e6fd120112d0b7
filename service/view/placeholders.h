/*
 * Placeholders in organisers' texts: "Dear {name}, here is {ticket}." A placeholder is a word of
 * small letters in braces; other braces are text. What a value contains is never read as Markdown,
 * HTML or a placeholder.
 */
#ifndef EINLASS_VIEW_PLACEHOLDERS_H
#define EINLASS_VIEW_PLACEHOLDERS_H

#include <stdbool.h>

#include "base/memory.h"

enum { PLACEHOLDERS_MOST = 8 };

struct placeholder {
    const char *name;  /* "name"; NULL ends a table */
    const char *value; /* may be NULL where only the name counts */
    bool is_link;      /* the value is an address of ours: in Markdown it becomes a link */
};

/* Returns the first placeholder of the text that the table does not have, in the arena, without its
 * braces. NULL: it has all of them. */
const char *placeholders_unknown(const char *text, const struct placeholder *known,
                                 struct arena *arena);

/* Appends a plain text, such as a subject, with the values filled in. */
void placeholders_fill(const char *text, const struct placeholder *values, struct buffer *out);

/* Append Markdown with the values filled in, as HTML (markdown_html) or as plain text
 * (markdown_text). False: as those; nothing was appended. */
MUST_CHECK bool placeholders_html(const char *markdown, const struct placeholder *values,
                                  unsigned first_heading, struct buffer *out);
MUST_CHECK bool placeholders_text(const char *markdown, const struct placeholder *values,
                                  struct buffer *out);

#endif
