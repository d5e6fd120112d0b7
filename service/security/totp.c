#include "security/totp.h"

#include <liboath/oath.h>
#include <sodium.h>

#include "base/text.h"
#include "security/secret.h"

enum {
    NONCE_BYTES = crypto_secretbox_NONCEBYTES,
    BOX_BYTES = crypto_secretbox_MACBYTES + TOTP_SECRET_BYTES,
    SEALED_BYTES = NONCE_BYTES + BOX_BYTES,
    DRIFT_STEPS = 1,
    GROUP = 4, /* letters of the text */
};

_Static_assert(TOTP_SEALED_TEXT_BYTES ==
                   sodium_base64_ENCODED_LEN(SEALED_BYTES,
                                             sodium_base64_VARIANT_URLSAFE_NO_PADDING),
               "a sealed secret has its place");

void totp_make(unsigned char ret_secret[TOTP_SECRET_BYTES])
{
    randombytes_buf(ret_secret, TOTP_SECRET_BYTES);
}

bool totp_matches(const unsigned char secret[TOTP_SECRET_BYTES], const char *code, int64_t now_s,
                  int64_t last_step, int64_t *ret_step)
{
    char expected[TOTP_DIGITS + 1];
    bool matches = false;
    if (strlen(code) != TOTP_DIGITS)
        return false;
    for (int64_t step = now_s / TOTP_STEP_S - DRIFT_STEPS;
         step <= now_s / TOTP_STEP_S + DRIFT_STEPS; step++) {
        if (step < 0 ||
            oath_hotp_generate((const char *)secret, TOTP_SECRET_BYTES, (uint64_t)step, TOTP_DIGITS,
                               false, OATH_HOTP_DYNAMIC_TRUNCATION, expected) != OATH_OK)
            continue;
        if (secret_equal(code, expected, TOTP_DIGITS) && step > last_step && !matches) {
            matches = true;
            *ret_step = step;
        }
    }
    sodium_memzero(expected, sizeof expected);
    return matches;
}

void totp_add_text(const unsigned char secret[TOTP_SECRET_BYTES], struct buffer *out)
{
    struct buffer text;
    buffer_init(&text);
    base32_encode(secret, TOTP_SECRET_BYTES, &text);
    for (size_t i = 0; i < text.length; i += GROUP)
        buffer_printf(out, "%s%.*s", i > 0 ? " " : "", GROUP, text.bytes + i);
    sodium_memzero(text.bytes, text.length);
    buffer_finish(&text);
}

void totp_add_uri(const unsigned char secret[TOTP_SECRET_BYTES], const char *account,
                  struct buffer *out)
{
    buffer_add_text(out, "otpauth://totp/Einlass:");
    percent_encode(out, account);
    buffer_add_text(out, "?secret=");
    base32_encode(secret, TOTP_SECRET_BYTES, out);
    buffer_add_text(out, "&issuer=Einlass");
}

static void derive(const struct keyring *keyring, const struct id *account_id,
                   unsigned char ret_key[crypto_secretbox_KEYBYTES])
{
    keyring_derive(keyring, "totp", account_id->bytes, sizeof account_id->bytes, ret_key,
                   crypto_secretbox_KEYBYTES);
}

void totp_seal(const struct keyring *keyring, const struct id *account_id,
               const unsigned char secret[TOTP_SECRET_BYTES],
               char ret_sealed[TOTP_SEALED_TEXT_BYTES])
{
    unsigned char key[crypto_secretbox_KEYBYTES], sealed[SEALED_BYTES];
    derive(keyring, account_id, key);
    randombytes_buf(sealed, NONCE_BYTES);
    crypto_secretbox_easy(sealed + NONCE_BYTES, secret, TOTP_SECRET_BYTES, sealed, key);
    sodium_bin2base64(ret_sealed, TOTP_SEALED_TEXT_BYTES, sealed, sizeof sealed,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(key, sizeof key);
}

bool totp_open(const struct keyring *keyring, const struct id *account_id, const char *sealed_text,
               unsigned char ret_secret[TOTP_SECRET_BYTES])
{
    unsigned char key[crypto_secretbox_KEYBYTES], sealed[SEALED_BYTES];
    size_t length;
    if (sodium_base642bin(sealed, sizeof sealed, sealed_text, strlen(sealed_text), NULL, &length,
                          NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        length != sizeof sealed)
        return false;
    derive(keyring, account_id, key);
    bool is_ours =
        crypto_secretbox_open_easy(ret_secret, sealed + NONCE_BYTES, BOX_BYTES, sealed, key) == 0;
    sodium_memzero(key, sizeof key);
    return is_ours;
}
