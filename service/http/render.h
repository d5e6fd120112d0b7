/* Pages from templates and views. */
#ifndef EINLASS_HTTP_RENDER_H
#define EINLASS_HTTP_RENDER_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buffer.h"
#include "http/request.h"

/* Appends the page; takes the view. for_all as in context.h. False: it could not be rendered, which
 * was logged. */
MUST_CHECK bool render_page(struct request *request, const char *template, json_t *view,
                            bool for_all, struct buffer *out);

const char *render_language(struct request *request);

#endif
