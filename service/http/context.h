/*
 * What every page can show, as `page`: language, languages (see language.h), url, path, public_url,
 * css and assets (addresses of files, see assets.h), styles (the style sheet itself, where the page
 * is kept ready and brings it along, so that it is seen after one round trip); in a frame also
 * embed (request_embed()), query ("?embed=1&lang=de", for links within) and and (the same behind
 * "&"), frame_origins. New reference.
 */
#ifndef EINLASS_HTTP_CONTEXT_H
#define EINLASS_HTTP_CONTEXT_H

#include <jansson.h>

#include "http/exchange.h"

/* for_all: the page is kept and shown to everybody, so nothing of this request's query is in it. */
json_t *context_create(struct request *request, bool for_all);

#endif
