/* The messages of an event, for those who organise it: what was sent to whom and how that went. */
#ifndef EINLASS_FEATURES_MESSAGE_MESSAGES_H
#define EINLASS_FEATURES_MESSAGE_MESSAGES_H

#include "event/event.h"
#include "features/message/posting.h"
#include "http/request.h"

enum { MESSAGES_LIST_DEFAULT = 100, MESSAGES_LIST_MOST = 500 };

/* GET /api/v1/events/{event}/messages?state=&registration=&cursor=&limit= */
void messages_list(struct request *request);

/* GET /api/v1/registrations/{registration}/messages/{message}: the letter itself, too. */
void messages_show(struct request *request);

/* POST /api/v1/registrations/{registration}/messages/{message}/retry: one that failed goes again.
 */
void messages_retry(struct request *request);

/*
 * Looks at the message that the path names. `then` is called with it, or the request has been
 * refused. The posting lives in the request's arena.
 */
void messages_look(struct request *request,
                   void (*then)(struct request *request, const struct posting *posting));

#endif
