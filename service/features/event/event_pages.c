#include "features/event/event_pages.h"

#include "base/memory.h"
#include "worker.h"

struct slot {
    const struct event *event; /* held, so that no other definition can have its address */
    struct event_page_look look;
    struct event_counts counts;
    int64_t until_us;
    uint64_t used; /* when, by the count of uses */
    struct page *page;
};

struct event_pages {
    uint64_t uses;
    struct slot slots[EVENT_PAGES_MOST];
};

static void *create(struct worker *worker)
{
    (void)worker;
    return memory_alloc(sizeof(struct event_pages));
}

static void clear(struct slot *slot)
{
    if (slot->page) {
        page_release(slot->page);
        events_release(slot->event);
    }
    *slot = (struct slot){0};
}

static void destroy(void *state)
{
    struct event_pages *pages = state;
    for (int i = 0; i < EVENT_PAGES_MOST; i++)
        clear(&pages->slots[i]);
    free(pages);
}

static const struct worker_slot state_slot = {
    .name = "event pages", .create = create, .destroy = destroy};

/* What of the counts can be seen on the page. */
static struct event_counts shown(const struct event_counts *counts)
{
    struct event_counts shown = *counts;
    shown.confirmed = shown.admitted = shown.inside = 0;
    return shown;
}

static bool is_same(const struct event_page_look *a, const struct event_page_look *b)
{
    return a->locale == b->locale && a->embed == b->embed;
}

static struct slot *find_slot(struct event_pages *pages, const struct event *event,
                              const struct event_page_look *look)
{
    for (int i = 0; i < EVENT_PAGES_MOST; i++) {
        struct slot *slot = &pages->slots[i];
        if (slot->event == event && is_same(&slot->look, look))
            return slot;
    }
    return NULL;
}

struct page *event_pages_find(struct worker *worker, const struct event_view *view,
                              const struct event_page_look *look)
{
    struct event_pages *pages = worker_state(worker, &state_slot);
    struct slot *slot = find_slot(pages, view->event, look);
    struct event_counts counts = shown(view->counts);
    if (!slot || view->now_us >= slot->until_us ||
        memcmp(&slot->counts, &counts, sizeof counts) != 0)
        return NULL;
    slot->used = ++pages->uses;
    return slot->page;
}

/* Its old one, else an empty one (never used), else the one that was used longest ago. */
static struct slot *choose_slot(struct event_pages *pages, const struct event *event,
                                const struct event_page_look *look)
{
    struct slot *slot = find_slot(pages, event, look), *oldest = &pages->slots[0];
    for (int i = 1; i < EVENT_PAGES_MOST; i++) {
        if (pages->slots[i].used < oldest->used)
            oldest = &pages->slots[i];
    }
    return slot ? slot : oldest;
}

void event_pages_keep(struct worker *worker, const struct event_view *view,
                      const struct event_page_look *look, struct page *page)
{
    struct event_pages *pages = worker_state(worker, &state_slot);
    struct slot *slot = choose_slot(pages, view->event, look);
    clear(slot);
    slot->event = events_hold(view->event);
    slot->look = *look;
    slot->counts = shown(view->counts);
    slot->until_us = event_view_until_us(view);
    slot->used = ++pages->uses;
    slot->page = page;
}
