/*
 * Pages of the messages of an event while no mail server is set. They need the key in the link that
 * the demo and `einlass message list` print. With a mail server they answer 404.
 */
#ifndef EINLASS_FEATURES_MESSAGE_KEPT_H
#define EINLASS_FEATURES_MESSAGE_KEPT_H

#include "http/request.h"

enum { KEPT_LIST_MOST = 100 };

void kept_list(struct request *request); /* /events/{event}/messages?key= */
void kept_show(struct request *request); /* …/messages/{registration}/{message}?key= */
void kept_html(struct request *request); /* the letter's HTML */
void kept_file(struct request *request); /* the complete letter (RFC 5322) */

#endif
