/*
 * Turns organisers' Markdown (CommonMark with tables, strikethrough and bare addresses as links)
 * into HTML that is safe in a page; a template inserts it by {{{ }}}:
 *
 * - It has only elements of a fixed list and only the attributes below. Raw HTML shows as text.
 * - Links lead to http, https and mailto only and carry rel="noopener nofollow ugc". Other links
 *   show their text only.
 * - An image shows its description only, so the page loads nothing from other sites.
 * - Headings begin at a level that the caller chooses.
 */
#ifndef EINLASS_VIEW_MARKDOWN_H
#define EINLASS_VIEW_MARKDOWN_H

#include <stdbool.h>

#include "base/memory.h"

enum {
    MARKDOWN_MOST_BYTES = 64 * 1024,
    MARKDOWN_MOST_HTML = 512 * 1024,
};

/*
 * Appends the HTML of `text`. "# …" becomes a heading of level `first_heading`, 1 to 6. False: the
 * text passes a limit above or is not UTF-8; nothing was appended.
 */
MUST_CHECK bool markdown_html(const char *text, unsigned first_heading, struct buffer *out);

/* Appends the plain text of `text`, for the plain part of a mail: lists with "- " and numbers, the
 * address of a link behind its text in brackets, no other marks. It ends without a line break.
 * False: as above. */
MUST_CHECK bool markdown_text(const char *text, struct buffer *out);

#endif
