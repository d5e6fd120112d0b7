/* A worker's cache of event pages. A page is valid for one definition, one look and one set of
 * counts, until registration opens or closes or the event ends. */
#ifndef EINLASS_FEATURES_EVENT_EVENT_PAGES_H
#define EINLASS_FEATURES_EVENT_EVENT_PAGES_H

#include "event/event_view.h"
#include "http/reply.h"

enum {
    EVENT_PAGES_MOST = 128, /* limit: event pages that a worker keeps ready */
};

struct locale;
struct worker;

/* Differences between cached pages of the same event. */
struct event_page_look {
    const struct locale *locale;
    const char *embed; /* from request_embed(); compared as a pointer */
    uint64_t people;   /* a hash of who comes; the page is valid for these people only */
};

/* Returns NULL if no page is valid. The page is borrowed until the next call. */
struct page *event_pages_find(struct worker *worker, const struct event_view *view,
                              const struct event_page_look *look);

/* Takes the reference to the page. Replaces the least recently used page if the cache is full. */
void event_pages_keep(struct worker *worker, const struct event_view *view,
                      const struct event_page_look *look, struct page *page);

#endif
