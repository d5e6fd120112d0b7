#include "event/events.h"

#include <event2/event.h>

#include "base/clock.h"
#include "base/memory.h"
#include "db/db.h"
#include "event/event_load.h"
#include "event/events_inside.h"
#include "statements.h"
#include "worker.h"

enum {
    SEARCHES_MOST = 512,
    KEPT_MOST = 2000, /* definitions; the least recently used is given up first */
    KEPT_BYTES_MOST = 16 * 1024 * 1024,
};

/* Notifications keep definitions fresh; this is for the one that was lost all the same. */
static const int64_t age_most_us = 60 * CLOCK_SECOND_US;

/* What a definition takes in memory beside its texts, which are about as long as its JSON. */
static const size_t overhead_bytes = 8192;

struct waiter {
    struct waiter *next;
    events_found *on_found;
    void *context;
    const struct event *event; /* once it waits for nothing but its turn on the loop */
    int outcome;
};

struct search {
    struct search *next;
    struct events *events;          /* NULL: the worker has stopped */
    char slug[EVENT_SLUG_MOST + 1]; /* "": by number */
    uint32_t number;
    uint64_t forgettings; /* of the events when it began */
    struct waiter *waiters;
};

const struct event *events_hold(const struct event *event)
{
    ((struct event *)event)->references++;
    return event;
}

void events_release(const struct event *event)
{
    struct event *mine = (struct event *)event;
    if (--mine->references > 0)
        return;
    arena_finish(&mine->arena);
    free(mine);
}

/* --- In memory ------------------------------------------------------------------------------- */

static struct event_entry **slug_bucket(struct events *events, const char *slug)
{
    uint32_t hash = 2166136261U; /* FNV-1a */
    for (; *slug; slug++)
        hash = (hash ^ (unsigned char)*slug) * 16777619U;
    return &events->by_slug[hash % EVENTS_BUCKETS];
}

static struct event_entry **number_bucket(struct events *events, uint32_t number)
{
    return &events->by_number[number % EVENTS_BUCKETS];
}

static void link_newest(struct events *events, struct event_entry *entry)
{
    entry->newer = NULL;
    entry->older = events->newest;
    if (events->newest)
        events->newest->newer = entry;
    else
        events->oldest = entry;
    events->newest = entry;
}

static void unlink_use(struct events *events, struct event_entry *entry)
{
    *(entry->newer ? &entry->newer->older : &events->newest) = entry->older;
    *(entry->older ? &entry->older->newer : &events->oldest) = entry->newer;
}

static struct event_entry *use(struct events *events, struct event_entry *entry)
{
    if (entry && entry != events->newest) {
        unlink_use(events, entry);
        link_newest(events, entry);
    }
    return entry;
}

static struct event_entry *entry_by_slug(struct events *events, const char *slug)
{
    struct event_entry *entry = *slug_bucket(events, slug);
    while (entry && strcmp(entry->event->slug, slug) != 0)
        entry = entry->next_by_slug;
    return use(events, entry);
}

struct event_entry *events_entry(struct events *events, uint32_t number)
{
    struct event_entry *entry = *number_bucket(events, number);
    while (entry && entry->event->number != number)
        entry = entry->next_by_number;
    return use(events, entry);
}

static void drop(struct events *events, struct event_entry *entry)
{
    if (!entry)
        return;
    struct event_entry **at = slug_bucket(events, entry->event->slug);
    while (*at != entry)
        at = &(*at)->next_by_slug;
    *at = entry->next_by_slug;
    at = number_bucket(events, entry->event->number);
    while (*at != entry)
        at = &(*at)->next_by_number;
    *at = entry->next_by_number;
    unlink_use(events, entry);
    events->entry_count--;
    events->entry_bytes -= entry->bytes;
    events_release(entry->event);
    free(entry->counts);
    free(entry);
}

static void make_room(struct events *events)
{
    while (events->entry_count > 1 &&
           (events->entry_count > KEPT_MOST || events->entry_bytes > KEPT_BYTES_MOST))
        drop(events, events->oldest);
}

static void put(struct events *events, const struct event *event, size_t bytes, int64_t now_us)
{
    drop(events, entry_by_slug(events, event->slug));
    drop(events, events_entry(events, event->number));
    struct event_entry *entry = memory_alloc(sizeof *entry);
    entry->event = events_hold(event);
    entry->loaded_at_us = now_us;
    entry->bytes = bytes;
    struct event_entry **by_slug = slug_bucket(events, event->slug);
    struct event_entry **by_number = number_bucket(events, event->number);
    entry->next_by_slug = *by_slug;
    entry->next_by_number = *by_number;
    *by_slug = *by_number = entry;
    link_newest(events, entry);
    events->entry_count++;
    events->entry_bytes += bytes;
    make_room(events);
}

static void drop_all(struct events *events)
{
    while (events->newest)
        drop(events, events->newest);
}

/* --- Life ------------------------------------------------------------------------------------ */

static void *create(struct worker *worker)
{
    struct events *events = memory_alloc(sizeof *events);
    events->worker = worker;
    return events;
}

static void answer(struct waiter *waiter, const struct event *event, int outcome)
{
    waiter->on_found(waiter->context, event ? events_hold(event) : NULL, outcome);
    free(waiter);
}

static void answer_all(struct search *search, const struct event *event, int outcome)
{
    while (search->waiters) {
        struct waiter *waiter = search->waiters;
        search->waiters = waiter->next;
        answer(waiter, event, outcome);
    }
}

