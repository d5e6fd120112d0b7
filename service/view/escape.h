/* The two ways text of strangers gets into a page without becoming markup or script. */
#ifndef EINLASS_VIEW_ESCAPE_H
#define EINLASS_VIEW_ESCAPE_H

#include <stddef.h>
#include <jansson.h>

#include "base/buffer.h"

/* For HTML text and for attribute values in quotes: & < > " and ' become character references. */
void escape_html(struct buffer *out, const char *text, size_t length);

/*
 * JSON for the inside of a script element, data blocks such as application/ld+json included:
 * compact, with < > & and the line separators U+2028 and U+2029 written as \u escapes, so that
 * no text in it can close the element. The one safe thing to put into a page with {{{ }}} besides
 * the HTML of markdown.h and qr.h.
 */
void escape_script_json(struct buffer *out, const json_t *json);

#endif
