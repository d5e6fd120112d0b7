/*
 * The mailings of an event.
 *
 *   GET  /events/{event}/mailings        {"mailings": [mailing_view.h], "next"}, the newest first
 *   GET  /events/{event}/mailings/new    asks what for (the desk)
 *   POST /events/{event}/mailings        {"purpose"}: makes a draft for the people and with the
 * texts that this purpose starts with. People are also chosen in their list
 * (features/attendee/bulk.h).
 */
#ifndef EINLASS_FEATURES_MAILING_MAILINGS_H
#define EINLASS_FEATURES_MAILING_MAILINGS_H

struct request;

enum { MAILINGS_PAGE = 50 /* limit: group mails on a page of their list */ };

void mailings_list(struct request *request);
void mailings_ask(struct request *request);
void mailings_make(struct request *request);

#endif
