#include "security/secret.h"

#include <sodium.h>

#include "base/text.h"

enum { TOKEN_BYTES = 20, TOKEN_CHARACTERS = 32, PAIRING_CHARACTERS = 8 };

/* A stamp has a time, random bytes and a MAC over both. */
enum {
    STAMP_TIME_BYTES = 6,
    STAMP_SAID_BYTES = STAMP_TIME_BYTES + 10,
    STAMP_PROOF_BYTES = 16,
    STAMP_BYTES = STAMP_SAID_BYTES + STAMP_PROOF_BYTES,
    STAMP_UNIT_US = 1000,
};

static const char pairing_alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static void format_token(const unsigned char bytes[TOKEN_BYTES],
                         char ret_text[TOKEN_CHARACTERS + 1])
{
    struct buffer text;
    buffer_init(&text);
    base32_encode(bytes, TOKEN_BYTES, &text);
    for (size_t i = 0; i <= TOKEN_CHARACTERS; i++)
        ret_text[i] = lower(text.bytes[i]);
    sodium_memzero(text.bytes, text.length);
    buffer_finish(&text);
}

void secret_make(const char *prefix, char ret_text[SECRET_TEXT_BYTES])
{
    unsigned char bytes[TOKEN_BYTES];
    char token[TOKEN_CHARACTERS + 1];
    randombytes_buf(bytes, sizeof bytes);
    format_token(bytes, token);
    snprintf(ret_text, SECRET_TEXT_BYTES, "%.*s%s", SECRET_PREFIX_MOST, prefix, token);
    sodium_memzero(bytes, sizeof bytes);
    sodium_memzero(token, sizeof token);
}

void secret_hash(const char *text, unsigned char ret_hash[SECRET_HASH_BYTES])
{
    crypto_generichash(ret_hash, SECRET_HASH_BYTES, (const unsigned char *)text, strlen(text), NULL,
                       0);
}

void secret_link_key(const struct keyring *keyring, const char *purpose, const struct id *id,
                     char ret_text[SECRET_LINK_TEXT_BYTES])
{
    unsigned char key[TOKEN_BYTES];
    keyring_derive(keyring, purpose, id->bytes, sizeof id->bytes, key, sizeof key);
    format_token(key, ret_text);
    sodium_memzero(key, sizeof key);
}

bool secret_link_key_matches(const struct keyring *keyring, const char *purpose,
                             const struct id *id, const char *text)
{
    char expected[SECRET_LINK_TEXT_BYTES];
    secret_link_key(keyring, purpose, id, expected);
    bool same = strlen(text) == TOKEN_CHARACTERS && secret_equal(text, expected, TOKEN_CHARACTERS);
    sodium_memzero(expected, sizeof expected);
    return same;
}

void secret_pairing_code(const struct keyring *keyring, const struct id *device_id,
                         char ret_text[SECRET_PAIRING_TEXT_BYTES])
{
    unsigned char bytes[SECRET_HASH_BYTES];
    keyring_derive(keyring, "pairing code", device_id->bytes, ID_BYTES, bytes, sizeof bytes);
    char *at = ret_text;
    for (size_t i = 0; i < PAIRING_CHARACTERS; i++) {
        if (i == PAIRING_CHARACTERS / 2)
            *at++ = '-';
        *at++ = pairing_alphabet[bytes[i] & 31];
    }
    *at = '\0';
}

/* The character of the alphabet for a typed one. */
static char read_pairing_character(char typed)
{
    char c = upper(typed);
    if (c == 'I' || c == 'L')
        return '1';
    return c == 'O' ? '0' : c;
}

void secret_pairing_hash(const struct keyring *keyring, const char *text,
                         unsigned char ret_hash[SECRET_HASH_BYTES])
{
    /* One more than a code has, so a longer text never equals a code. */
    char code[PAIRING_CHARACTERS + 1];
    size_t length = 0;
    char key[2 * sizeof code];
    size_t typed = text_code(text, key, sizeof key);
    for (size_t i = 0; i < typed && length < sizeof code; i++)
        code[length++] = read_pairing_character(key[i]);
    keyring_derive(keyring, "pairing", code, length, ret_hash, SECRET_HASH_BYTES);
}

static void prove_stamp(const struct keyring *keyring, const char *purpose, const struct id *scope,
                        const unsigned char said[STAMP_SAID_BYTES],
                        unsigned char ret_proof[STAMP_PROOF_BYTES])
{
    unsigned char input[ID_BYTES + STAMP_SAID_BYTES];
    memcpy(input, scope->bytes, ID_BYTES);
    memcpy(input + ID_BYTES, said, STAMP_SAID_BYTES);
    keyring_derive(keyring, purpose, input, sizeof input, ret_proof, STAMP_PROOF_BYTES);
}

