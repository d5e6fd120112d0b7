/* The messages of an event, for its organisers. */
#ifndef EINLASS_FEATURES_MESSAGE_MESSAGES_H
#define EINLASS_FEATURES_MESSAGE_MESSAGES_H

#include "event/event.h"
#include "features/message/posting.h"
#include "http/request.h"

enum { MESSAGES_LIST_DEFAULT = 100, MESSAGES_LIST_MOST = 500 };

/* GET /api/v1/events/{event}/messages?state=&registration=&cursor=&limit= */
void messages_list(struct request *request);

/* GET /api/v1/registrations/{registration}/messages/{message}: answers with the letter, too. */
void messages_show(struct request *request);

/* POST /api/v1/registrations/{registration}/messages/{message}/retry: queues a failed message. */
void messages_retry(struct request *request);

/* Reads the message in the path and calls `then` with it, or refuses the request. The posting lives
 * in the request's arena. */
void messages_look(struct request *request,
                   void (*then)(struct request *request, const struct posting *posting));

#endif
