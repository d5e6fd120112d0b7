/*
 * A conversation with a mail server (SMTP, RFC 5321), one connection that is kept between letters.
 * libcurl speaks; this follows what is said, because who has sent a letter wants the server's own
 * words, and because after the end of a letter only its answer tells whether it was taken.
 *
 * Calls block, as libcurl's SMTP does even in its multi interface: it waits for the answer to a
 * letter in one piece. So a conversation belongs to a thread that may wait (mail/carrier.h) or to a
 * command (mail/trial.h), never to an event loop.
 */
#ifndef EINLASS_MAIL_CONVERSATION_H
#define EINLASS_MAIL_CONVERSATION_H

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "mail/smtp_url.h"

enum {
    CONVERSATION_CONNECT_MS = 30 * 1000,
    CONVERSATION_ANSWER_MS = 60 * 1000, /* limit: a mail server's silence */
    /* Silence behind it. RFC 5321 section 4.5.3.2.6: who gives up earlier sends twice. */
    CONVERSATION_END_MS = 600 * 1000,  /* limit: a mail server's silence behind a letter */
    CONVERSATION_LEAVE_MS = 10 * 1000, /* the same while the service stops */
    CONVERSATION_WORDS_MOST = 500,     /* limit: bytes that are kept of a mail server's words */
};

/* What was said last, or what happens. */
enum conversation_stage {
    CONVERSATION_GREETING, /* connecting, TLS from the first byte, the server's greeting */
    CONVERSATION_HELLO,    /* EHLO, HELO */
    CONVERSATION_STARTTLS,
    CONVERSATION_LOGIN,  /* AUTH and what belongs to it */
    CONVERSATION_SENDER, /* MAIL FROM */
    CONVERSATION_RECIPIENT,
    CONVERSATION_DATA, /* the command */
    CONVERSATION_TEXT, /* the letter was handed over, to its last byte */
    CONVERSATION_OTHER
};

/* How much longer a conversation goes on: read now and then, written by another thread. */
enum conversation_patience {
    CONVERSATION_PATIENT,
    CONVERSATION_LEAVING, /* a letter that is not wholly sent is given up, others soon */
    CONVERSATION_GONE     /* everything is given up */
};

struct conversation_options {
    const struct smtp_url *url;         /* outlives the conversation */
    long connect_ms, answer_ms, end_ms; /* 0: the above */
    const atomic_int *patience;         /* NULL: patient */
    /* Each line said, without its end and without passwords; NULL: nobody listens. */
    void (*on_line)(void *context, bool is_ours, const char *line);
    void *context;
};

struct conversation;

/* Connects with the first letter. curl_global_init was called. */
struct conversation *conversation_create(const struct conversation_options *options);
/* Says QUIT if there is somebody to say it to. */
void conversation_destroy(struct conversation *conversation);

/* Sends a letter from and to an address as it travels (mailbox_wire). */
CURLcode conversation_send(struct conversation *conversation, const char *from, const char *to,
                           const char *message, size_t length);

/* Says one command ("NOOP"); good is an answer of 2xx. The last one ends the connection. */
CURLcode conversation_say(struct conversation *conversation, const char *command, bool is_last);

enum conversation_stage conversation_stage(const struct conversation *conversation);

/* The answer to what was said last, 0 and "": there was none. Several lines become one; the code
 * stands before it: "550 5.1.1 no such user". Good until the next call. */
int conversation_code(const struct conversation *conversation);
const char *conversation_words(const struct conversation *conversation);

/* The address needs SMTPUTF8 (RFC 6531), which the server does not offer. */
bool conversation_lacks_utf8(const struct conversation *conversation);

/*
 * Why the last call failed: what happened, in a sentence without a full stop, and how to mend it
 * ("" where nobody here can).
 */
void conversation_explain(const struct conversation *conversation, CURLcode result,
                          struct buffer *ret_what, struct buffer *ret_mend);

#endif
