/* Content transfer encodings (RFC 2045 section 6), in lines of at most 76 characters. */
#ifndef EINLASS_MAIL_TRANSFER_H
#define EINLASS_MAIL_TRANSFER_H

#include <stddef.h>

#include "base/memory.h"

/* Text as quoted-printable; its lines may end in LF or CR LF. No character is split. */
void transfer_quoted_printable(struct buffer *out, const char *text);

/* Bytes as base64 in lines, without a line end after the last. */
void transfer_base64(struct buffer *out, const void *bytes, size_t length);

/* The same in one line. */
void transfer_base64_line(struct buffer *out, const void *bytes, size_t length);

#endif
