/*
 * Which servers may send for a domain, as its SPF record says (RFC 7208). Asks whether it names
 * some addresses; it does not decide about a mail. Reads includes and redirects, and resolves a and
 * mx. What needs more than the addresses (macros, exists, ptr) stays open.
 */
#ifndef EINLASS_MAIL_SPF_H
#define EINLASS_MAIL_SPF_H

#include <stdbool.h>
#include <stddef.h>

#include "mail/dns.h"

enum { SPF_LOOKUPS_MOST = 10 /* RFC 7208 section 4.6.4 */ };

struct spf {
    const char *record; /* NULL: there is none */
    size_t record_count;
    bool is_unknown; /* the DNS does not answer, or not yet */
    bool is_broken;  /* a term that RFC 7208 does not know, or an include without a record */
    bool allows_all; /* "+all": anybody may send */
    bool is_open;    /* a term stays open */
    bool names_one;  /* one of the addresses */
    int lookups;     /* of all records together; more than SPF_LOOKUPS_MOST: it does not count */
};

/* addresses: as text, IPv4 or IPv6. */
void spf_read(struct dns_book *book, const char *domain, const char *const *addresses, size_t count,
              struct spf *ret_spf);

#endif
