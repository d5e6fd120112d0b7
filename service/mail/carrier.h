/*
 * Sends letters to the mail server without blocking the loop. It has a few threads; each holds one
 * conversation, which blocks (mail/conversation.h), and keeps the connection for the next letter.
 * Callbacks run on the loop. Call all functions on the loop's thread.
 */
#ifndef EINLASS_MAIL_CARRIER_H
#define EINLASS_MAIL_CARRIER_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>

#include "mail/letter.h"

enum {
    CARRIER_PARALLEL = 4, /* conversations, if the options say nothing */
    CARRIER_PARALLEL_MOST = 64,
    CARRIER_WAITING_MOST = 1000, /* limit: letters that wait to be sent */
    CARRIER_IDLE_S = 10          /* then an idle connection is closed */
};

enum carrier_fate {
    CARRIER_ACCEPTED, /* the server answered 2xx to the whole letter: never send it again */
    CARRIER_LATER,    /* server unreachable, 4xx, no log-in, no TLS: retry later */
    CARRIER_NEVER     /* 5xx for this recipient or letter, or the letter has a flaw */
};

struct carrier_outcome {
    enum carrier_fate fate;
    int code;          /* of the server's answer; 0: no answer */
    const char *words; /* the server's answer, "250 2.0.0 Ok: queued as 4F1A", or the reason why
                        * there is none; one line of UTF-8, valid during the call */
    /* LATER, and other letters will fail for the same reason. */
    bool concerns_all;
    /* LATER, and the connection broke after the whole letter but before the answer. A retry may
     * deliver it twice; without a retry it may never arrive (RFC 1047). */
    bool in_doubt;
};

typedef void carrier_on_done(void *context, const struct carrier_outcome *outcome);

struct carrier_options {
    struct event_base *loop;
    const char *smtp; /* the setting (mail/smtp_url.h) */
    int parallel;     /* conversations; 0: CARRIER_PARALLEL */
    /* Timeouts: to connect, for an answer, for the answer to a letter. 0: mail/conversation.h */
    long connect_ms, answer_ms, end_ms;
};

struct carrier;

/* Connects when the first letter is sent. NULL: the setting is wrong, ret_error says why. */
MUST_CHECK struct carrier *carrier_create(const struct carrier_options *options,
                                          struct buffer *ret_error);

/*
 * Aborts everything and calls no callback: a letter that is being sent may or may not be accepted.
 * To learn all outcomes, call carrier_stop first and wait for the last on_done. Do not call it from
 * on_done. Blocks up to about a second. Takes NULL.
 */
void carrier_destroy(struct carrier *carrier);

/*
 * Queues a letter. It may be freed after the call. on_done is called once, later. False: the queue
 * is full (CARRIER_WAITING_MOST) or the carrier was stopped; on_done is not called.
 */
MUST_CHECK bool carrier_send(struct carrier *carrier, const struct letter *letter,
                             carrier_on_done *on_done, void *context);

/*
 * Drains. Waiting and half-sent letters end as LATER within about a second. For letters that the
 * server has completely, the carrier awaits the answer, CONVERSATION_LEAVE_MS at most.
 */
void carrier_stop(struct carrier *carrier);

/* The number of letters whose on_done was not called yet. */
size_t carrier_pending(const struct carrier *carrier);

#endif
