/* The list of events as the data of list.html. */
#ifndef EINLASS_FEATURES_EVENT_EVENT_LIST_PAGE_H
#define EINLASS_FEATURES_EVENT_EVENT_LIST_PAGE_H

#include <jansson.h>
#include <stdint.h>

/* Takes nothing of the list, which is that of the API: what takes place now, what is to come and
 * what is over apart, with the texts of one language. New reference. */
json_t *event_list_page(const json_t *list, const char *language, int64_t now_us);

#endif
