#include "security/ticket_seal.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum {
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    KEY_BYTES = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    DIGEST_BYTES = 16,
    PADDED_BYTES = 256,
};

static const char info[] = "einlass guest list";

static void hmac(const unsigned char *key, size_t key_bytes, const void *text, size_t length,
                 const unsigned char *more, size_t more_bytes, unsigned char ret_mac[KEY_BYTES])
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key, key_bytes);
    crypto_auth_hmacsha256_update(&state, text, length);
    crypto_auth_hmacsha256_update(&state, more, more_bytes);
    crypto_auth_hmacsha256_final(&state, ret_mac);
    sodium_memzero(&state, sizeof state);
}

/* RFC 5869 sections 2.2 and 2.3. One block is long enough for the key. */
static void derive(const struct keyring *keyring, size_t key, const struct ticket_claims *claims,
                   unsigned char ret_key[KEY_BYTES])
{
    static const unsigned char no_salt[KEY_BYTES], first_block[] = {1};
    unsigned char ticket[TICKET_BYTES_MOST], extracted[KEY_BYTES];
    size_t length = ticket_bytes(keyring, key, claims, ticket);
    hmac(no_salt, sizeof no_salt, ticket, length, NULL, 0, extracted);
    hmac(extracted, sizeof extracted, info, sizeof info - 1, first_block, sizeof first_block,
         ret_key);
    sodium_memzero(ticket, sizeof ticket);
    sodium_memzero(extracted, sizeof extracted);
}

static const int base64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

void ticket_digest(const struct id *id, char ret_text[TICKET_DIGEST_TEXT_BYTES])
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, id->bytes, sizeof id->bytes);
    crypto_hash_sha256_update(&state, (const unsigned char *)info, sizeof info - 1);
    crypto_hash_sha256_final(&state, digest);
    sodium_bin2base64(ret_text, TICKET_DIGEST_TEXT_BYTES, digest, DIGEST_BYTES, base64);
}

static void add_base64(const unsigned char *bytes, size_t length, struct buffer *out)
{
    size_t text_bytes = sodium_base64_encoded_len(length, base64);
    char *text = memory_alloc(text_bytes);
    sodium_bin2base64(text, text_bytes, bytes, length, base64);
    buffer_add_text(out, text);
    free(text);
}

void ticket_seal(const struct keyring *keyring, size_t key, const struct ticket_claims *claims,
                 const char *text, size_t length, struct buffer *out)
{
    unsigned char secret[KEY_BYTES];
    size_t padded = (length + PADDED_BYTES - 1) / PADDED_BYTES * PADDED_BYTES;
    unsigned char *sealed = memory_alloc(NONCE_BYTES + padded + TAG_BYTES);
    unsigned char *plain = sealed + NONCE_BYTES; /* libsodium encrypts in place */
    memcpy(plain, text, length);
    memset(plain + length, ' ', padded - length);
    derive(keyring, key, claims, secret);
    randombytes_buf(sealed, NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(plain, NULL, plain, padded, claims->id.bytes,
                                               ID_BYTES, NULL, sealed, secret);
    add_base64(sealed, NONCE_BYTES + padded + TAG_BYTES, out);
    sodium_memzero(secret, sizeof secret);
    free(sealed);
}
