/*
 * Tickets as a PDF (view/ticket_sheet.h): made from an event and its attendees on the loop, written
 * on a thread of the pool. Stands below all features, so that each may hand tickets out.
 */
#ifndef EINLASS_EVENT_TICKET_DOCUMENT_H
#define EINLASS_EVENT_TICKET_DOCUMENT_H

#include "base/memory.h"
#include "event/links.h"

struct event;
struct locale;
struct ticket_document;

struct ticket_holder {
    const char *name, *ticket_type; /* its slug */
    struct ticket_link link;
};

/* A document of so many tickets, at most TICKET_SHEETS_MOST, in the locale's language. Keeps
 * nothing of its arguments but the locale's wordings. */
struct ticket_document *ticket_document_create(const struct event *event,
                                               const struct locale *locale, size_t count);
void ticket_document_destroy(struct ticket_document *document);

/* The next one; copies all. */
void ticket_document_add(struct ticket_document *document, const struct event *event,
                         const struct ticket_holder *holder);

/* "Event title – Ada Lovelace.pdf", or of several tickets "Event title.pdf". */
const char *ticket_document_name(const struct ticket_document *document);

/* Appends the file; blocks, on any thread. False: it could not be made. */
MUST_CHECK bool ticket_document_write(const struct ticket_document *document, struct buffer *out);

#endif
