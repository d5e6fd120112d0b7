#include "security/ticket_seal.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/memory.h"

enum {
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    KEY_BYTES = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
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

static void add_base64(const unsigned char *bytes, size_t length, struct buffer *out)
{
    const int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    size_t text_bytes = sodium_base64_encoded_len(length, variant);
    char *text = memory_alloc(text_bytes);
    sodium_bin2base64(text, text_bytes, bytes, length, variant);
    buffer_add_text(out, text);
    free(text);
}

void ticket_seal(const struct keyring *keyring, size_t key, const struct ticket_claims *claims,
                 const char *text, size_t length, struct buffer *out)
{
    unsigned char secret[KEY_BYTES];
    unsigned char *sealed = memory_alloc(NONCE_BYTES + length + TAG_BYTES);
    derive(keyring, key, claims, secret);
    randombytes_buf(sealed, NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + NONCE_BYTES, NULL,
                                               (const unsigned char *)text, length,
                                               claims->id.bytes, ID_BYTES, NULL, sealed, secret);
    add_base64(sealed, NONCE_BYTES + length + TAG_BYTES, out);
    sodium_memzero(secret, sizeof secret);
    free(sealed);
}
