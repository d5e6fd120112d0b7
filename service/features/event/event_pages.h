/*
 * Event pages kept ready by one worker: a page is good for one definition, one look and one
 * set of counts, until registration opens or closes or the event ends.
 */
#ifndef EINLASS_FEATURES_EVENT_EVENT_PAGES_H
#define EINLASS_FEATURES_EVENT_EVENT_PAGES_H

#include "event/event_view.h"
#include "http/reply.h"

enum {
    EVENT_PAGES_MOST = 128, /* limit: event pages that a worker keeps ready */
};

struct locale;
struct worker;

/* What one page for everybody differs in from another for everybody. */
struct event_page_look {
    const struct locale *locale;
    const char *embed; /* as request_embed() says it: compared as a pointer */
};

/* NULL: there is none for what the view shows now. Borrowed until the next call. */
struct page *event_pages_find(struct worker *worker, const struct event_view *view,
                              const struct event_page_look *look);

/* Takes the reference to the page; the one that was used longest ago makes room. */
void event_pages_keep(struct worker *worker, const struct event_view *view,
                      const struct event_page_look *look, struct page *page);

#endif
