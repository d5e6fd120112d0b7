/*
 * Texts that open something: tokens of scripts and devices, keys of links, pairing codes. What is
 * random is kept as a hash only; what is derived from the service secret is not kept at all.
 */
#ifndef EINLASS_SECURITY_SECRET_H
#define EINLASS_SECURITY_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id.h"
#include "security/keyring.h"

enum {
    SECRET_HASH_BYTES = 32,
    SECRET_DIGEST_BYTES = 16,
    SECRET_PREFIX_MOST = 24,
    SECRET_TEXT_BYTES = SECRET_PREFIX_MOST + 32 + 1,
    SECRET_LINK_TEXT_BYTES = 32 + 1,
    SECRET_PAIRING_TEXT_BYTES = 9 + 1,
    SECRET_STAMP_TEXT_BYTES = 52 + 1,
};

/*
 * The prefix (at most SECRET_PREFIX_MOST bytes of it; by it scanners recognise a token that
 * leaked) and 160 random bits in lower-case base32.
 */
void secret_make(const char *prefix, char ret_text[SECRET_TEXT_BYTES]);

/* BLAKE2b-256 (RFC 7693), by which a token is looked up. Good for texts nobody can guess. */
void secret_hash(const char *text, unsigned char ret_hash[SECRET_HASH_BYTES]);

/*
 * The key in a link: 160 bits in lower-case base32, a pure function of the service secret, the
 * purpose ("manage", "verify") and the id. Matching takes the same time wherever texts differ.
 */
void secret_link_key(const struct keyring *keyring, const char *purpose, const struct id *id,
                     char ret_text[SECRET_LINK_TEXT_BYTES]);
MUST_CHECK bool secret_link_key_matches(const struct keyring *keyring, const char *purpose,
                                        const struct id *id, const char *text);

/*
 * A code to be read aloud and typed, "7K3M-9QXD": 40 random bits in Crockford's alphabet, which
 * has no I, L, O and U. So few bits hold only for minutes and behind a limit of tries.
 */
void secret_make_pairing_code(char ret_text[SECRET_PAIRING_TEXT_BYTES]);

/*
 * The hash it is looked up by, keyed with the service secret because all codes could be tried.
 * Ignores case, white space and hyphens, and reads I and L as 1, O as 0.
 */
void secret_pairing_hash(const struct keyring *keyring, const char *text,
                         unsigned char ret_hash[SECRET_HASH_BYTES]);

/*
 * A text that says when it was made, for this purpose and scope, and that nobody else can make: 52
 * characters of base32, each made differs. at_us is kept in milliseconds. Reading refuses a text
 * of another purpose, scope or service secret, and gives the time of a good one.
 */
void secret_make_stamp(const struct keyring *keyring, const char *purpose, const struct id *scope,
                       int64_t at_us, char ret_text[SECRET_STAMP_TEXT_BYTES]);
MUST_CHECK bool secret_read_stamp(const struct keyring *keyring, const char *purpose,
                                  const struct id *scope, const char *text, int64_t *ret_at_us);

/* Whether the bytes are the same, in a time that depends on the length only. */
bool secret_equal(const void *a, const void *b, size_t length);

/*
 * The id that an Idempotency-Key names: the same scope (event, caller) and key give the same id,
 * so that a request sent twice meets its own first row.
 */
void secret_id_for_key(const struct id *scope, const char *idempotency_key, struct id *ret_id);

/* BLAKE2b-128: a fingerprint of a request, to see whether a key came back with another body. */
void secret_digest(const void *bytes, size_t length, unsigned char ret[SECRET_DIGEST_BYTES]);

#endif
