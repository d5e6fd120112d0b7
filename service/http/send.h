/* The one way an answer leaves: what is in evhttp's buffer, under the headers every answer has. */
#ifndef EINLASS_HTTP_SEND_H
#define EINLASS_HTTP_SEND_H

#include "http/exchange.h"

/* Where the body of the answer is put. NULL: the deadline has answered already; the request has
 * ended, and its memory is gone. */
MUST_CHECK struct evbuffer *send_begin(struct request *request);

/* Sends it, counts and logs it, and ends the request. The content type is NULL where there is no
 * content. */
void send_finish(struct request *request, int status, const char *content_type);

/* As send_finish for an answer in place of the handler's: the request remains, without client. */
void send_instead(struct request *request, int status, const char *content_type);

/* Sends the head of a stream; the request stays as it is. */
void send_stream_head(struct request *request, const char *content_type);

/* For the answer's own headers that a handler may have set otherwise. */
void send_default_header(struct request *request, const char *name, const char *value);

#endif
