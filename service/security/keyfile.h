/*
 * The files a keyring is kept in, one at a time. Used by the keyring only. `directory` is a
 * descriptor; every error is a sentence that names the file.
 */
#ifndef EINLASS_SECURITY_KEYFILE_H
#define EINLASS_SECURITY_KEYFILE_H

#include <stdbool.h>
#include <time.h>

#include "security/keyring.h"

enum { KEYFILE_NAME_BYTES = 30 }; /* "20261123T081202Z-1a2b3c4d.jwk" */

/* Writes the sentence and is false, to be returned at once. */
bool keyfile_fail(char ret_error[KEYRING_ERROR_BYTES], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * The name of a key file, and whether a name is one; ret_made_at: seconds since 1970. A time past
 * the year 9999 makes a name that is none.
 */
void keyfile_name(time_t made_at, const char *kid_text, char ret_name[KEYFILE_NAME_BYTES]);
MUST_CHECK bool keyfile_parse_name(const char *name, time_t *ret_made_at);

/* Refuses a file that others may read, that is no Ed25519 JWK, or whose halves do not match. */
MUST_CHECK bool keyfile_read_key(int directory, const char *name,
                                 unsigned char ret_seed[KEYRING_SEED_BYTES],
                                 char ret_error[KEYRING_ERROR_BYTES]);
MUST_CHECK bool keyfile_read_secret(int directory, unsigned char ret_secret[KEYRING_SECRET_BYTES],
                                    char ret_error[KEYRING_ERROR_BYTES]);

/* Whole and on the disk, or not there; never in the place of a file that exists. */
MUST_CHECK bool keyfile_write_key(int directory, const char *name,
                                  const unsigned char seed[KEYRING_SEED_BYTES],
                                  const char *kid_text, char ret_error[KEYRING_ERROR_BYTES]);

/* Makes the service secret from random numbers; one that is there stays as it is. */
MUST_CHECK bool keyfile_make_secret(int directory, char ret_error[KEYRING_ERROR_BYTES]);

#endif
