/* Base32 as RFC 4648 section 6 says, in upper case and without padding. */
#ifndef EINLASS_SECURITY_BASE32_H
#define EINLASS_SECURITY_BASE32_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

/* Appends the text of the bytes: 8 characters for 5 bytes. */
void base32_encode(const unsigned char *bytes, size_t length, struct buffer *out);

/*
 * Reads it back, ignoring case and ASCII white space. Refuses any other character (padding too),
 * lengths that no bytes have, bits left over that are not zero (two texts never mean the same
 * bytes), and what does not fit into `space` bytes.
 */
MUST_CHECK bool base32_decode(const char *text, unsigned char *out, size_t space,
                              size_t *ret_length);

#endif
