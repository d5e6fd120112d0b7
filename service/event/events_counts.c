#include "base/clock.h"
#include "base/memory.h"
#include "db/db.h"
#include "event/changes.h"
#include "event/events_inside.h"
#include "statements.h"
#include "worker.h"

/* Changes made by other programs (commands, a second service) are not in changes.h. So counts that
 * are older than the first are asked for again behind the answer, and ones older than the second
 * are not answered with at all. */
static const int64_t refresh_after_us = CLOCK_SECOND_US;
static const int64_t age_most_us = 10 * CLOCK_SECOND_US;

struct count_waiter {
    struct count_waiter *next;
    events_counted *on_counted;
    void *context;
    uint64_t generation; /* when it asked: counts older than that are no answer */
};

struct counting {
    struct counting *next;
    struct events *events; /* NULL: the worker has stopped */
    const struct event *event;
    uint64_t generation; /* when the query was sent */
    struct count_waiter *waiters;
};

static void ask(struct counting *counting);

/* The entry of exactly this definition, whose ticket types the counts are in the order of. */
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
    ask(counting);
    return counting;
}

static int64_t number_or_none(const struct rows *rows, int row, const char *column)
{
    return rows_is_null(rows, row, column) ? -1 : rows_number(rows, row, column);
}

static bool read_counts(const struct event *event, const struct rows *rows,
                        struct event_counts *ret_counts)
{
    struct event_counts counts = {0};
    if (rows_count(rows) == 0)
        return false;
    counts.capacity = number_or_none(rows, 0, "capacity");
    counts.places_left = number_or_none(rows, 0, "places_left");
    counts.confirmed = rows_number(rows, 0, "confirmed");
    counts.waitlisted = rows_number(rows, 0, "waitlisted");
    counts.admitted = rows_number(rows, 0, "admitted");
    counts.inside = rows_number(rows, 0, "inside");
    for (int row = 0; row < rows_count(rows); row++) {
        const struct ticket_type *type =
            event_ticket_type(event, rows_text(rows, row, "ticket_type"));
        if (type)
            counts.type_places_left[type - event->ticket_types] =
                number_or_none(rows, row, "type_places_left");
    }
    *ret_counts = counts;
    return true;
}

static void keep(const struct counting *counting, const struct event_counts *counts)
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

/* Answers those that the counts are new enough for; without counts, all of them. */
static void answer(struct counting *counting, const struct event_counts *counts)
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

static void finish(struct counting *counting)
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
    db_log_refused(result, NULL);
    bool counted = counting->events && result->outcome == DB_DONE &&
                   read_counts(counting->event, result->rows, &counts);
    if (counted)
        keep(counting, &counts);
    answer(counting, counted ? &counts : NULL);
    if (counting->waiters && counting->events)
        ask(counting);
    else
        finish(counting);
}

static void ask(struct counting *counting)
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
    if (age_us > age_most_us)
        return NULL;
    if (age_us > refresh_after_us && !find_counting(events_of(worker), event))
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

void events_counts_stop(struct events *events)
{
    for (struct counting *counting = events->countings; counting; counting = counting->next) {
        counting->events = NULL;
        answer(counting, NULL);
    }
}
