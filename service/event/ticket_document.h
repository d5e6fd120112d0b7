/* Tickets as a PDF (view/ticket_sheet.h). Create the document on the loop, and write it on a thread
 * of the pool. */
#ifndef EINLASS_EVENT_TICKET_DOCUMENT_H
#define EINLASS_EVENT_TICKET_DOCUMENT_H

#include "base/memory.h"
#include "event/links.h"

struct event;
struct locale;
struct ticket_document;

struct ticket_holder {
    const char *name, *ticket_type; /* its slug */
    struct id attendee_id;
    struct ticket_link link;
};

/* Makes a document for `count` tickets, at most TICKET_SHEETS_MOST, in the locale's language. Free
 * it with ticket_document_destroy. It keeps only the locale's words. */
struct ticket_document *ticket_document_create(const struct event *event,
                                               const struct locale *locale, size_t count);
void ticket_document_destroy(struct ticket_document *document);

/* Adds the next ticket. Copies its arguments. */
void ticket_document_add(struct ticket_document *document, const struct event *event,
                         const struct ticket_holder *holder);

/* Returns "Event title – Ada Lovelace.pdf", or "Event title.pdf" for several tickets. */
const char *ticket_document_name(const struct ticket_document *document);

/* Appends the file. Blocks, and may run on any thread. False: the PDF failed. */
MUST_CHECK bool ticket_document_write(const struct ticket_document *document, struct buffer *out);

#endif
