/*
 * Event pages kept ready by one worker: a page is good for one definition, one look and one
 * set of counts, until registration opens or closes or the event ends.
 */
#ifndef EINLASS_FEATURES_EVENT_EVENT_PAGES_H
#define EINLASS_FEATURES_EVENT_EVENT_PAGES_H

#include "features/event/event_view.h"
#include "http/reply.h"

enum { EVENT_PAGES_MOST = 128 };

struct event_pages;
struct locale;

/* What one page for everybody differs in from another for everybody. */
struct event_page_look {
    const struct locale *locale;
    const char *embed; /* as request_embed() says it: compared as a pointer */
};

struct event_pages *event_pages_create(void);
void event_pages_destroy(struct event_pages *pages); /* takes NULL */

/* NULL: there is none for what the view shows now. Borrowed until the next call. */
struct page *event_pages_find(struct event_pages *pages, const struct event_view *view,
                              const struct event_page_look *look);

/* Takes the reference to the page; the one that was used longest ago makes room. */
void event_pages_keep(struct event_pages *pages, const struct event_view *view,
                      const struct event_page_look *look, struct page *page);

#endif
