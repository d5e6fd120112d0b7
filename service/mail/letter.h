/*
 * A letter: a mail as data, and its message as bytes (RFC 5322, MIME of RFC 2045 to 2049):
 *
 *     multipart/mixed
 *       multipart/alternative
 *         text/plain
 *         multipart/related
 *           text/html
 *           pictures, named by the HTML as <img src="cid:…">
 *       attachments
 *
 * of which only those levels are written that hold more than one part. The bytes are a pure
 * function of the letter: what is sent again, or shown, is the same. libcurl has a MIME writer, but
 * gives its bytes to nobody and encodes neither names, subjects nor file names; so it only carries.
 */
#ifndef EINLASS_MAIL_LETTER_H
#define EINLASS_MAIL_LETTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "mail/mailbox.h"

struct letter_part {
    const char *type;   /* "image/png", "text/calendar" (in UTF-8), "application/pdf" */
    const char *method; /* of a calendar (RFC 6047 section 2.4): "PUBLISH"; NULL: none */
    const char *name;   /* of its file, in any letters; NULL: none */
    const char *cid;    /* of a picture: "ticket-1@tickets.example.org" */
    const void *bytes;
    size_t length;
};

struct letter {
    struct mailbox from, to;
    struct mailbox reply_to; /* address NULL: none */
    const char *subject;
    const char *message_id;  /* without angle brackets: "018f…@tickets.example.org" */
    const char *in_reply_to; /* message id of an earlier letter, to stand below it; NULL */
    int64_t date_us;
    const char *language;        /* BCP 47: "de" */
    const char *unsubscribe_url; /* RFC 2369 section 3.2; NULL: none */
    const char *text;
    const char *html; /* NULL: text alone */
    const struct letter_part *pictures, *attachments;
    size_t picture_count, attachment_count;
};

/*
 * Appends the message. Control characters in names, the subject and file names become spaces; an
 * id, a type, a language or a link that could break out of its field is refused, as is an address
 * that is none. It says that a program wrote it (Auto-Submitted, RFC 3834 section 5).
 * False: *ret_flaw says what is wrong, in a sentence for the log (static); out is as it was.
 */
MUST_CHECK bool letter_write(const struct letter *letter, struct buffer *out,
                             const char **ret_flaw);

#endif
