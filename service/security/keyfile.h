/*
 * Reads and writes single files of a keyring, for keyring.c only. `directory` is a descriptor.
 * Every error is a sentence that names the file.
 */
#ifndef EINLASS_SECURITY_KEYFILE_H
#define EINLASS_SECURITY_KEYFILE_H

#include <stdbool.h>
#include <time.h>

#include "security/keyring.h"

enum { KEYFILE_NAME_BYTES = 30 }; /* "20261123T081202Z-1a2b3c4d.jwk" */

/* Writes the error and returns false. */
bool keyfile_fail(char ret_error[KEYRING_ERROR_BYTES], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * The first writes the name of a key file, the second checks and reads one. Times are seconds since
 * 1970. A time after the year 9999 gives an invalid name.
 */
void keyfile_name(time_t made_at, const char *kid_text, char ret_name[KEYFILE_NAME_BYTES]);
MUST_CHECK bool keyfile_parse_name(const char *name, time_t *ret_made_at);

/* Refuses a file that others can read, that is no Ed25519 JWK, or whose two keys do not match. */
MUST_CHECK bool keyfile_read_key(int directory, const char *name,
                                 unsigned char ret_seed[KEYRING_SEED_BYTES],
                                 char ret_error[KEYRING_ERROR_BYTES]);
MUST_CHECK bool keyfile_read_secret(int directory, unsigned char ret_secret[KEYRING_SECRET_BYTES],
                                    char ret_error[KEYRING_ERROR_BYTES]);

/* Writes the whole file to the disk or nothing. Never replaces a file. */
MUST_CHECK bool keyfile_write_key(int directory, const char *name,
                                  const unsigned char seed[KEYRING_SEED_BYTES],
                                  const char *kid_text, char ret_error[KEYRING_ERROR_BYTES]);

/* Makes a random service secret, unless there is one. */
MUST_CHECK bool keyfile_make_secret(int directory, char ret_error[KEYRING_ERROR_BYTES]);

#endif
