/*
 * A letter is a mail as data. letter_write makes its message (RFC 5322, MIME of RFC 2045 to 2049):
 *
 *     multipart/mixed
 *       multipart/alternative
 *         text/plain
 *         multipart/related
 *           text/html
 *           pictures, named by the HTML as <img src="cid:…">
 *       attachments
 *
 * Levels with one part are left out. The bytes are a pure function of the letter, so a retry sends
 * the same bytes. libcurl's MIME writer is not used: it does not return the bytes and does not
 * encode names, subjects and file names.
 */
#ifndef EINLASS_MAIL_LETTER_H
#define EINLASS_MAIL_LETTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "mail/mailbox.h"

struct letter_part {
    const char *type;   /* "image/png", "text/calendar" (in UTF-8), "application/pdf" */
    const char *method; /* of a calendar (RFC 6047 section 2.4): "PUBLISH"; NULL: none */
    const char *name;   /* file name, any UTF-8; NULL: none */
    const char *cid;    /* of a picture: "ticket-1@tickets.example.org" */
    const void *bytes;
    size_t length;
};

struct letter {
    struct mailbox from, to;
    struct mailbox reply_to; /* address NULL: none */
    const char *subject;
    const char *message_id;  /* without angle brackets: "018f…@tickets.example.org" */
    const char *in_reply_to; /* message id of an earlier letter of the thread; NULL: none */
    int64_t date_us;
    const char *language;        /* BCP 47: "de" */
    const char *unsubscribe_url; /* RFC 2369 section 3.2; NULL: none */
    const char *text;
    const char *html; /* NULL: text only */
    const struct letter_part *pictures, *attachments;
    size_t picture_count, attachment_count;
};

/*
 * Appends the message, marked as written by a program (Auto-Submitted, RFC 3834 section 5). Control
 * characters in names, subject and file names become spaces. False: an address is invalid, or an
 * id, a type, a language or a link could break out of its field; *ret_flaw says so in a static
 * sentence for the log, and `out` is unchanged.
 */
MUST_CHECK bool letter_write(const struct letter *letter, struct buffer *out,
                             const char **ret_flaw);

#endif
