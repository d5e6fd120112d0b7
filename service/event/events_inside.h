/*
 * What the events of a worker are made of: definitions in memory, found by slug and by number, the
 * least recently used given up first. Known to events.c and events_counts.c only.
 */
#ifndef EINLASS_EVENT_EVENTS_INSIDE_H
#define EINLASS_EVENT_EVENTS_INSIDE_H

#include "event/event_cache.h"
#include "event/events.h"

struct search;   /* a query for a definition that is on its way: events.c */
struct counting; /* a query for counts: events_counts.c */

struct events {
    struct worker *worker;
    struct event_cache *cache;
    struct search *searches;
    size_t search_count;
    uint64_t forgettings; /* grows with every notice: what was asked before it may be old */
    struct counting *countings;
};

struct events *events_of(struct worker *worker);

/* The countings in flight end without counts; their queries clean up after themselves. */
void events_counts_stop(struct events *events);

#endif
