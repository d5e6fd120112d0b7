/* The desk's pages of mails: a list with filters, and one mail as its reader gets it. */
#ifndef EINLASS_FEATURES_MESSAGE_MESSAGE_PAGES_H
#define EINLASS_FEATURES_MESSAGE_MESSAGE_PAGES_H

#include <jansson.h>

#include "features/message/messages.h"
#include "http/request.h"

/* A letter has inline styles, no scripts, and only pictures of this service. Our own page frames
 * it. */
#define MESSAGE_LETTER_POLICY                                                                      \
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; "             \
    "form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin allow-popups"

/* Adds what the page of a list shows to the view of messages_list, which it takes, and answers. */
void message_pages_reply_list(struct request *request, const struct messages_asked *asked,
                              const struct rows *rows, json_t *view);

/* GET /desk/events/{event}/messages/{registration}/{message}, …/html and …/file. The HTML has a
 * Content-Security-Policy of its own, and is shown in a frame. The file is the complete letter (RFC
 * 5322). */
void message_pages_show(struct request *request);
void message_pages_html(struct request *request);
void message_pages_file(struct request *request);

#endif
