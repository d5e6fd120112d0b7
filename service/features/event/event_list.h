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

/* ?limit= (at most EVENT_LIST_MOST) and ?cursor= as the page before said in "next". */
void event_list_show(struct request *request);

/*
 * The first page of one worker, which everybody asks for: kept for a second or two, and asked for
 * once at a time, so that it costs the database the same however many look at it.
 */
void event_list_forget(struct worker *worker);

#endif
