/*
 * The events of a worker: definitions in memory with what is known of their counts, bounded in
 * number and bytes. Known to events.c and events_counts.c only.
 */
#ifndef EINLASS_EVENT_EVENTS_INSIDE_H
#define EINLASS_EVENT_EVENTS_INSIDE_H

#include "event/events.h"

enum { EVENTS_BUCKETS = 1024 };

struct search;   /* a query for a definition that is on its way: events.c */
struct counting; /* a query for counts: events_counts.c */

struct event_entry {
    const struct event *event; /* a reference is held */
    int64_t loaded_at_us;      /* monotonic */

    struct event_counts *counts; /* on the heap; NULL: never asked for */
    uint64_t counts_generation;  /* see changes.h */
    int64_t counted_at_us;       /* monotonic */

    size_t bytes;
    struct event_entry *newer, *older; /* by use */
    struct event_entry *next_by_slug, *next_by_number;
};

struct events {
    struct worker *worker;
    struct event_entry *by_slug[EVENTS_BUCKETS], *by_number[EVENTS_BUCKETS];
    struct event_entry *newest, *oldest;
    size_t entry_count, entry_bytes;
    struct search *searches;
    size_t search_count;
    uint64_t forgettings; /* grows with every notice: what was asked before it may be old */
    struct counting *countings;
};

struct events *events_of(struct worker *worker);

/* NULL: not in memory. An entry that is found counts as used; valid until the loop goes on. */
struct event_entry *events_entry(struct events *events, uint32_t number);

/* The countings in flight end without counts; their queries clean up after themselves. */
void events_counts_stop(struct events *events);

#endif
