/* Pages inside pages of others: see request.h. */
#ifndef EINLASS_HTTP_EMBED_H
#define EINLASS_HTTP_EMBED_H

#include "http/exchange.h"

/* "embed=1&lang=de", what links within a frame carry on; NULL: the request is for no frame. */
const char *embed_parameters(struct request *request);

/* Pages of these origins (RFC 6454 section 6.2, with spaces between; NULL: none) may show the
 * answer, a page, in a frame; without it none may. Copied. */
void embed_allow(struct request *request, const char *origins);

/* Appends frame-ancestors' sources and, where they are none, the same for browsers that do not know
 * it (RFC 7034). */
void embed_add_ancestors(const struct request *request, struct buffer *head);

#endif
