/* The events of a worker as this feature's own files see them; others have events.h. */
#ifndef EINLASS_FEATURES_EVENT_EVENTS_WORKER_H
#define EINLASS_FEATURES_EVENT_EVENTS_WORKER_H

#include "features/event/events.h"

struct events *events_create(struct worker *worker);

/* Who still waits is answered DB_STOPPING. Takes NULL. */
void events_destroy(struct events *events);

/* Some notification may have been missed. */
void events_forget_all(struct events *events);

/* As events_find(), by the number that ids made in an event carry. */
void events_find_number(struct worker *worker, uint32_t number, events_found *on_found,
                        void *context);

/* The definition in memory, NULL: it has to be asked for. Borrowed until the loop goes on. */
const struct event *events_now(struct worker *worker, const char *slug);
const struct event *events_number_now(struct worker *worker, uint32_t number);

/* The pages kept ready for this worker, and its list of events. */
struct event_pages *events_pages(struct worker *worker);
struct event_list *events_list(struct worker *worker);

#endif
