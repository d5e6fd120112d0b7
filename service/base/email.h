/* E-mail addresses as people type them. */
#ifndef EINLASS_BASE_EMAIL_H
#define EINLASS_BASE_EMAIL_H

#include <stdbool.h>

#include "base/memory.h"

enum { EMAIL_MOST_BYTES = 254 }; /* RFC 5321 section 4.5.3.1.3, less the angle brackets */

struct email {
    const char *address; /* for sending: NFC, domain in lower case Unicode */
    const char *key;     /* for comparing: all lower case, domain as A-labels */
};

/*
 * Reads one address as people give it, also as "mailto:ada@example.org", "Ada <ada@example.org>",
 * "ada @ example.org." and in full-width letters: a local part, "@" and a domain. The local part is
 * an RFC 5321 dot-string, or RFC 6531 with any letters; quoted strings, white space and invisible
 * characters are refused. The domain has at least two labels, and IDNA 2008 (RFC 5891, mapped by
 * UTS 46) can write it in ASCII. The results live in the arena. False: not an address.
 */
MUST_CHECK bool email_parse(struct arena *arena, const char *text, struct email *ret_email);

#endif
