/*
 * Writes header fields in ASCII (RFC 2047, RFC 2231), folded at 78 columns (RFC 5322
 * section 2.1.1), ended by CR LF. No text can break out of its field.
 */
#ifndef EINLASS_MAIL_HEADER_H
#define EINLASS_MAIL_HEADER_H

#include "base/memory.h"
#include "mail/mailbox.h"

enum {
    HEADER_TEXT_MOST = 900,     /* bytes of a subject or a name; longer ones are cut */
    HEADER_FILE_NAME_MOST = 200 /* bytes of a file's name */
};

/* A field being written. Tokens and parameters move to the next line if the current one is full. */
struct header {
    struct buffer *out;
    size_t column;
};

struct header header_begin(struct buffer *out, const char *name);
void header_end(struct header *header);

/* Adds safe ASCII; never breaks it. */
void header_token(struct header *header, const char *token);

/* Adds a parameter after the tokens: quoted or, if not ASCII, as in RFC 2231. */
void header_parameter(struct header *header, const char *name, const char *value);

/* Append whole fields: safe ASCII on one line of any length; text, encoded if needed; a mailbox
 * with an address from mailbox_wire. */
void header_plain(struct buffer *out, const char *name, const char *value);
void header_text(struct buffer *out, const char *name, const char *text);
void header_mailbox(struct buffer *out, const char *name, const struct mailbox *mailbox);

#endif
