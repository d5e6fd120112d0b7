/* The data of event.html. */
#ifndef EINLASS_FEATURES_EVENT_EVENT_PAGE_H
#define EINLASS_FEATURES_EVENT_EVENT_PAGE_H

#include "event/event_view.h"

struct locale;

/* Returns texts in one language and times local to the event, a new reference. */
json_t *event_page(const struct event_view *view, const struct locale *locale);

#endif
