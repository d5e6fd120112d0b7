/*
 * Event definitions in memory with what is known of their counts: found by slug or number, bounded
 * in number and bytes, the least recently used given up first.
 */
#ifndef EINLASS_EVENT_EVENT_CACHE_H
#define EINLASS_EVENT_EVENT_CACHE_H

#include "event/event.h"
#include "event/events.h"

enum { EVENT_CACHE_EVENTS_MOST = 2000, EVENT_CACHE_BYTES_MOST = 16 * 1024 * 1024 };

struct event_cache;

/* Valid until the cache is changed. The counts are the owner's to fill in. */
struct event_entry {
    const struct event *event; /* the cache holds a reference */
    int64_t loaded_at_us;      /* monotonic */

    struct event_counts *counts; /* on the heap; NULL: never asked for */
    uint64_t counts_generation;  /* see changes.h */
    int64_t counted_at_us;       /* monotonic */

    size_t bytes;
    struct event_entry *newer, *older; /* by use */
    struct event_entry *next_by_slug, *next_by_number;
};

struct event_cache *event_cache_create(void);
void event_cache_destroy(struct event_cache *cache); /* takes NULL */

/* NULL: not there. What is found counts as used. */
struct event_entry *event_cache_by_slug(struct event_cache *cache, const char *slug);
struct event_entry *event_cache_by_number(struct event_cache *cache, uint32_t number);

/* Takes a reference of its own; replaces an entry of the same number or slug. `bytes`: about how
 * much memory the definition takes. */
void event_cache_put(struct event_cache *cache, const struct event *event, size_t bytes,
                     int64_t now_us);

void event_cache_forget(struct event_cache *cache, const struct id *event_id);
void event_cache_forget_all(struct event_cache *cache);

size_t event_cache_size(const struct event_cache *cache);

#endif
