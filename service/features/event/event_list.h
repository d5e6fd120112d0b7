/* The published events: GET /api/v1/events and the start page. */
#ifndef EINLASS_FEATURES_EVENT_EVENT_LIST_H
#define EINLASS_FEATURES_EVENT_EVENT_LIST_H

struct request;

enum { EVENT_LIST_DEFAULT = 50, EVENT_LIST_MOST = 200 };

/* ?limit= (at most EVENT_LIST_MOST) and ?cursor= as the page before said in "next". */
void event_list_show(struct request *request);

#endif
