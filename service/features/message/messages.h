/* The messages of an event, for its organisers. */
#ifndef EINLASS_FEATURES_MESSAGE_MESSAGES_H
#define EINLASS_FEATURES_MESSAGE_MESSAGES_H

#include "event/event.h"
#include "features/message/posting.h"
#include "http/request.h"

enum {
    MESSAGES_LIST_DEFAULT = 100,
    MESSAGES_LIST_MOST = 500,
    MESSAGES_WORDS_MOST = 10,
    MESSAGES_QUERY_MOST = 200,
    MESSAGES_RETRIED_MOST = 20000, /* limit: failed mails that are tried again at once */
};

/* What a list is asked for. */
struct messages_asked {
    int64_t limit;
    enum message_state state;                  /* none: any */
    enum message_kind kind;                    /* none: any */
    const char *query;                         /* part of a name or address; NULL: any */
    const char *patterns[MESSAGES_WORDS_MOST]; /* of its words */
    size_t pattern_count;
    struct id registration_id; /* zero: any */
    int64_t before_us;         /* 0: the first page */
    struct id before_message;  /* the last message of the page before */
};

/* GET /api/v1/events/{event}/messages?state=&kind=&q=&registration=&cursor=&limit=, and the page of
 * the desk */
void messages_list(struct request *request);

/* POST /api/v1/events/{event}/messages/retry: queues the failed messages of the event again.
 * Answers
 * {"count"}. */
void messages_retry_all(struct request *request);

/* GET /api/v1/registrations/{registration}/messages/{message}: answers with the letter, too. */
void messages_show(struct request *request);

/* POST /api/v1/registrations/{registration}/messages/{message}/retry: queues a failed message. */
void messages_retry(struct request *request);

/* Reads the message in the path and calls `then` with it, or refuses the request. The posting lives
 * in the request's arena. */
void messages_look(struct request *request,
                   void (*then)(struct request *request, const struct posting *posting));

#endif
