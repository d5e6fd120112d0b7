/* The published events: GET /api/v1/events and the start page. */
#ifndef EINLASS_FEATURES_EVENT_EVENT_LIST_H
#define EINLASS_FEATURES_EVENT_EVENT_LIST_H

#include <stdint.h>

struct request;
struct worker;

enum {
    EVENT_LIST_DEFAULT = 50,
    EVENT_LIST_MOST = 200, /* limit: events on a page of the list */
};

/* Reads ?limit= (at most EVENT_LIST_MOST) and ?cursor= ("next" of the page before). Each worker
 * caches the first page for two seconds, and its requests share one query. */
void event_list_show(struct request *request);

/* Drops the worker's first page. */
void event_list_forget(struct worker *worker);

#endif
