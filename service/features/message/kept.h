/*
 * While no mail server is set, messages are kept; whoever has the link with the event's key (the
 * demo prints it, and `einlass message list`) reads them in a browser. With a mail server these
 * pages are not there.
 */
#ifndef EINLASS_FEATURES_MESSAGE_KEPT_H
#define EINLASS_FEATURES_MESSAGE_KEPT_H

#include "http/request.h"

enum { KEPT_LIST_MOST = 100 };

void kept_list(struct request *request); /* /events/{event}/messages?key= */
void kept_show(struct request *request); /* …/messages/{registration}/{message}?key= */
void kept_html(struct request *request); /* the same's HTML as a mail program shows it */
void kept_file(struct request *request); /* the whole letter as it would be sent (RFC 5322) */

#endif
