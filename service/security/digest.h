/* Digests of public data. */
#ifndef EINLASS_SECURITY_DIGEST_H
#define EINLASS_SECURITY_DIGEST_H

#include <stddef.h>

enum { DIGEST_SOURCE_BYTES = 7 + 44 + 1 };

/* Writes "sha256-…", with which a Content-Security-Policy allows one inline style or script (CSP
 * Level 3 section 2.3.1, hash-source). */
void digest_source(const void *bytes, size_t length, char ret_text[DIGEST_SOURCE_BYTES]);

#endif
