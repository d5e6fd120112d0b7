/* What a conversation remembers; for conversation.c and conversation_explain.c. */
#ifndef EINLASS_MAIL_CONVERSATION_INSIDE_H
#define EINLASS_MAIL_CONVERSATION_INSIDE_H

#include "mail/conversation.h"

#include <stdint.h>

#include "mail/sockets.h"

struct conversation {
    struct conversation_options options;
    CURL *curl;
    struct sockets sockets;

    enum conversation_stage stage;
    int code;            /* of the answer to what was said last */
    struct buffer words; /* the answer as one line */
    bool answered;       /* the words are whole: the next line begins another answer */
    bool over;           /* QUIT was said, as libcurl does after a refusal: what is known stays */
    bool needs_utf8, lacks_utf8, timed_out;
    int64_t last_us; /* when something was said last, monotonic */

    const char *message; /* of the caller */
    size_t length, sent;
    char error[CURL_ERROR_SIZE];
};

#endif
