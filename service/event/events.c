#include "event/events.h"

#include <event2/event.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "base/memory.h"
#include "db/db.h"
#include "event/event_load.h"
#include "statements.h"
#include "worker.h"

enum { BUCKETS = 1024 };

struct search;
struct counting;

struct event_entry {
    const struct event *event; /* held */
    int64_t loaded_at_us;      /* monotonic */
    uint64_t definitions;      /* of the event, see events_changed() */

    struct event_counts *counts; /* on the heap; NULL: never read */
    uint64_t counts_generation;  /* see changes_generation() */
    int64_t counted_at_us;       /* monotonic */

    size_t bytes;
    struct event_entry *newer, *older; /* by last use */
    struct event_entry *next_by_slug, *next_by_number;
};

struct events {
    struct worker *worker;
    struct event_entry *by_slug[BUCKETS], *by_number[BUCKETS];
    struct event_entry *newest, *oldest;
    size_t entry_count, entry_bytes;
    struct search *searches;
    size_t search_count;
    uint64_t forgettings; /* counts notices; the result of an earlier query may be stale */
    struct counting *countings;
};

/* --- Changes of counts ---------------------------------------------------------------------------
 */

enum { CHANGE_COUNTERS = 4096 };

struct changes {
    atomic_uint_least64_t counters[CHANGE_COUNTERS];
    atomic_uint_least64_t definitions[CHANGE_COUNTERS]; /* changes of definitions */
    atomic_uint_least64_t all_definitions;
};

static void *create_changes(struct worker *worker)
{
    (void)worker;
    return memory_alloc(sizeof(struct changes));
}

static const struct worker_slot changes_slot = {
    .name = "changes", .shared = true, .create = create_changes};

/* Multiplies the halves, because ids made one after another differ in few bits. */
static size_t counter_index(const struct id *event_id)
{
    uint64_t halves[2];
    memcpy(halves, event_id->bytes, sizeof halves);
    uint64_t mixed = (halves[0] ^ halves[1]) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(mixed >> 52);
}

/* Release and acquire: a worker that sees the new number also sees all earlier commits. */
void changes_note(struct worker *worker, const struct id *event_id)
{
    struct changes *changes = worker_state(worker, &changes_slot);
    atomic_fetch_add_explicit(&changes->counters[counter_index(event_id)], 1, memory_order_release);
}

uint64_t changes_generation(struct worker *worker, const struct id *event_id)
{
    const struct changes *changes = worker_state(worker, &changes_slot);
    return atomic_load_explicit(&changes->counters[counter_index(event_id)], memory_order_acquire);
}

void events_changed(struct worker *worker, const struct id *event_id)
{
    struct changes *changes = worker_state(worker, &changes_slot);
    atomic_fetch_add_explicit(&changes->definitions[counter_index(event_id)], 1,
                              memory_order_release);
    atomic_fetch_add_explicit(&changes->all_definitions, 1, memory_order_release);
}

static uint64_t definitions_of(struct worker *worker, const struct id *event_id)
{
    const struct changes *changes = worker_state(worker, &changes_slot);
    return atomic_load_explicit(&changes->definitions[counter_index(event_id)],
                                memory_order_acquire);
}

static uint64_t all_definitions(struct worker *worker)
{
    const struct changes *changes = worker_state(worker, &changes_slot);
    return atomic_load_explicit(&changes->all_definitions, memory_order_acquire);
}

/* --- Definitions ---------------------------------------------------------------------------------
 */

enum {
    SEARCHES_MOST = 512,
    KEPT_MOST = 2000, /* definitions; the least recently used one is dropped first */
    KEPT_BYTES_MOST = 16 * 1024 * 1024,
};

/* Notifications keep definitions fresh. This limit is for lost notifications. */
static const int64_t age_most_us = 60 * CLOCK_SECOND_US;

/* Memory of a definition without its texts, which are about as long as its JSON. */
static const size_t overhead_bytes = 8192;

struct waiter {
    struct waiter *next;
    events_found *on_found;
    void *context;
    const struct event *event; /* the answer, while the call waits on the loop */
    int outcome;
};

