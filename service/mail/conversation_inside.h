/* The state of a conversation, for conversation.c and conversation_explain.c. */
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
    int code;            /* of the answer to the last command */
    struct buffer words; /* the answer as one line */
    bool answered;       /* the answer is complete; the next line starts another one */
    bool over;           /* libcurl has sent QUIT after a refusal; keep the answer before it */
    bool needs_utf8, lacks_utf8, timed_out;
    int64_t last_us; /* when the last line was sent or received, monotonic */

    const char *message; /* owned by the caller */
    size_t length, sent;
    char error[CURL_ERROR_SIZE];
};

#endif
