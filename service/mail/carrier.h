/*
 * Carries letters to the mail server while the loop goes on. A few threads of its own hold a
 * conversation each (mail/conversation.h says why they block) and keep the connection for the next
 * letter; outcomes come back as events on the loop. Everything here is called on the loop's thread.
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
    CARRIER_IDLE_S = 10          /* a connection without a letter is closed */
};

enum carrier_fate {
    CARRIER_ACCEPTED, /* the server answered 2xx to the whole letter: never send it again */
    CARRIER_LATER,    /* it did not: out of reach, 4xx, no log-in, no TLS; may go well later */
    CARRIER_NEVER     /* it refused this recipient or letter with 5xx, or the letter has a flaw */
};

struct carrier_outcome {
    enum carrier_fate fate;
    int code;          /* of the server's answer; 0: there was none */
    const char *words; /* its words, "250 2.0.0 Ok: queued as 4F1A", or why there are none; one
                        * line of UTF-8, good during the call */
    /* LATER, and it has little to do with this letter: others will fare the same for now. */
    bool concerns_all;
    /* LATER, and the server had the whole letter when the connection was lost before its answer:
     * sending again may deliver it twice, not sending again not at all (RFC 1047). */
    bool in_doubt;
};

typedef void carrier_on_done(void *context, const struct carrier_outcome *outcome);

struct carrier_options {
    struct event_base *loop;
    const char *smtp; /* the setting (mail/smtp_url.h) */
    int parallel;     /* 0: CARRIER_PARALLEL */
    /* 0: those of mail/conversation.h. To connect; silence before the end of a letter, behind it */
    long connect_ms, answer_ms, end_ms;
};

struct carrier;

/* NULL: ret_error says what is wrong with the setting. Connects with the first letter. */
MUST_CHECK struct carrier *carrier_create(const struct carrier_options *options,
                                          struct buffer *ret_error);

/*
 * Gives everything up and calls nobody any more: a letter that is under way may or may not be
 * accepted. Who wants to know calls carrier_stop first and waits for the last on_done. Not from
 * within on_done. Takes up to about a second. NULL is fine.
 */
void carrier_destroy(struct carrier *carrier);

/*
 * Sends a letter: its bytes are made before this returns, so that it need not live longer. on_done
 * is called once, later. False: too many wait (CARRIER_WAITING_MOST), or the carrier was stopped;
 * on_done is not called.
 */
MUST_CHECK bool carrier_send(struct carrier *carrier, const struct letter *letter,
                             carrier_on_done *on_done, void *context);

/*
 * The service stops: letters that wait, and those not wholly handed over, come back as LATER within
 * about a second; those the server has are waited for, CONVERSATION_LEAVE_MS at most.
 */
void carrier_stop(struct carrier *carrier);

/* Letters whose on_done is still to come. */
size_t carrier_pending(const struct carrier *carrier);

#endif
