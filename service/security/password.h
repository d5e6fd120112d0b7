/*
 * Password hashes by argon2id (RFC 9106). Both functions are slow on purpose: they block for tens
 * of milliseconds and use 64 MiB of memory. Call them on the thread pool, never on an event loop.
 */
#ifndef EINLASS_SECURITY_PASSWORD_H
#define EINLASS_SECURITY_PASSWORD_H

#include <stdbool.h>

/* No rules about the kinds of characters (NIST SP 800-63B section 5.1.1.2). */
enum {
    PASSWORD_LEAST = 12, /* limit: characters of a password at least */
    PASSWORD_MOST_BYTES = 1024,
    PASSWORD_HASH_BYTES = 128
};

enum password_status { PASSWORD_HASHED, PASSWORD_TOO_SHORT, PASSWORD_TOO_LONG };

/* The hash is text with salt and cost: "$argon2id$v=19$m=65536,…". */
MUST_CHECK enum password_status password_hash(const char *password,
                                              char ret_hash[PASSWORD_HASH_BYTES]);

/* An invalid hash matches no password. Passwords outside the limits fail at once. */
MUST_CHECK bool password_matches(const char *hash, const char *password);

#endif
