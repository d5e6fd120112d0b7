/* Digests of public data. */
#ifndef EINLASS_SECURITY_DIGEST_H
#define EINLASS_SECURITY_DIGEST_H

#include <stddef.h>

enum { DIGEST_SOURCE_BYTES = 7 + 44 + 1, DIGEST_NAME_BYTES = 32 + 1 };

/* Writes "sha256-…", with which a Content-Security-Policy allows one inline style or script (CSP
 * Level 3 section 2.3.1, hash-source). */
void digest_source(const void *bytes, size_t length, char ret_text[DIGEST_SOURCE_BYTES]);

/* Writes 32 hexadecimal digits that name these bytes: no other bytes have the same name. */
void digest_name(const void *bytes, size_t length, char ret_text[DIGEST_NAME_BYTES]);

#endif
