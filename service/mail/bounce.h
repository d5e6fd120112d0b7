/*
 * Reads a mail that may report what became of a letter: a delivery status notification (RFC 3464),
 * or a report in the words of a server. The only room that includes <gmime/gmime.h>.
 */
#ifndef EINLASS_MAIL_BOUNCE_H
#define EINLASS_MAIL_BOUNCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"

enum {
    BOUNCE_READ_BYTES = 128 * 1024, /* limit: what is read of a mail that may report a bounce */
    BOUNCE_IDS_MOST = 64,           /* limit: message ids that are looked at in a report */
    BOUNCE_RECIPIENTS_MOST = 64,    /* limit: recipients of a report */
    BOUNCE_WORDS_MOST = 500,        /* limit: bytes of a report's words that are stored */
};

enum bounce_kind {
    BOUNCE_NO_MAIL, /* the bytes are no mail */
    BOUNCE_NONE,    /* a mail that reports nothing, such as a reply or a note of an absence */
    BOUNCE_REPORT
};

enum bounce_fate {
    BOUNCE_FAILED,  /* the server has given up */
    BOUNCE_DELAYED, /* the server goes on trying */
    BOUNCE_ARRIVED  /* delivered, or passed on to a server that reports nothing more */
};

struct bounce_recipient {
    const char *address; /* as the report names it */
    enum bounce_fate fate;
    int code;          /* of the server's answer, such as 550; 500 or 400: it is not told */
    const char *words; /* with the status (RFC 3463), "5.1.1 User unknown"; one line of UTF-8 */
};

struct bounce {
    enum bounce_kind kind;
    /* With BOUNCE_REPORT: the message ids in the mail, without angle brackets. Anybody may have
     * written them, so the caller verifies that one is of a letter. */
    const char *ids[BOUNCE_IDS_MOST];
    size_t id_count;
    /* Those it may be about. A report has one entry for the final recipient and one for the
     * original one (RFC 3464 section 2.3); a server's own words name more addresses than that. */
    struct bounce_recipient recipients[BOUNCE_RECIPIENTS_MOST];
    size_t recipient_count;
};

/* Reads at most BOUNCE_READ_BYTES and leaves out the rest, which is the returned letter's end. The
 * texts live in the arena. A mail made to be slow may take a second. Any thread may call it. */
void bounce_read(struct arena *arena, const void *bytes, size_t length, struct bounce *ret_bounce);

#endif
