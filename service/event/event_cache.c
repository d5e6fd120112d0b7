#include "event/event_cache.h"

#include "base/memory.h"

enum { BUCKETS = 1024 };

struct event_cache {
    struct event_entry *by_slug[BUCKETS], *by_number[BUCKETS];
    struct event_entry *newest, *oldest;
    size_t count, bytes;
};

struct event_cache *event_cache_create(void)
{
    return memory_alloc(sizeof(struct event_cache));
}

void event_cache_destroy(struct event_cache *cache)
{
    if (cache)
        event_cache_forget_all(cache);
    free(cache);
}

static struct event_entry **slug_bucket(struct event_cache *cache, const char *slug)
{
    uint32_t hash = 2166136261U; /* FNV-1a */
    for (; *slug; slug++)
        hash = (hash ^ (unsigned char)*slug) * 16777619U;
    return &cache->by_slug[hash % BUCKETS];
}

static struct event_entry **number_bucket(struct event_cache *cache, uint32_t number)
{
    return &cache->by_number[number % BUCKETS];
}

static void link_newest(struct event_cache *cache, struct event_entry *entry)
{
    entry->newer = NULL;
    entry->older = cache->newest;
    if (cache->newest)
        cache->newest->newer = entry;
    else
        cache->oldest = entry;
    cache->newest = entry;
}

static void unlink_use(struct event_cache *cache, struct event_entry *entry)
{
    *(entry->newer ? &entry->newer->older : &cache->newest) = entry->older;
    *(entry->older ? &entry->older->newer : &cache->oldest) = entry->newer;
}

static struct event_entry *use(struct event_cache *cache, struct event_entry *entry)
{
    if (entry && entry != cache->newest) {
        unlink_use(cache, entry);
        link_newest(cache, entry);
    }
    return entry;
}

struct event_entry *event_cache_by_slug(struct event_cache *cache, const char *slug)
{
    struct event_entry *entry = *slug_bucket(cache, slug);
    while (entry && strcmp(entry->event->slug, slug) != 0)
        entry = entry->next_by_slug;
    return use(cache, entry);
}

struct event_entry *event_cache_by_number(struct event_cache *cache, uint32_t number)
{
    struct event_entry *entry = *number_bucket(cache, number);
    while (entry && entry->event->number != number)
        entry = entry->next_by_number;
    return use(cache, entry);
}

static void drop(struct event_cache *cache, struct event_entry *entry)
{
    if (!entry)
        return;
    struct event_entry **at = slug_bucket(cache, entry->event->slug);
    while (*at != entry)
        at = &(*at)->next_by_slug;
    *at = entry->next_by_slug;
    at = number_bucket(cache, entry->event->number);
    while (*at != entry)
        at = &(*at)->next_by_number;
    *at = entry->next_by_number;
    unlink_use(cache, entry);
    cache->count--;
    cache->bytes -= entry->bytes;
    events_release(entry->event);
    free(entry->counts);
    free(entry);
}

static void make_room(struct event_cache *cache)
{
    while (cache->count > 1 &&
           (cache->count > EVENT_CACHE_EVENTS_MOST || cache->bytes > EVENT_CACHE_BYTES_MOST))
        drop(cache, cache->oldest);
}

void event_cache_put(struct event_cache *cache, const struct event *event, size_t bytes,
                     int64_t now_us)
{
    drop(cache, event_cache_by_slug(cache, event->slug));
    drop(cache, event_cache_by_number(cache, event->number));
    struct event_entry *entry = memory_alloc(sizeof *entry);
    entry->event = events_hold(event);
    entry->loaded_at_us = now_us;
    entry->bytes = bytes;
    struct event_entry **by_slug = slug_bucket(cache, event->slug);
    struct event_entry **by_number = number_bucket(cache, event->number);
    entry->next_by_slug = *by_slug;
    entry->next_by_number = *by_number;
    *by_slug = *by_number = entry;
    link_newest(cache, entry);
    cache->count++;
    cache->bytes += bytes;
    make_room(cache);
}

void event_cache_forget(struct event_cache *cache, const struct id *event_id)
{
    struct event_entry *entry = cache->newest;
    while (entry && !id_equal(&entry->event->id, event_id))
        entry = entry->older;
    drop(cache, entry);
}

void event_cache_forget_all(struct event_cache *cache)
{
    while (cache->newest)
        drop(cache, cache->newest);
}

size_t event_cache_size(const struct event_cache *cache)
{
    return cache->count;
}