/* A running query for a definition, and its callers. */
struct search {
    struct search *next;
    struct events *events;          /* NULL: the worker has stopped */
    char slug[EVENT_SLUG_MOST + 1]; /* "": by number */
    uint32_t number;
    uint64_t forgettings, all_definitions; /* when the query was sent */
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

/* --- Entries of the cache -------------------------------------------------------------------- */

static struct event_entry **slug_bucket(struct events *events, const char *slug)
{
    uint32_t hash = 2166136261U; /* FNV-1a */
    for (; *slug; slug++)
        hash = (hash ^ (unsigned char)*slug) * 16777619U;
    return &events->by_slug[hash % BUCKETS];
}

static struct event_entry **number_bucket(struct events *events, uint32_t number)
{
    return &events->by_number[number % BUCKETS];
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

static struct event_entry *events_entry(struct events *events, uint32_t number)
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
    entry->definitions = definitions_of(events->worker, &event->id);
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

/* Running queries free themselves later. */
static void stop_counting(struct events *events);

static void destroy(void *state)
{
    struct events *events = state;
    for (struct search *search = events->searches; search; search = search->next) {
        search->events = NULL;
        answer_all(search, NULL, DB_STOPPING);
    }
    stop_counting(events);
    drop_all(events);
    free(events);
}

static const struct worker_slot slot = {.name = "events", .create = create, .destroy = destroy};

static struct events *events_of(struct worker *worker)
{
    return worker_state(worker, &slot);
}

/* --- Finding --------------------------------------------------------------------------------- */

/* Returns NULL if the cache has no fresh definition. */
static const struct event *look_up(struct events *events, const char *slug, uint32_t number)
{
    struct event_entry *entry = slug ? entry_by_slug(events, slug) : events_entry(events, number);
    if (!entry || clock_monotonic_us() - entry->loaded_at_us > age_most_us ||
        entry->definitions != definitions_of(events->worker, &entry->event->id))
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

/* Whether no definition has changed since the query was sent. */
static bool is_current(const struct search *search)
{
    return search->forgettings == search->events->forgettings &&
           search->all_definitions == all_definitions(search->events->worker);
}

static void on_loaded(void *context, const struct db_result *result)
{
    struct search *search = context;
    struct event *event = NULL;
    if (search->events) {
        struct events *events = search->events;
        unlink_search(search);
        if (result->outcome == DB_DONE)
            event = event_load_row(result->rows);
        if (event && is_current(search)) {
            size_t bytes = strlen(rows_text(result->rows, 0, "definition")) + overhead_bytes;
            put(events, event, bytes, clock_monotonic_us());
        }
    }
    answer_all(search, event, (int)result->outcome);
    if (event)
        events_release(event);
    free(search);
}

/* Returns a running query for the same event whose result is not stale already, or NULL. */
static struct search *find_search(struct events *events, const char *slug, uint32_t number)
{
    struct search *search = events->searches;
    while (search &&
           (!is_current(search) || (slug ? strcmp(search->slug, slug) != 0
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
    search->all_definitions = all_definitions(events->worker);
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

/* --- Counts --------------------------------------------------------------------------------------
 */

/* Changes of other processes do not raise the generation. So counts older than the first limit are
 * read again after the answer, and counts older than the second are not used. */
static const int64_t counts_refresh_after_us = CLOCK_SECOND_US;
static const int64_t counts_age_most_us = 10 * CLOCK_SECOND_US;

struct count_waiter {
    struct count_waiter *next;
    events_counted *on_counted;
    void *context;
    uint64_t generation; /* at the call; older counts are no answer */
};

/* A running query for counts, and its callers. */
struct counting {
    struct counting *next;
    struct events *events; /* NULL: the worker has stopped */
    const struct event *event;
    uint64_t generation; /* when the query was sent */
    struct count_waiter *waiters;
};

static void ask_counts(struct counting *counting);

/* Returns the entry of exactly this definition, because counts are in the order of its ticket
 * types. */
static struct event_entry *entry_of(struct events *events, const struct event *event)
{
    struct event_entry *entry = events_entry(events, event->number);
    return entry && entry->event == event ? entry : NULL;
}

static struct counting *find_counting(struct events *events, const struct event *event)
{
    struct counting *counting = events->countings;
    while (counting && counting->event != event)
        counting = counting->next;
    return counting;
}

static struct counting *start_counting(struct events *events, const struct event *event)
{
    struct counting *counting = memory_alloc(sizeof *counting);
    counting->events = events;
    counting->event = events_hold(event);
    counting->next = events->countings;
    events->countings = counting;
    ask_counts(counting);
    return counting;
}

static int64_t number_or_none(const struct rows *rows, int row, const char *column)
{
    return rows_is_null(rows, row, column) ? -1 : rows_number(rows, row, column);
}

/* {"2026-05-13": 41, ...} */
static void read_days(const struct event *event, const char *text, struct event_counts *counts)
{
    json_t *days = json_loads(text, 0, NULL);
    for (size_t i = 0; i < event->day_count && i < EVENT_DAYS_MOST; i++)
        counts->admitted_on[i] =
            (int32_t)json_integer_value(json_object_get(days, event->days[i].date));
    json_decref(days);
}

static bool read_counts(const struct event *event, const struct rows *rows,
                        struct event_counts *ret_counts)
{
    struct event_counts counts = {0};
    if (rows_count(rows) == 0)
        return false;
    counts.capacity = number_or_none(rows, 0, "capacity");
    counts.places_left = number_or_none(rows, 0, "places_left");
    counts.places_at_door = number_or_none(rows, 0, "places_at_door");
    counts.expected = rows_number(rows, 0, "expected");
    counts.waitlisted = rows_number(rows, 0, "waitlisted");
    counts.admitted = rows_number(rows, 0, "admitted");
    counts.inside = rows_number(rows, 0, "inside");
    for (int row = 0; row < rows_count(rows); row++) {
        const struct ticket_type *type =
            event_ticket_type(event, rows_text(rows, row, "ticket_type"));
        if (!type)
            continue;
        ptrdiff_t at = type - event->ticket_types;
        counts.type_places_left[at] = number_or_none(rows, row, "type_places_left");
        counts.type_places_at_door[at] = number_or_none(rows, row, "type_places_at_door");
    }
    read_days(event, rows_text(rows, 0, "days"), &counts);
    *ret_counts = counts;
    return true;
}

static void keep_counts(const struct counting *counting, const struct event_counts *counts)
{
    struct event_entry *entry = entry_of(counting->events, counting->event);
    if (!entry)
        return;
    if (!entry->counts)
        entry->counts = memory_alloc(sizeof *entry->counts);
    *entry->counts = *counts;
    entry->counts_generation = counting->generation;
    entry->counted_at_us = clock_monotonic_us();
}

/* Answers the callers whose generation the counts have reached. Without counts it answers all. */
static void answer_counting(struct counting *counting, const struct event_counts *counts)
{
    struct count_waiter *waiter = counting->waiters, *later = NULL;
    counting->waiters = NULL;
    while (waiter) {
        struct count_waiter *next = waiter->next;
        if (counts && waiter->generation > counting->generation) {
            waiter->next = later;
            later = waiter;
        } else {
            waiter->on_counted(waiter->context, counts);
            free(waiter);
        }
        waiter = next;
    }
    while (later) {
        struct count_waiter *next = later->next;
        later->next = counting->waiters;
        counting->waiters = later;
        later = next;
    }
}

static void finish_counting(struct counting *counting)
{
    if (counting->events) {
        struct counting **at = &counting->events->countings;
        while (*at != counting)
            at = &(*at)->next;
        *at = counting->next;
    }
    events_release(counting->event);
    free(counting);
}

static void on_counts(void *context, const struct db_result *result)
{
    struct counting *counting = context;
    struct event_counts counts;
    bool counted = counting->events && result->outcome == DB_DONE &&
                   read_counts(counting->event, result->rows, &counts);
    if (counted)
        keep_counts(counting, &counts);
    answer_counting(counting, counted ? &counts : NULL);
    if (counting->waiters && counting->events)
        ask_counts(counting);
    else
        finish_counting(counting);
}

static void ask_counts(struct counting *counting)
{
    struct worker *worker = counting->events->worker;
    counting->generation = changes_generation(worker, &counting->event->id);
    db_ask(worker->db, event_count_params(&(struct event_count){.event_id = &counting->event->id}),
           on_counts, counting);
}

const struct event_counts *events_counts_now(struct worker *worker, const struct event *event)
{
    struct event_entry *entry = entry_of(events_of(worker), event);
    if (!entry || !entry->counts ||
        entry->counts_generation != changes_generation(worker, &event->id))
        return NULL;
    int64_t age_us = clock_monotonic_us() - entry->counted_at_us;
    if (age_us > counts_age_most_us)
        return NULL;
    if (age_us > counts_refresh_after_us && !find_counting(events_of(worker), event))
        start_counting(events_of(worker), event);
    return entry->counts;
}

void events_count(struct worker *worker, const struct event *event, events_counted *on_counted,
                  void *context)
{
    struct count_waiter *waiter = memory_alloc(sizeof *waiter);
    waiter->on_counted = on_counted;
    waiter->context = context;
    waiter->generation = changes_generation(worker, &event->id);
    struct counting *counting = find_counting(events_of(worker), event);
    if (!counting)
        counting = start_counting(events_of(worker), event);
    waiter->next = counting->waiters;
    counting->waiters = waiter;
}

static void stop_counting(struct events *events)
{
    for (struct counting *counting = events->countings; counting; counting = counting->next) {
        counting->events = NULL;
        answer_counting(counting, NULL);
    }
}