static void destroy(void *state)
{
    struct events *events = state;
    for (struct search *search = events->searches; search; search = search->next) {
        search->events = NULL;
        answer_all(search, NULL, DB_STOPPING);
    }
    events_counts_stop(events);
    drop_all(events);
    free(events);
}

static const struct worker_slot slot = {.name = "events", .create = create, .destroy = destroy};

struct events *events_of(struct worker *worker)
{
    return worker_state(worker, &slot);
}

/* --- Finding --------------------------------------------------------------------------------- */

/* In memory and fresh; NULL: the database has to be asked. */
static const struct event *look_up(struct events *events, const char *slug, uint32_t number)
{
    struct event_entry *entry = slug ? entry_by_slug(events, slug) : events_entry(events, number);
    if (!entry || clock_monotonic_us() - entry->loaded_at_us > age_most_us)
        return NULL;
    return entry->event;
}

static void unlink_search(struct search *search)
{
    struct search **at = &search->events->searches;
    while (*at != search)
        at = &(*at)->next;
    *at = search->next;
    search->events->search_count--;
}

static void on_loaded(void *context, const struct db_result *result)
{
    struct search *search = context;
    struct event *event = NULL;
    db_log_refused(result, NULL);
    if (search->events) {
        struct events *events = search->events;
        unlink_search(search);
        if (result->outcome == DB_DONE)
            event = event_load_row(result->rows);
        if (event && search->forgettings == events->forgettings) {
            size_t bytes = strlen(rows_text(result->rows, 0, "definition")) + overhead_bytes;
            put(events, event, bytes, clock_monotonic_us());
        }
    }
    answer_all(search, event, (int)result->outcome);
    if (event)
        events_release(event);
    free(search);
}

/* One that is under way for the same event and cannot bring an answer that is already old. */
static struct search *find_search(struct events *events, const char *slug, uint32_t number)
{
    struct search *search = events->searches;
    while (search && (search->forgettings != events->forgettings ||
                      (slug ? strcmp(search->slug, slug) != 0
                            : *search->slug != '\0' || search->number != number)))
        search = search->next;
    return search;
}

static struct search *start_search(struct events *events, const char *slug, uint32_t number)
{
    struct search *search = memory_alloc(sizeof *search);
    const int64_t wanted_number = number;
    const struct event_load wanted = {.slug = slug, .number = slug ? NULL : &wanted_number};
    search->events = events;
    search->forgettings = events->forgettings;
    search->number = number;
    search->next = events->searches;
    events->searches = search;
    events->search_count++;
    if (slug)
        snprintf(search->slug, sizeof search->slug, "%s", slug);
    db_ask(events->worker->db, event_load_params(&wanted), on_loaded, search);
    return search;
}

static void on_turn(evutil_socket_t fd, short what, void *context)
{
    struct waiter *waiter = context;
    const struct event *event = waiter->event;
    (void)fd;
    (void)what;
    waiter->on_found(waiter->context, event, waiter->outcome);
    free(waiter);
}

static void answer_later(struct events *events, struct waiter *waiter, const struct event *event,
                         int outcome)
{
    const struct timeval now = {0};
    waiter->event = event ? events_hold(event) : NULL;
    waiter->outcome = outcome;
    if (event_base_once(events->worker->loop, -1, EV_TIMEOUT, on_turn, waiter, &now) != 0)
        abort(); /* out of memory */
}

static bool is_slug(const char *slug)
{
    return *slug != '\0' && strlen(slug) <= EVENT_SLUG_MOST;
}

static void find(struct events *events, const char *slug, uint32_t number, struct waiter *waiter)
{
    const struct event *known = look_up(events, slug, number);
    struct search *search = known ? NULL : find_search(events, slug, number);
    if (known) {
        answer_later(events, waiter, known, DB_DONE);
        return;
    }
    if (!search && events->search_count >= SEARCHES_MOST) {
        answer_later(events, waiter, NULL, DB_FULL);
        return;
    }
    if (!search)
        search = start_search(events, slug, number);
    waiter->next = search->waiters;
    search->waiters = waiter;
}

static struct waiter *make_waiter(events_found *on_found, void *context)
{
    struct waiter *waiter = memory_alloc(sizeof *waiter);
    waiter->on_found = on_found;
    waiter->context = context;
    return waiter;
}

void events_find(struct worker *worker, const char *slug, events_found *on_found, void *context)
{
    struct waiter *waiter = make_waiter(on_found, context);
    if (is_slug(slug))
        find(events_of(worker), slug, 0, waiter);
    else
        answer_later(events_of(worker), waiter, NULL, DB_DONE);
}

void events_find_number(struct worker *worker, uint32_t number, events_found *on_found,
                        void *context)
{
    struct waiter *waiter = make_waiter(on_found, context);
    if (number >= 1 && number <= INT32_MAX)
        find(events_of(worker), NULL, number, waiter);
    else
        answer_later(events_of(worker), waiter, NULL, DB_DONE);
}

const struct event *events_now(struct worker *worker, const char *slug)
{
    return look_up(events_of(worker), slug, 0);
}

const struct event *events_number_now(struct worker *worker, uint32_t number)
{
    return look_up(events_of(worker), NULL, number);
}

void events_forget(struct worker *worker, const struct id *event_id)
{
    struct events *events = events_of(worker);
    events->forgettings++;
    struct event_entry *entry = events->newest;
    while (entry && !id_equal(&entry->event->id, event_id))
        entry = entry->older;
    drop(events, entry);
}

void events_forget_all(struct worker *worker)
{
    struct events *events = events_of(worker);
    events->forgettings++;
    drop_all(events);
}
