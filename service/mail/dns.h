/*
 * Looks records up in the DNS without blocking the loop. A judge is a function that reads records
 * from a book of answers. Where the book has none yet, it notes the question; the judge runs again
 * when the answers are there. So the judge is written as if all answers were there.
 *
 * The only room that includes <ares.h>.
 */
#ifndef EINLASS_MAIL_DNS_H
#define EINLASS_MAIL_DNS_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"

enum {
    DNS_QUESTIONS_MOST = 64, /* limit: DNS questions of one look at the sender's domain */
    DNS_VALUES_MOST = 16,    /* limit: records of one DNS answer */
    DNS_NAME_MOST = 253,     /* RFC 1035 section 2.3.4 */
};

enum dns_type { DNS_TXT, DNS_MX, DNS_A, DNS_AAAA };

enum dns_state {
    DNS_PENDING, /* not asked yet */
    DNS_FOUND,
    DNS_NONE,   /* there is no such record or domain */
    DNS_UNKNOWN /* no server answered, or there were too many questions */
};

struct dns_answer {
    enum dns_state state;
    /* Texts joined (RFC 7208 section 3.3), names of hosts (RFC 7505: "" accepts no mail) or
     * addresses, in UTF-8. */
    const char *values[DNS_VALUES_MOST];
    size_t count;
};

struct dns_book;

/* The answer in the book, valid as long as the book. */
const struct dns_answer *dns_find(struct dns_book *book, enum dns_type type, const char *name);

/* For texts that live as long as the book. */
struct arena *dns_arena(struct dns_book *book);

struct dns_options {
    struct event_base *loop;
    const char *servers; /* "192.0.2.53", "127.0.0.1:5353,[2001:db8::1]:53"; "": the system's */
    int limit_ms;        /* then what is not answered is unknown */
    /* Runs at the start, and each time when all questions have answers. */
    void (*judge)(void *context, struct dns_book *book);
    /* Runs once, behind the last judge, never before dns_start has returned. May destroy. */
    void (*on_done)(void *context);
    void *context;
};

struct dns;

struct dns *dns_start(const struct dns_options *options);

/* Ends it, and the book with it. on_done will not run. Takes NULL. */
void dns_destroy(struct dns *dns);

/* Whether a list of servers can be read. */
MUST_CHECK bool dns_check_servers(const char *servers);

#endif
