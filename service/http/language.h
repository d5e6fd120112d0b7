/*
 * Which language a request is answered in, and the cookie by which a choice is kept. The accessor
 * is request_locale() of request.h.
 */
#ifndef EINLASS_HTTP_LANGUAGE_H
#define EINLASS_HTTP_LANGUAGE_H

#include <jansson.h>

#include "http/exchange.h"

/* Sets the cookie where ?lang= names a language of ours. */
void language_remember(struct request *request);

/* [{"code", "name", "href", "current"}]: links to this page in each language, with its other
 * query parameters or, where it is shown to everybody alike, without. New reference. */
json_t *language_links(struct request *request, bool with_query);

#endif
