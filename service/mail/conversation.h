/*
 * A conversation with a mail server (SMTP, RFC 5321): one connection, kept between letters. libcurl
 * implements SMTP. This module records the conversation, because the operator needs the server's
 * own words, and because only the answer after a letter tells whether it was accepted.
 *
 * Calls block. libcurl's multi interface blocks too: it waits for the answer to a letter. So use a
 * conversation on a thread of its own (mail/carrier.h) or in a command (mail/trial.h), never on an
 * event loop.
 */
#ifndef EINLASS_MAIL_CONVERSATION_H
#define EINLASS_MAIL_CONVERSATION_H

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"
#include "mail/smtp_url.h"

enum {
    CONVERSATION_CONNECT_MS = 30 * 1000,
    CONVERSATION_ANSWER_MS = 60 * 1000, /* limit: a mail server's silence */
    /* A shorter timeout would send letters twice (RFC 5321 section 4.5.3.2.6). */
    CONVERSATION_END_MS = 600 * 1000,  /* limit: a mail server's silence behind a letter */
    CONVERSATION_LEAVE_MS = 10 * 1000, /* the same while the service stops */
    CONVERSATION_WORDS_MOST = 500,     /* limit: bytes of a mail server's answer that are stored */
};

/* The last command or the current step. */
enum conversation_stage {
    CONVERSATION_GREETING, /* connecting, TLS from the first byte, the server's greeting */
    CONVERSATION_HELLO,    /* EHLO, HELO */
    CONVERSATION_STARTTLS,
    CONVERSATION_LOGIN,  /* AUTH and its continuation lines */
    CONVERSATION_SENDER, /* MAIL FROM */
    CONVERSATION_RECIPIENT,
    CONVERSATION_DATA, /* the command */
    CONVERSATION_TEXT, /* the whole letter was sent */
    CONVERSATION_OTHER
};

/* How long a conversation may continue. Another thread writes it; the conversation polls it. */
enum conversation_patience {
    CONVERSATION_PATIENT,
    CONVERSATION_LEAVING, /* abort a half-sent letter; wait briefly for an answer to a sent one */
    CONVERSATION_GONE     /* abort everything */
};

struct conversation_options {
    const struct smtp_url *url;         /* outlives the conversation */
    long connect_ms, answer_ms, end_ms; /* 0: the defaults above */
    const atomic_int *patience;         /* NULL: patient */
    /* Gets each line, without its end and without passwords. May be NULL. */
    void (*on_line)(void *context, bool is_ours, const char *line);
    void *context;
};

struct conversation;

/* Connects when the first letter is sent. Call curl_global_init before. */
struct conversation *conversation_create(const struct conversation_options *options);
/* Sends QUIT if connected. */
void conversation_destroy(struct conversation *conversation);

/* Sends a letter. The addresses are in SMTP form (mailbox_wire). */
CURLcode conversation_send(struct conversation *conversation, const char *from, const char *to,
                           const char *message, size_t length);

/* Sends one command ("NOOP"); CURLE_OK for an answer of 2xx. is_last closes the connection. */
CURLcode conversation_say(struct conversation *conversation, const char *command, bool is_last);

enum conversation_stage conversation_stage(const struct conversation *conversation);

/* The answer to the last command; 0 and "" if there was none. Several lines become one, with the
 * code before it: "550 5.1.1 no such user". Valid until the next call. */
int conversation_code(const struct conversation *conversation);
const char *conversation_words(const struct conversation *conversation);

/* The address needs SMTPUTF8 (RFC 6531), which the server does not offer. */
bool conversation_lacks_utf8(const struct conversation *conversation);

/*
 * Why the last call failed, as a sentence without a full stop, and the remedy ("" if there is
 * none).
 */
void conversation_explain(const struct conversation *conversation, CURLcode result,
                          struct buffer *ret_what, struct buffer *ret_mend);

#endif
