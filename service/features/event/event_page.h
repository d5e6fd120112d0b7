/* The data of the event's page: texts in one language, times local to the event. */
#ifndef EINLASS_FEATURES_EVENT_EVENT_PAGE_H
#define EINLASS_FEATURES_EVENT_EVENT_PAGE_H

#include "event/event_view.h"

struct locale;

/* For event.html. New reference. */
json_t *event_page(const struct event_view *view, const struct locale *locale);

#endif
