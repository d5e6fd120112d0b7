/*
 * The ticket of whoever holds its token; the token is all they need. In the language of its
 * registration unless ?lang= asks for another.
 *
 *     GET /api/v1/tickets/{ticket} and the page /tickets/{ticket}
 *     {"token", "url", "qr_svg_url", "qr_png_url", "pdf_url", "calendar_url", "state",
 * "expires_at", "event": {"slug", "title", "timezone", "starts_at", "ends_at", "venue": {"name",
 * "address"}}, "attendee": {"name", "ticket_type", "ticket_type_title", "status"}}
 *
 * State: valid; not_confirmed (the registration lost its confirmation); cancelled; replaced (there
 * is a newer ticket, which may be somebody else's: "attendee" is null); expired.
 *
 *     GET /tickets/{ticket}/qr.svg and qr.png: the QR code alone
 *     GET /tickets/{ticket}/ticket.pdf: to print
 *     GET /tickets/{ticket}/calendar.ics: the event for a calendar, with the way to the ticket
 *
 * These are 410 unless the ticket is valid. Printing takes a thread for a while: whoever has one
 * ticket printed over and over is told to wait (429).
 */
#ifndef EINLASS_FEATURES_TICKET_TICKET_PAGE_H
#define EINLASS_FEATURES_TICKET_TICKET_PAGE_H

enum {
    TICKET_PAGE_PRINTS_AN_HOUR = 60, /* limit: prints of one ticket, of a worker */
    TICKET_PAGE_PRINTS_MOST = 20,    /* limit: prints of one ticket at once, of a worker */
};                                   /* of one ticket */

struct request;

void ticket_page_show(struct request *request);
void ticket_page_svg(struct request *request);
void ticket_page_png(struct request *request);
void ticket_page_pdf(struct request *request);
void ticket_page_calendar(struct request *request);

#endif
