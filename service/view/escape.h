/* Escapes untrusted text for HTML and for JSON inside a page. */
#ifndef EINLASS_VIEW_ESCAPE_H
#define EINLASS_VIEW_ESCAPE_H

#include <stddef.h>
#include <jansson.h>

#include "base/memory.h"

/* For HTML text and for attribute values in quotes: & < > " and ' become character references. */
void escape_html(struct buffer *out, const char *text, size_t length);

/*
 * Appends compact JSON for a script element, also for data blocks such as application/ld+json. It
 * writes < > & U+2028 and U+2029 as \u escapes, so no text can close the element. Only this JSON
 * and the HTML of markdown.h and qr.h may go into a page with {{{ }}}.
 */
void escape_script_json(struct buffer *out, const json_t *json);

#endif
