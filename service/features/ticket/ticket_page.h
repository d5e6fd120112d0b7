/*
 * The pages of a ticket. The path contains the token, and needs no other key. The language is that
 * of the registration, or ?lang=.
 *
 *     GET /api/v1/tickets/{ticket} and the page /tickets/{ticket}
 *     {"token", "url", "qr_svg_url", "qr_png_url", "pdf_url", "calendar_url", "state",
 * "expires_at", "event": {"slug", "title", "timezone", "starts_at", "ends_at", "venue": {"name",
 * "address"}}, "attendee": {"name", "number", "ticket_type", "ticket_type_title", "status"}}
 *
 * The state is valid, not_confirmed (the registration lost its confirmation), cancelled, replaced
 * (there is a newer ticket, maybe of another person: "attendee" is null) or expired.
 *
 *     GET /tickets/{ticket}/qr.svg and qr.png: the QR code alone
 *     GET /tickets/{ticket}/ticket.pdf: to print
 *     GET /tickets/{ticket}/calendar.ics: the event for a calendar, with a link to the ticket
 *
 * These answer 410 if the ticket is not valid. Printing occupies a thread, so it has a rate limit
 * (429).
 */
#ifndef EINLASS_FEATURES_TICKET_TICKET_PAGE_H
#define EINLASS_FEATURES_TICKET_TICKET_PAGE_H

struct request;

void ticket_page_show(struct request *request);
void ticket_page_svg(struct request *request);
void ticket_page_png(struct request *request);
void ticket_page_pdf(struct request *request);
void ticket_page_calendar(struct request *request);

#endif
