/*
 * Tickets to print or to keep on a phone: an A4 page each, made to be folded in the middle. The
 * upper half is what a door needs, large enough to be read from a phone that shows no more than it;
 * the lower half is what its holder may want to know.
 */
#ifndef EINLASS_VIEW_TICKET_SHEET_H
#define EINLASS_VIEW_TICKET_SHEET_H

#include "view/document.h"

enum {
    TICKET_SHEETS_MOST = 128, /* limit: tickets of one PDF */
};

/* Wordings in the language of the page. */
struct ticket_sheet_words {
    const char *when, *where, *organiser, *ticket, *attendee; /* labels */
    const char *show_this;                                    /* what to do with the code */
    const char *fold;
    const char *code_label; /* above the code's text: for a camera that cannot read it */
    const char *online;     /* the text of the link to the ticket's page */
    const char *code;       /* what the picture shows, for screen readers */
};

/* Texts are any UTF-8 (document.h); NULL or "" where there is nothing to say. */
struct ticket_sheet {
    const char *title; /* of the event */
    const char *organiser;
    const char *when; /* may have several lines */
    const char *zone; /* of these times, "Europe/Berlin" */
    const char *venue, *address;
    const char *map_url; /* where a click on the venue leads */
    const char *name;    /* of the attendee */
    const char *ticket_type;
    const char *number; /* "Ticket 1 of 3" */
    const char *token;  /* what the code says */
    const char *url;    /* of the ticket's page */
    const char *accent; /* "#2547c0"; NULL or anything else: the house's own */
    const struct ticket_sheet_words *words;
};

/* Appends the file. False: there were none, too many, or a token that fits no code; nothing was
 * appended. Blocks for some ten milliseconds, the first time for longer: not for a loop. */
MUST_CHECK bool ticket_sheets_pdf(const struct ticket_sheet *sheets, size_t count,
                                  const struct document_about *about, struct buffer *out);

#endif
