/*
 * The words of a letter: subject, plain text and HTML, in the language of the registration. The
 * HTML carries its style in itself, as mail programs want it, and refers to the QR codes by cid, or
 * for a browser by their addresses.
 */
#ifndef EINLASS_FEATURES_MESSAGE_LETTER_TEXT_H
#define EINLASS_FEATURES_MESSAGE_LETTER_TEXT_H

#include "base/buffer.h"
#include "features/feature.h"
#include "event/links.h"
#include "features/message/posting.h"

enum { LETTER_CID_BYTES = 64 };

/* A ticket of the letter: its place in the HTML is an image with this Content-ID. */
struct letter_ticket {
    const struct posting_line *line;
    struct ticket_link link;
    char cid[LETTER_CID_BYTES]; /* "ticket-1@einlass" */
};

struct letter_text {
    const char *subject, *greeted; /* greeted: the name it is written to */
    const char *text, *html;
    const char *manage_url; /* NULL: not for this recipient */
    const struct locale *locale;
    struct letter_ticket *tickets;
    size_t ticket_count;
};

enum letter_reader { LETTER_FOR_MAIL, LETTER_FOR_BROWSER };

/* All of it lives in the arena. False: it could not be rendered, which was logged. */
MUST_CHECK bool letter_text_make(const struct worker *worker, const struct event *event,
                                 const struct posting *posting, enum letter_reader reader,
                                 struct arena *arena, struct letter_text *ret);

#endif
