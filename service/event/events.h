/* A worker's cache of event definitions and their counts. Notifications keep it fresh. With it the
 * worker checks sign-ups and shows event pages without the database. */
#ifndef EINLASS_EVENT_EVENTS_H
#define EINLASS_EVENT_EVENTS_H

#include "event/event.h"

struct request;
struct worker;

/* Counts of an event and of its ticket types. */
struct event_counts {
    int64_t capacity, places_left; /* -1: no limit */
    int64_t places_at_door;        /* for walk-ins; -1: no limit */
    int64_t waitlisted;
    int64_t expected, admitted, inside;   /* of the event's day at the time of the query */
    int32_t admitted_on[EVENT_DAYS_MOST]; /* in the order of event->days */
    /* In the order of event->ticket_types, at most those of the event. */
    int64_t type_places_left[EVENT_TICKET_TYPES_MOST];
    int64_t type_places_at_door[EVENT_TICKET_TYPES_MOST];
};

/* Finds an event by slug. on_found runs once, after the call has returned, and gets a reference
 * that it releases with events_release. event NULL: it does not exist (db_outcome DB_DONE), or the
 * database failed. */
typedef void events_found(void *context, const struct event *event, int db_outcome);
void events_find(struct worker *worker, const char *slug, events_found *on_found, void *context);

/* Finds an event by the number in the ids that were made for it. */
void events_find_number(struct worker *worker, uint32_t number, events_found *on_found,
                        void *context);

/* Return the cached definition, or NULL. It is borrowed until the caller returns to the loop. */
const struct event *events_now(struct worker *worker, const char *slug);
const struct event *events_number_now(struct worker *worker, uint32_t number);

const struct event *events_hold(const struct event *event);
void events_release(const struct event *event);

/* Tells all workers of the process that the event's counts have changed. Call it between the commit
 * and the answer. Then an answered client never sees older counts on any worker. Thread-safe. */
void changes_note(struct worker *worker, const struct id *event_id);

/* The same for a change of the event's definition: no worker of the process uses an older one
 * afterwards. */
void events_changed(struct worker *worker, const struct id *event_id);

/* Returns a number that grows with every change of the event (and of a few others). Counts are
 * current while the number is the same as before their query. */
uint64_t changes_generation(struct worker *worker, const struct id *event_id);

/* Returns the cached counts if they are current, or NULL. They are valid until the caller returns
 * to the loop. */
const struct event_counts *events_counts_now(struct worker *worker, const struct event *event);

/* Reads the counts. All callers for an event share one query. on_counted runs once, after the call
 * has returned. counts NULL: the database failed. */
typedef void events_counted(void *context, const struct event_counts *counts);
void events_count(struct worker *worker, const struct event *event, events_counted *on_counted,
                  void *context);

/* Drops a definition after a notification. */
void events_forget(struct worker *worker, const struct id *event_id);

/* Drops all definitions, because a notification may have been missed. */
void events_forget_all(struct worker *worker);

#endif
