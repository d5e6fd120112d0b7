#include "event/arrivals.h"

#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "db/db.h"
#include "event/events.h"
#include "statements.h"
#include "worker.h"

enum { DAY_BYTES = sizeof "2026-05-13" };

static const int64_t of_others_us = CLOCK_SECOND_US; /* for changes by other processes */
static const int64_t over_us = 600 * CLOCK_SECOND_US;

struct waiting {
    struct waiting *next;
    arrivals_found *on_found;
    void *context;
};

/* A running query. It outlives its result, which may be dropped meanwhile. */
struct asking {
    struct result *result; /* NULL: dropped */
    struct waiting *waiting;
    int64_t asked_at_us;
    uint64_t generation;
};

struct result {
    struct result *next;
    struct id event_id;
    char day[DAY_BYTES];
    bool with_types;
    json_t *arrivals; /* NULL: there was no answer yet */
    struct asking *asking;
    int64_t asked_at_us, took_us;
    uint64_t generation;
};

struct kept {
    struct result *results; /* the last one that was asked for comes first */
    int count;
};

static void add(json_t *counts, const char *name, int64_t people)
{
    const json_t *before = json_object_get(counts, name);
    json_object_set_new(counts, name, json_integer(json_integer_value(before) + people));
}

static void add_step(json_t *steps, int64_t at_us, int64_t people)
{
    json_t *last = json_array_get(steps, json_array_size(steps) - 1);
    if (last && json_integer_value(json_object_get(last, "at_us")) == at_us)
        add(last, "people", people);
    else
        json_array_append_new(steps, json_pack("{s:I, s:I}", "at_us", (json_int_t)at_us, "people",
                                               (json_int_t)people));
}

static json_t *arrivals_json(const struct rows *rows)
{
    json_t *all = json_object(), *steps = json_array(), *doors = json_object(),
           *types = json_object();
    for (int row = 0; row < rows_count(rows); row++) {
        int64_t people = rows_number(rows, row, "people");
        add(all, "people", people);
        add(doors, rows_text(rows, row, "door"), people);
        if (!rows_is_null(rows, row, "ticket_type"))
            add(types, rows_text(rows, row, "ticket_type"), people);
        if (!rows_is_null(rows, row, "at"))
            add_step(steps, rows_time(rows, row, "at"), people);
    }
    if (rows_count(rows) == 0)
        json_object_set_new(all, "people", json_integer(0));
    json_object_set_new(all, "steps", steps);
    json_object_set_new(all, "doors", doors);
    json_object_set_new(all, "ticket_types", types);
    return all;
}

static void on_counted(void *context, const struct db_result *answer)
{
    struct asking *asking = context;
    struct result *result = asking->result;
    json_t *arrivals = answer->outcome == DB_DONE ? arrivals_json(answer->rows) : NULL;
    if (result) {
        result->asking = NULL;
        json_decref(result->arrivals);
        result->arrivals = json_incref(arrivals);
        result->asked_at_us = asking->asked_at_us;
        result->took_us = clock_monotonic_us() - asking->asked_at_us;
        result->generation = asking->generation;
    }
    while (asking->waiting) {
        struct waiting *waiting = asking->waiting;
        asking->waiting = waiting->next;
        waiting->on_found(waiting->context, arrivals);
        free(waiting);
    }
    json_decref(arrivals);
    free(asking);
}

static void drop(struct result *result)
{
    if (result->asking)
        result->asking->result = NULL;
    json_decref(result->arrivals);
    free(result);
}

static void *create(struct worker *worker)
{
    (void)worker;
    return memory_alloc(sizeof(struct kept));
}

static void destroy(void *state)
{
    struct kept *kept = state;
    while (kept->results) {
        struct result *result = kept->results;
        kept->results = result->next;
        drop(result);
    }
    free(kept);
}

static const struct worker_slot slot = {.name = "arrivals", .create = create, .destroy = destroy};

static void drop_last(struct kept *kept)
{
    struct result **link = &kept->results;
    while ((*link)->next)
        link = &(*link)->next;
    drop(*link);
    *link = NULL;
    kept->count--;
}

static bool is_for(const struct result *result, const struct arrivals_asked *asked, const char *day)
{
    return id_equal(&result->event_id, asked->event_id) && strcmp(result->day, day) == 0 &&
           result->with_types == asked->with_types;
}

/* Returns the result at the front of the list, a new one if there is none. */
static struct result *result_for(struct kept *kept, const struct arrivals_asked *asked)
{
    const char *day = asked->day ? asked->day : "";
    struct result **link = &kept->results, *result;
    while (*link && !is_for(*link, asked, day))
        link = &(*link)->next;
    result = *link;
    if (result) {
        *link = result->next;
    } else {
        result = memory_alloc(sizeof *result);
        result->event_id = *asked->event_id;
        result->with_types = asked->with_types;
        snprintf(result->day, sizeof result->day, "%s", day);
        if (++kept->count > ARRIVALS_KEPT_MOST)
            drop_last(kept);
    }
    result->next = kept->results;
    kept->results = result;
    return result;
}

static bool is_good(const struct result *result, uint64_t generation, bool is_over)
{
    int64_t age_us = clock_monotonic_us() - result->asked_at_us;
    if (!result->arrivals)
        return false;
    if (result->took_us > ARRIVALS_QUICK_MS * INT64_C(1000) &&
        age_us < ARRIVALS_SHARE * result->took_us)
        return true;
    return result->generation == generation && age_us < (is_over ? over_us : of_others_us);
}

static void ask(struct worker *worker, struct result *result, uint64_t generation)
{
    struct asking *asking = memory_alloc(sizeof *asking);
    asking->result = result;
    asking->asked_at_us = clock_monotonic_us();
    asking->generation = generation;
    result->asking = asking;
    struct params *params =
        event_arrivals_params(&(struct event_arrivals){.event_id = &result->event_id,
                                                       .day = result->day[0] ? result->day : NULL,
                                                       .with_types = result->with_types});
    db_run(worker->db, &(struct db_query){.lane = DB_SLOW,
                                          .run = params,
                                          .again = true,
                                          .on_done = on_counted,
                                          .context = asking});
}

void arrivals_find(struct worker *worker, const struct arrivals_asked *asked,
                   arrivals_found *on_found, void *context)
{
    struct result *result = result_for(worker_state(worker, &slot), asked);
    uint64_t generation = changes_generation(worker, asked->event_id);
    if (is_good(result, generation, asked->is_over)) {
        on_found(context, result->arrivals);
        return;
    }
    /* A query that began before the last change does not know it. A long one is waited for all the
     * same: while people come in, each one changes something. */
    bool is_quick = result->arrivals && result->took_us <= ARRIVALS_QUICK_MS * INT64_C(1000);
    if (result->asking && is_quick && result->asking->generation != generation) {
        result->asking->result = NULL;
        result->asking = NULL;
    }
    if (!result->asking)
        ask(worker, result, generation);
    struct waiting *waiting = memory_alloc(sizeof *waiting);
    *waiting = (struct waiting){result->asking->waiting, on_found, context};
    result->asking->waiting = waiting;
}
