/*
 * Header fields of a message: folded at 78 columns (RFC 5322 section 2.1.1), in ASCII (RFC 2047,
 * RFC 2231), each ended by CR LF. Whatever a text holds, it stays in its field.
 */
#ifndef EINLASS_MAIL_HEADER_H
#define EINLASS_MAIL_HEADER_H

#include "base/buffer.h"
#include "mail/mailbox.h"

enum {
    HEADER_TEXT_MOST = 900,     /* bytes of a subject or a name; what is longer is cut */
    HEADER_FILE_NAME_MOST = 200 /* bytes of a file's name */
};

/* A field on its way: tokens and parameters go onto the next line where this one is full. */
struct header {
    struct buffer *out;
    size_t column;
};

struct header header_begin(struct buffer *out, const char *name);
void header_end(struct header *header);

/* Adds ASCII that is safe as it stands and is not broken. */
void header_token(struct header *header, const char *token);

/* Adds a parameter behind the tokens: quoted, or as RFC 2231 has it where it is not ASCII. */
void header_parameter(struct header *header, const char *name, const char *value);

/* Whole fields: safe ASCII on one line, whatever its length; text, encoded where it has to be; a
 * mailbox, whose address is as mailbox_wire gives it. */
void header_plain(struct buffer *out, const char *name, const char *value);
void header_text(struct buffer *out, const char *name, const char *text);
void header_mailbox(struct buffer *out, const char *name, const struct mailbox *mailbox);

#endif
