/*
 * What the DNS says of the domain in mail_from: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489)
 * and where its mail goes (RFC 5321 section 5.1). For each: whether it is as it should be, and what
 * to enter. A worker keeps a verdict for a few minutes.
 */
#ifndef EINLASS_MAIL_SENDER_H
#define EINLASS_MAIL_SENDER_H

#include <stdbool.h>
#include <stdint.h>

#include "mail/dns.h"
#include "worker.h"

enum {
    SENDER_KEPT_S = 300,     /* how long a verdict is kept */
    SENDER_KEPT_LEAST_S = 1, /* for who asks again, and if the DNS did not answer */
    SENDER_LIMIT_MS = 5000,  /* limit: time to look at the sender's domain in the DNS */
};

enum sender_record { SENDER_SPF, SENDER_DKIM, SENDER_DMARC, SENDER_MX, SENDER_RECORDS };

enum sender_state { SENDER_GOOD, SENDER_ODD, SENDER_MISSING, SENDER_OPEN /* nobody can tell */ };

struct sender_finding {
    enum sender_state state;
    const char *reason; /* the wording sender.RECORD.REASON */
    const char *name;   /* where the record stands or belongs: "_dmarc.example.org" */
    const char *found[DNS_VALUES_MOST];
    size_t found_count;
    const char *enter; /* the value of the record to enter; NULL: others know it */
};

struct sender_verdict {
    const char *address, *domain; /* of mail_from */
    const char *server;           /* the mail server, or this service's host if it is local */
    bool is_local;                /* mail_from has no domain of the internet */
    bool is_unanswered;           /* the DNS did not answer some question */
    int64_t checked_at_us;
    struct sender_finding findings[SENDER_RECORDS];
};

/* The names in wordings: "spf", "odd". */
const char *sender_record_name(enum sender_record record);
const char *sender_state_name(enum sender_state state);

/* The first record that is odd or missing. SENDER_RECORDS: none. */
enum sender_record sender_first_problem(const struct sender_verdict *verdict);

/* The verdict that the worker has, valid until the loop runs on. If it has none, or an old one, it
 * looks at the DNS, so that the next caller gets a new one. NULL: none yet, or the service has no
 * mail server. */
const struct sender_verdict *sender_now(struct worker *worker);

/* The verdict, if it is not too old for a page about it; again: for who has just changed the DNS.
 * NULL: use sender_ask(). */
const struct sender_verdict *sender_kept(struct worker *worker, bool again);

/* Looks at the DNS. on_verdict runs once, behind this call, after SENDER_LIMIT_MS at the latest;
 * the verdict is valid during the call. It does not run if the worker ends before. */
typedef void sender_on_verdict(void *context, const struct sender_verdict *verdict);
void sender_ask(struct worker *worker, sender_on_verdict *on_verdict, void *context);

#endif
