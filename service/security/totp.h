/*
 * Codes of an authenticator app as second factor (TOTP, RFC 6238: SHA-1, 30 seconds, 6 digits,
 * which every app has). The database keeps the secret encrypted.
 */
#ifndef EINLASS_SECURITY_TOTP_H
#define EINLASS_SECURITY_TOTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"
#include "base/memory.h"
#include "security/keyring.h"

enum {
    TOTP_SECRET_BYTES = 20, /* RFC 4226, section 4, R6 */
    TOTP_SEALED_TEXT_BYTES = 80 + 1,
    TOTP_DIGITS = 6,
    TOTP_STEP_S = 30,
};

void totp_make(unsigned char ret_secret[TOTP_SECRET_BYTES]);

/*
 * Returns whether the code is right at a time in seconds since 1970, or one step before or after. A
 * code of a step up to last_step was used already. ret_step is the step of the code.
 */
MUST_CHECK bool totp_matches(const unsigned char secret[TOTP_SECRET_BYTES], const char *code,
                             int64_t now_s, int64_t last_step, int64_t *ret_step);

/* Appends the secret for people who type it: base32 in groups of four letters. */
void totp_add_text(const unsigned char secret[TOTP_SECRET_BYTES], struct buffer *out);

/* Appends the text of the QR code: otpauth://totp/… (Google Authenticator's Key URI Format). */
void totp_add_uri(const unsigned char secret[TOTP_SECRET_BYTES], const char *account,
                  struct buffer *out);

/*
 * Seal and open a secret (crypto_secretbox) under a key for the account and the service secret, as
 * base64url. Opening refuses what was sealed for another account or changed.
 */
void totp_seal(const struct keyring *keyring, const struct id *account_id,
               const unsigned char secret[TOTP_SECRET_BYTES],
               char ret_sealed[TOTP_SEALED_TEXT_BYTES]);
MUST_CHECK bool totp_open(const struct keyring *keyring, const struct id *account_id,
                          const char *sealed, unsigned char ret_secret[TOTP_SECRET_BYTES]);

#endif
