/*
 * The keys of the service: Ed25519 keys that sign tickets (RFC 8032), and the service secret, from
 * which links and codes are derived. They live in a directory:
 *
 *     20261123T081202Z-1a2b3c4d.jwk   a key, named by its creation time (UTC) and its kid:
 *                                     a JWK (RFC 7517) as RFC 8037 writes Ed25519 keys
 *     secret                          the service secret, 64 hexadecimal digits
 *
 * The key with the last name signs; all keys verify. A loaded keyring never changes, so all threads
 * share it without locks. Its memory is locked and write-protected.
 */
#ifndef EINLASS_SECURITY_KEYRING_H
#define EINLASS_SECURITY_KEYRING_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    KEYRING_ERROR_BYTES = 512,
    KEYRING_KEYS_MOST = 64,
    KEYRING_KID_BYTES = 4,
    KEYRING_KID_TEXT_BYTES = 2 * KEYRING_KID_BYTES + 1,
    KEYRING_SECRET_BYTES = 32,
    KEYRING_SEED_BYTES = 32,
    KEYRING_SIGNATURE_BYTES = 64,
    KEYRING_FINGERPRINT_TEXT_BYTES = 2 * 16 + 1,
};

struct keyring;

/*
 * Reads a directory. The caller destroys the keyring. False: ret_error names the file and says what
 * to do. A file may be missing, damaged, or readable by others than user and group.
 */
MUST_CHECK bool keyring_load(const char *directory, struct keyring **ret,
                             char ret_error[KEYRING_ERROR_BYTES]);

/* Copies the keyring for work on another thread, which may outlive a reload. */
struct keyring *keyring_copy(const struct keyring *keyring);

/* Takes NULL. Wipes the memory. */
void keyring_destroy(struct keyring *keyring);

/*
 * Adds a key to a directory. Makes the directory and the service secret if they are missing. When
 * this returns true, the key is on the disk; it signs in keyrings loaded afterwards. ret_kid_text
 * is its kid as in the JWK set.
 */
MUST_CHECK bool keyring_rotate(const char *directory, char ret_kid_text[KEYRING_KID_TEXT_BYTES],
                               char ret_error[KEYRING_ERROR_BYTES]);

/*
 * For tests: makes a keyring of one key from this private key (RFC 8032 section 5.1.5), which also
 * gives the service secret.
 */
struct keyring *keyring_from_seed(const unsigned char seed[KEYRING_SEED_BYTES]);

size_t keyring_key_count(const struct keyring *keyring);

/*
 * The public keys as a JWK set (RFC 7517 section 5, RFC 8037 section 2) with kty, crv, x, kid (8
 * lower-case hexadecimal digits), use, alg. The signing key is first. A new reference.
 */
json_t *keyring_jwks(const struct keyring *keyring);

/* First 4 bytes of the BLAKE2b-256 hash (RFC 7693, 32 bytes, no key) of the signing public key. */
const unsigned char *keyring_signing_kid(const struct keyring *keyring);

/* Ed25519 (RFC 8032 section 5.1.6) with the newest key. */
void keyring_sign(const struct keyring *keyring, const unsigned char *message, size_t length,
                  unsigned char ret_signature[KEYRING_SIGNATURE_BYTES]);

/* The same for any key: 0 is the newest, keyring_key_count() - 1 the oldest. */
const unsigned char *keyring_kid(const struct keyring *keyring, size_t key);
void keyring_sign_with(const struct keyring *keyring, size_t key, const unsigned char *message,
                       size_t length, unsigned char ret_signature[KEYRING_SIGNATURE_BYTES]);

/* Whether the ring has a key with this kid that signed this message. */
MUST_CHECK bool keyring_verify(const struct keyring *keyring,
                               const unsigned char kid[KEYRING_KID_BYTES],
                               const unsigned char *message, size_t length,
                               const unsigned char signature[KEYRING_SIGNATURE_BYTES]);

/* Names the service secret without telling anything of it: a hash that it keys, in hexadecimal. */
void keyring_fingerprint(const struct keyring *keyring,
                         char ret_text[KEYRING_FINGERPRINT_TEXT_BYTES]);

/*
 * Hashes the purpose, a zero byte and the input by BLAKE2b, keyed with the service secret.
 * Different purposes give unrelated results. ret_hash has hash_bytes (16 to 64).
 */
void keyring_derive(const struct keyring *keyring, const char *purpose, const void *input,
                    size_t length, unsigned char *ret_hash, size_t hash_bytes);

#endif