void secret_make_stamp(const struct keyring *keyring, const char *purpose, const struct id *scope,
                       int64_t at_us, char ret_text[SECRET_STAMP_TEXT_BYTES])
{
    unsigned char stamp[STAMP_BYTES];
    struct buffer text;
    uint64_t at_ms = (uint64_t)at_us / STAMP_UNIT_US;
    for (int i = STAMP_TIME_BYTES; i-- > 0; at_ms >>= 8)
        stamp[i] = (unsigned char)at_ms;
    randombytes_buf(stamp + STAMP_TIME_BYTES, STAMP_SAID_BYTES - STAMP_TIME_BYTES);
    prove_stamp(keyring, purpose, scope, stamp, stamp + STAMP_SAID_BYTES);
    buffer_init(&text);
    base32_encode(stamp, sizeof stamp, &text);
    snprintf(ret_text, SECRET_STAMP_TEXT_BYTES, "%s", buffer_text(&text));
    buffer_finish(&text);
}

bool secret_read_stamp(const struct keyring *keyring, const char *purpose, const struct id *scope,
                       const char *text, int64_t *ret_at_us)
{
    unsigned char stamp[STAMP_BYTES], proof[STAMP_PROOF_BYTES];
    size_t length;
    uint64_t at_ms = 0;
    if (!base32_decode(text, stamp, sizeof stamp, &length) || length != sizeof stamp)
        return false;
    prove_stamp(keyring, purpose, scope, stamp, proof);
    if (!secret_equal(proof, stamp + STAMP_SAID_BYTES, sizeof proof))
        return false;
    for (int i = 0; i < STAMP_TIME_BYTES; i++)
        at_ms = at_ms << 8 | stamp[i];
    *ret_at_us = (int64_t)at_ms * STAMP_UNIT_US;
    return true;
}

enum {
    HIDDEN_NONCE_BYTES = crypto_secretbox_NONCEBYTES,
    HIDDEN_BOX_BYTES = crypto_secretbox_MACBYTES + ID_BYTES,
    HIDDEN_BYTES = HIDDEN_NONCE_BYTES + HIDDEN_BOX_BYTES,
};

void secret_hide_id(const struct keyring *keyring, const char *purpose, const struct id *id,
                    char ret_text[SECRET_HIDDEN_ID_TEXT_BYTES])
{
    unsigned char key[crypto_secretbox_KEYBYTES], hidden[HIDDEN_BYTES];
    keyring_derive(keyring, purpose, NULL, 0, key, sizeof key);
    randombytes_buf(hidden, HIDDEN_NONCE_BYTES);
    crypto_secretbox_easy(hidden + HIDDEN_NONCE_BYTES, id->bytes, ID_BYTES, hidden, key);
    sodium_bin2base64(ret_text, SECRET_HIDDEN_ID_TEXT_BYTES, hidden, sizeof hidden,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(key, sizeof key);
}

bool secret_show_id(const struct keyring *keyring, const char *purpose, const char *text,
                    struct id *ret_id)
{
    unsigned char key[crypto_secretbox_KEYBYTES], hidden[HIDDEN_BYTES];
    size_t length;
    if (sodium_base642bin(hidden, sizeof hidden, text, strlen(text), NULL, &length, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        length != sizeof hidden)
        return false;
    keyring_derive(keyring, purpose, NULL, 0, key, sizeof key);
    bool is_ours = crypto_secretbox_open_easy(ret_id->bytes, hidden + HIDDEN_NONCE_BYTES,
                                              HIDDEN_BOX_BYTES, hidden, key) == 0;
    sodium_memzero(key, sizeof key);
    return is_ours;
}

bool secret_equal(const void *a, const void *b, size_t length)
{
    return sodium_memcmp(a, b, length) == 0;
}

void secret_id_for_key(const struct id *scope, const char *idempotency_key, struct id *ret_id)
{
    unsigned char hash[ID_BYTES];
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    crypto_generichash_update(&state, scope->bytes, sizeof scope->bytes);
    crypto_generichash_update(&state, (const unsigned char *)idempotency_key,
                              strlen(idempotency_key));
    crypto_generichash_final(&state, hash, sizeof hash);
    id_from_hash(hash, ret_id);
}

void secret_digest(const void *bytes, size_t length, unsigned char ret[SECRET_DIGEST_BYTES])
{
    crypto_generichash(ret, SECRET_DIGEST_BYTES, bytes, length, NULL, 0);
}
