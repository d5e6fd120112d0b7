#include "features/event/event_pages.h"

#include "base/memory.h"
#include "worker.h"

struct entry {
    const struct event *event; /* held, so that no other definition gets its address */
    struct event_page_look look;
    struct event_counts counts;
    int64_t until_us;
    uint64_t used; /* event_pages.uses at the last use; 0: never */
    struct page *page;
};

struct event_pages {
    uint64_t uses;
    struct entry entries[EVENT_PAGES_MOST];
};

static void *create(struct worker *worker)
{
    (void)worker;
    return memory_alloc(sizeof(struct event_pages));
}

static void clear(struct entry *entry)
{
    if (entry->page) {
        page_release(entry->page);
        events_release(entry->event);
    }
    *entry = (struct entry){0};
}

static void destroy(void *state)
{
    struct event_pages *pages = state;
    for (int i = 0; i < EVENT_PAGES_MOST; i++)
        clear(&pages->entries[i]);
    free(pages);
}

static const struct worker_slot state_slot = {
    .name = "event pages", .create = create, .destroy = destroy};

/* Clears the counts that the page does not show. */
static struct event_counts shown(const struct event_counts *counts)
{
    struct event_counts shown = *counts;
    shown.expected = shown.admitted = shown.inside = 0;
    memset(shown.admitted_on, 0, sizeof shown.admitted_on);
    return shown;
}

static bool is_same(const struct event_page_look *a, const struct event_page_look *b)
{
    return a->locale == b->locale && a->embed == b->embed;
}

static struct entry *find_entry(struct event_pages *pages, const struct event *event,
                                const struct event_page_look *look)
{
    for (int i = 0; i < EVENT_PAGES_MOST; i++) {
        struct entry *entry = &pages->entries[i];
        if (entry->event == event && is_same(&entry->look, look))
            return entry;
    }
    return NULL;
}

struct page *event_pages_find(struct worker *worker, const struct event_view *view,
                              const struct event_page_look *look)
{
    struct event_pages *pages = worker_state(worker, &state_slot);
    struct entry *entry = find_entry(pages, view->event, look);
    struct event_counts counts = shown(view->counts);
    if (!entry || view->now_us >= entry->until_us || entry->look.people != look->people ||
        memcmp(&entry->counts, &counts, sizeof counts) != 0)
        return NULL;
    entry->used = ++pages->uses;
    return entry->page;
}

/* Prefers the same event and look, then an empty entry, then the least recently used one. */
static struct entry *choose_entry(struct event_pages *pages, const struct event *event,
                                  const struct event_page_look *look)
{
    struct entry *entry = find_entry(pages, event, look), *oldest = &pages->entries[0];
    for (int i = 1; i < EVENT_PAGES_MOST; i++) {
        if (pages->entries[i].used < oldest->used)
            oldest = &pages->entries[i];
    }
    return entry ? entry : oldest;
}

void event_pages_keep(struct worker *worker, const struct event_view *view,
                      const struct event_page_look *look, struct page *page)
{
    struct event_pages *pages = worker_state(worker, &state_slot);
    struct entry *entry = choose_entry(pages, view->event, look);
    clear(entry);
    entry->event = events_hold(view->event);
    entry->look = *look;
    entry->counts = shown(view->counts);
    entry->until_us = event_view_until_us(view);
    entry->used = ++pages->uses;
    entry->page = page;
}
