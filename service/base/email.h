/* E-mail addresses as people type them. */
#ifndef EINLASS_BASE_EMAIL_H
#define EINLASS_BASE_EMAIL_H

#include <stdbool.h>

#include "base/arena.h"

enum { EMAIL_MOST_BYTES = 254 }; /* RFC 5321 section 4.5.3.1.3, less the angle brackets */

struct email {
    const char *address; /* as it is written to: NFC, domain in lower case Unicode */
    const char *key;     /* what makes it the same address: all lower case, domain as A-labels */
};

/*
 * Reads one address: a local part as RFC 5321 dot-string or RFC 6531 with any letters (quoted
 * strings, white space and invisible characters are refused), "@", and a domain of at least two
 * labels that IDNA 2008 (RFC 5891, with the mapping of UTS 46) can write in ASCII. Texts live in
 * the arena. False: it is none.
 */
MUST_CHECK bool email_parse(struct arena *arena, const char *text, struct email *ret_email);

#endif
