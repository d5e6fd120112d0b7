/*
 * Tokens of scripts and devices, keys of links, pairing codes. The database holds only hashes of
 * random texts, and nothing of texts derived from the service secret.
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
    SECRET_HIDDEN_ID_TEXT_BYTES = 75 + 1,
};

/*
 * Makes a token: the prefix and 160 random bits in lower-case base32. The prefix (at most
 * SECRET_PREFIX_MOST bytes) lets secret scanners recognise a leaked token.
 */
void secret_make(const char *prefix, char ret_text[SECRET_TEXT_BYTES]);

/* BLAKE2b-256 (RFC 7693), to look up a token. Use it only for texts that nobody can guess. */
void secret_hash(const char *text, unsigned char ret_hash[SECRET_HASH_BYTES]);

/*
 * The key in a link: 160 bits in lower-case base32, a pure function of the service secret, the
 * purpose ("manage", "verify") and the id. The comparison takes constant time.
 */
void secret_link_key(const struct keyring *keyring, const char *purpose, const struct id *id,
                     char ret_text[SECRET_LINK_TEXT_BYTES]);
MUST_CHECK bool secret_link_key_matches(const struct keyring *keyring, const char *purpose,
                                        const struct id *id, const char *text);

/*
 * The code to read aloud and type, "7K3M-9QXD": 40 bits in Crockford's alphabet, which has no I, L,
 * O and U, a pure function of the service secret and the id. So few bits are safe only for minutes
 * and with a rate limit.
 */
void secret_pairing_code(const struct keyring *keyring, const struct id *device_id,
                         char ret_text[SECRET_PAIRING_TEXT_BYTES]);

/*
 * The hash to look up a pairing code. The service secret keys it, because anybody could hash all
 * codes. Reads as text_code() does; reads I and L as 1, O as 0.
 */
void secret_pairing_hash(const struct keyring *keyring, const char *text,
                         unsigned char ret_hash[SECRET_HASH_BYTES]);

/*
 * Makes and reads a stamp, an unforgeable time for a purpose and scope: 52 characters of base32, no
 * two alike. at_us is rounded to milliseconds. Reading refuses a stamp of another purpose, scope or
 * service secret.
 */
void secret_make_stamp(const struct keyring *keyring, const char *purpose, const struct id *scope,
                       int64_t at_us, char ret_text[SECRET_STAMP_TEXT_BYTES]);
MUST_CHECK bool secret_read_stamp(const struct keyring *keyring, const char *purpose,
                                  const struct id *scope, const char *text, int64_t *ret_at_us);

/*
 * Hides an id from the client that sends it back, because an id tells when it was made:
 * crypto_secretbox (XSalsa20-Poly1305) under a key for the purpose, 75 characters of base64url.
 * Showing refuses a text of another purpose or service secret.
 */
void secret_hide_id(const struct keyring *keyring, const char *purpose, const struct id *id,
                    char ret_text[SECRET_HIDDEN_ID_TEXT_BYTES]);
MUST_CHECK bool secret_show_id(const struct keyring *keyring, const char *purpose, const char *text,
                               struct id *ret_id);

/* Compares bytes in a time that depends on the length only. */
bool secret_equal(const void *a, const void *b, size_t length);

/*
 * The id for an Idempotency-Key. The same scope (event, caller) and key give the same id, so a
 * repeated request finds the row of the first one.
 */
void secret_id_for_key(const struct id *scope, const char *idempotency_key, struct id *ret_id);

/* BLAKE2b-128, the fingerprint of a request. It shows if a key came back with another body. */
void secret_digest(const void *bytes, size_t length, unsigned char ret[SECRET_DIGEST_BYTES]);

#endif
