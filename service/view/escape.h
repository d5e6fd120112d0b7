/* Escapes untrusted text for HTML and for JSON inside a page, and numbers for JSON. */
#ifndef EINLASS_VIEW_ESCAPE_H
#define EINLASS_VIEW_ESCAPE_H

#include <stddef.h>
#include <jansson.h>

#include "base/json_writer.h"
#include "base/memory.h"

/* For json_dumps(): numbers as people wrote them, 0.1 and not 0.10000000000000001. */
#define ESCAPE_REALS JSON_REAL_PRECISION(15)

/* For HTML text and for attribute values in quotes: & < > " and ' become character references. */
void escape_html(struct buffer *out, const char *text, size_t length);

/* Writes a value of jansson. False: it is NULL, or has more levels than a writer. */
MUST_CHECK bool escape_json(struct json_writer *writer, const char *name, const json_t *value);

/*
 * Appends compact JSON for a script element, also for data blocks such as application/ld+json. It
 * writes < > & U+2028 and U+2029 as \u escapes, so no text can close the element. Only this JSON
 * and the HTML of markdown.h and qr.h may go into a page with {{{ }}}.
 */
void escape_script_json(struct buffer *out, const json_t *json);

#endif
