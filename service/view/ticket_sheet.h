/*
 * Tickets to print or to keep on a phone: one A4 page each, to fold in the middle. The upper half
 * is for the door and large enough to scan from a phone. The lower half is for the guest.
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
    const char *show_this;                                    /* how to use the code */
    const char *fold;
    const char *short_number; /* label */
    const char *short_number_hint;
    const char *online; /* text of the link to the ticket's page */
    const char *code;   /* alternative text of the QR code */
};

/* Texts are any UTF-8 (document.h); NULL or "" leaves a text out. */
struct ticket_sheet {
    const char *title; /* of the event */
    const char *organiser;
    const char *when; /* may have several lines */
    const char *zone; /* of these times, "Europe/Berlin" */
    const char *venue, *address;
    const char *map_url; /* link target of the venue */
    const char *name;    /* of the attendee */
    const char *ticket_type;
    const char *number;       /* "Ticket 1 of 3" */
    const char *short_number; /* "7K4M-2Q9X", by which staff find the person */
    const char *token;        /* content of the code */
    const char *url;          /* of the ticket's page */
    const char *accent;       /* "#2547c0"; NULL or anything else: the default colour */
    const struct ticket_sheet_words *words;
};

/* Appends the file. False: no sheets, too many, or a token too long for a code; nothing was
 * appended. Blocks for tens of milliseconds, the first time longer; do not call it on a loop. */
MUST_CHECK bool ticket_sheets_pdf(const struct ticket_sheet *sheets, size_t count,
                                  const struct document_about *about, struct buffer *out);

#endif
