/*
 * Passwords, hashed with argon2id (RFC 9106). Both functions are slow on purpose: tens of
 * milliseconds and 64 MiB of memory while they run, on the thread that calls. They belong on a
 * pool of threads, never on an event loop.
 */
#ifndef EINLASS_SECURITY_PASSWORD_H
#define EINLASS_SECURITY_PASSWORD_H

#include <stdbool.h>

/* NIST SP 800-63B section 5.1.1.2: at least 8, no rules about what they are made of. */
enum { PASSWORD_LEAST_BYTES = 8, PASSWORD_MOST_BYTES = 1024, PASSWORD_HASH_BYTES = 128 };

enum password_status { PASSWORD_HASHED, PASSWORD_TOO_SHORT, PASSWORD_TOO_LONG };

/* The hash is text ("$argon2id$v=19$m=65536,…") with its own salt and cost. */
MUST_CHECK enum password_status password_hash(const char *password,
                                              char ret_hash[PASSWORD_HASH_BYTES]);

/* A hash that is none matches nothing. Passwords past the limits are refused without work. */
MUST_CHECK bool password_matches(const char *hash, const char *password);

#endif
