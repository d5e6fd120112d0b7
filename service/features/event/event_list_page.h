/* The data of list.html. */
#ifndef EINLASS_FEATURES_EVENT_EVENT_LIST_PAGE_H
#define EINLASS_FEATURES_EVENT_EVENT_LIST_PAGE_H

#include <jansson.h>
#include <stdint.h>

/* Sorts the list of the API into present, upcoming and past events, with texts in one language.
 * Returns a new reference, and leaves the list to the caller. */
json_t *event_list_page(const json_t *list, const char *language, int64_t now_us);

/* Returns a copy of an event of the list with title, summary and `when` (the data of the partial
 * {{> event/when}}) in one language. */
json_t *event_list_item(const json_t *event, const char *language);

#endif
