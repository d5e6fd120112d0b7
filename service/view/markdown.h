/*
 * Markdown of organisers (CommonMark with tables, strikethrough and bare addresses as links) as
 * HTML that can stand in a page as it is, in a template by {{{ }}}:
 *
 * - elements of a fixed list only, no raw HTML (it shows as text), no attributes but those below;
 * - links go to http, https and mailto only, others show their text alone; they carry
 *   rel="noopener nofollow ugc";
 * - of an image only its description shows: nothing is loaded from elsewhere;
 * - headings begin at a level that fits below the page's own.
 */
#ifndef EINLASS_VIEW_MARKDOWN_H
#define EINLASS_VIEW_MARKDOWN_H

#include <stdbool.h>

#include "base/buffer.h"

enum {
    MARKDOWN_MOST_BYTES = 64 * 1024,
    MARKDOWN_MOST_HTML = 512 * 1024,
};

/*
 * Appends the HTML of `text`; "# …" becomes the heading of `first_heading`, 1 to 6. False, and
 * nothing appended: one of the sizes above is passed or the text is not UTF-8.
 */
MUST_CHECK bool markdown_html(const char *text, unsigned first_heading, struct buffer *out);

#endif
