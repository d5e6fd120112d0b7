/*
 * The subject, plain text and HTML of a letter, in the language of the registration. The HTML has
 * inline styles, because mail programs need them. It links QR codes by cid, for browsers by URL.
 */
#ifndef EINLASS_FEATURES_MESSAGE_LETTER_TEXT_H
#define EINLASS_FEATURES_MESSAGE_LETTER_TEXT_H

#include "base/memory.h"
#include "event/links.h"
#include "features/feature.h"
#include "features/message/posting.h"

enum { LETTER_CID_BYTES = 64 };

/* A ticket of the letter. Its image in the HTML has the Content-ID cid. */
struct letter_ticket {
    const struct posting_line *line;
    struct ticket_link link;
    char cid[LETTER_CID_BYTES]; /* "ticket-1@einlass" */
};

struct letter_text {
    const char *subject, *greeted; /* greeted: the reader's name, may be NULL */
    const char *text, *html;
    const char *manage_url; /* NULL: not for this recipient */
    const struct locale *locale;
    struct letter_ticket *tickets;
    size_t ticket_count;
};

enum letter_reader { LETTER_FOR_MAIL, LETTER_FOR_BROWSER };

/* Everything in ret lives in the arena. Returns false if it could not render and has logged why. */
MUST_CHECK bool letter_text_make(const struct worker *worker, const struct event *event,
                                 const struct posting *posting, enum letter_reader reader,
                                 struct arena *arena, struct letter_text *ret);

#endif
