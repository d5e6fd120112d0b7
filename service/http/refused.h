/* Requests that evhttp refuses: problem documents in place of its HTML. */
#ifndef EINLASS_HTTP_REFUSED_H
#define EINLASS_HTTP_REFUSED_H

#include "http/exchange.h"

/* Whether it is one of them; evhttp gives no more of it than its headers. */
bool refused_is(const struct evhttp_request *http);

void refused_answer(struct request *request);

#endif
