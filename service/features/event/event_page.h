/* The data of the event's page: texts in one language, times local to the event. */
#ifndef EINLASS_FEATURES_EVENT_EVENT_PAGE_H
#define EINLASS_FEATURES_EVENT_EVENT_PAGE_H

#include "features/event/event_view.h"

struct locale;

/* For event.html. New reference. */
json_t *event_page(const struct event_view *view, const struct locale *locale);

/* When it takes place, for the partial {{> event/when}} on any page, under the name `when`. New
 * reference. */
json_t *event_page_when(const struct event *event);

/* Where a map of a place is. Appends the link. */
void event_page_map_url(const char *name, const char *address, struct buffer *out);

#endif
