/*
 * The event definitions one worker holds in memory, kept fresh by notifications, with their counts:
 * a sign-up is checked and an event page shown without asking the database.
 */
#ifndef EINLASS_EVENT_EVENTS_H
#define EINLASS_EVENT_EVENTS_H

#include "event/event.h"

struct request;
struct worker;

/* Counts of an event and of its ticket types, as of the database's last word. */
struct event_counts {
    int64_t capacity, places_left; /* -1: without limit */
    int64_t confirmed, waitlisted, admitted, inside;
    /* In the order of event->ticket_types. No type has more than the event. */
    int64_t type_places_left[EVENT_TICKET_TYPES_MOST];
};

/* The dispatcher's step: finds the event that {event} (slug), {registration} (id, which tells the
 * event's number) or {ticket} (its claim aud) names, sets the scope if there is one, and continues
 * the request; or answers 503. */
void events_find_scope(struct request *request);

/* An event by slug or number; on_found runs once, never before the call returned; event NULL:
 * there is none (outcome DB_DONE) or the database could not say. The caller holds a reference it
 * gives back with events_release. */
typedef void events_found(void *context, const struct event *event, int db_outcome);
void events_find(struct worker *worker, const char *slug, events_found *on_found, void *context);

/* As events_find(), by the number that ids made in an event carry. */
void events_find_number(struct worker *worker, uint32_t number, events_found *on_found,
                        void *context);

/* The definition in memory, NULL: it has to be asked for. Borrowed until the loop goes on. */
const struct event *events_now(struct worker *worker, const char *slug);
const struct event *events_number_now(struct worker *worker, uint32_t number);

const struct event *events_hold(const struct event *event);
void events_release(const struct event *event);

/* Tells all workers of the process that the event's counts have changed. Call it after the database
 * has committed the change and before the answer: then an answered client never sees older counts,
 * on any worker. From any thread. */
void changes_note(struct worker *worker, const struct id *event_id);

/* Grows with every change of the event (and of those that share its slot). Read it before asking
 * the database; counts read then are current while it stays the same. */
uint64_t changes_generation(struct worker *worker, const struct id *event_id);

/* The counts in memory if they are current, else NULL: then ask with
 * events_count(). Valid until the caller returns to the loop. */
const struct event_counts *events_counts_now(struct worker *worker, const struct event *event);

/* Asks for the counts, at most once at a time and event however many want them. on_counted runs
 * once, never before the call returned; NULL: the database could not say. */
typedef void events_counted(void *context, const struct event_counts *counts);
void events_count(struct worker *worker, const struct event *event, events_counted *on_counted,
                  void *context);

/* Forgets a definition that the database called stale; the next find asks anew. */
void events_forget(struct worker *worker, const struct id *event_id);

/* Some notification may have been missed. */
void events_forget_all(struct worker *worker);

#endif
