#include "features/event/who_comes.h"

#include "base/clock.h"
#include "base/memory.h"
#include "db/db.h"
#include "event/events.h"
#include "statements.h"
#include "worker.h"

static const int64_t of_others_us = CLOCK_SECOND_US; /* for changes by other processes */

/* Somebody who looks at the page. */
struct look {
    struct look *next;
    struct worker *worker;
    const struct event *event; /* held */
    who_comes_found *on_found;
    void *context;
    int64_t confirmed;
};

/* Whom a version of an event may show. */
struct entry {
    struct id event_id;
    int version; /* of the event; 0: the entry is empty */
    char *ids;   /* JSON; NULL: there was no answer yet */
    int64_t confirmed;
    int64_t asked_at_us, took_us, used_at_us;
    uint64_t generation;
    struct asking *asking; /* NULL: no query is running */
};

/* A running query. It outlives its entry, which may be dropped meanwhile. */
struct asking {
    struct entry *entry; /* NULL: dropped */
    struct look *looks;
    int64_t asked_at_us;
    uint64_t generation;
};

struct kept {
    struct entry entries[WHO_COMES_KEPT_MOST];
};

static void clear(struct entry *entry)
{
    if (entry->asking)
        entry->asking->entry = NULL;
    free(entry->ids);
    *entry = (struct entry){0};
}

static void *create(struct worker *worker)
{
    (void)worker;
    return memory_alloc(sizeof(struct kept));
}

static void destroy(void *state)
{
    struct kept *kept = state;
    for (int i = 0; i < WHO_COMES_KEPT_MOST; i++)
        clear(&kept->entries[i]);
    free(kept);
}

static const struct worker_slot slot = {.name = "who comes", .create = create, .destroy = destroy};

/* --- The names ------------------------------------------------------------------------------- */

static void finish(struct look *look, const json_t *people)
{
    look->on_found(look->context, people);
    events_release(look->event);
    free(look);
}

static json_t *people_json(const struct look *look, const struct rows *rows)
{
    json_t *list = json_array();
    int count = rows_count(rows);
    for (int row = 0; row < count; row++) {
        json_t *person = json_pack("{s:s, s:n}", "name", rows_text(rows, row, "name"), "company");
        if (!rows_is_null(rows, row, "company"))
            json_object_set_new(person, "company", json_string(rows_text(rows, row, "company")));
        json_array_append_new(list, person);
    }
    int64_t others = look->confirmed > count ? look->confirmed - count : 0;
    return json_pack("{s:o, s:I, s:b}", "people", list, "others", (json_int_t)others, "has_others",
                     others > 0);
}

static void on_named(void *context, const struct db_result *result)
{
    struct look *look = context;
    bool any = result->outcome == DB_DONE && rows_count(result->rows) > 0;
    json_t *people = any ? people_json(look, result->rows) : NULL;
    finish(look, people);
    json_decref(people);
}

static void ask_names(struct look *look, const struct entry *entry)
{
    const struct event *event = look->event;
    const struct consent *consent = event_consent_to_names(event);
    look->confirmed = entry->confirmed;
    db_ask(look->worker->db,
           event_who_comes_names_params(
               &(struct event_who_comes_names){.event_id = &event->id,
                                               .ids = entry->ids,
                                               .consent = consent->slug,
                                               .version = consent->version,
                                               .company = event->who_comes.company}),
           on_named, look);
}

/* --- Whom it may show ------------------------------------------------------------------------ */

static void keep(struct entry *entry, const struct asking *asking, const struct rows *rows)
{
    free(entry->ids);
    entry->ids = memory_copy(rows_text(rows, 0, "ids"));
    entry->confirmed = rows_number(rows, 0, "confirmed");
    entry->asked_at_us = asking->asked_at_us;
    entry->took_us = clock_monotonic_us() - asking->asked_at_us;
    entry->generation = asking->generation;
}

static void on_asked(void *context, const struct db_result *result)
{
    struct asking *asking = context;
    struct entry *entry = asking->entry;
    bool is_known = entry && result->outcome == DB_DONE && rows_count(result->rows) > 0;
    if (entry)
        entry->asking = NULL;
    if (is_known)
        keep(entry, asking, result->rows);
    while (asking->looks) {
        struct look *look = asking->looks;
        asking->looks = look->next;
        if (is_known)
            ask_names(look, entry);
        else
            finish(look, NULL);
    }
    free(asking);
}

static void ask(struct worker *worker, const struct event *event, struct entry *entry,
                uint64_t generation)
{
    const struct consent *consent = event_consent_to_names(event);
    struct asking *asking = memory_alloc(sizeof *asking);
    *asking = (struct asking){
        .entry = entry, .asked_at_us = clock_monotonic_us(), .generation = generation};
    entry->asking = asking;
    struct params *params =
        event_who_comes_params(&(struct event_who_comes){.event_id = &event->id,
                                                         .consent = consent->slug,
                                                         .version = consent->version,
                                                         .most = WHO_COMES_MOST});
    db_run(
        worker->db,
        &(struct db_query){
            .lane = DB_SLOW, .run = params, .again = true, .on_done = on_asked, .context = asking});
}

/* The entry of the event's version, or a cleared one: the least recently used. */
static struct entry *entry_for(struct kept *kept, const struct event *event)
{
    struct entry *oldest = &kept->entries[0];
    for (int i = 0; i < WHO_COMES_KEPT_MOST; i++) {
        struct entry *entry = &kept->entries[i];
        if (entry->version == event->version && id_equal(&entry->event_id, &event->id))
            return entry;
        if (entry->used_at_us < oldest->used_at_us)
            oldest = entry;
    }
    clear(oldest);
    oldest->event_id = event->id;
    oldest->version = event->version;
    return oldest;
}

static bool is_fresh(const struct entry *entry, uint64_t generation, int64_t now_us)
{
    return entry->ids && entry->generation == generation &&
           now_us - entry->asked_at_us < of_others_us;
}

static bool is_slow(const struct entry *entry)
{
    return entry->ids && entry->took_us > WHO_COMES_QUICK_MS * INT64_C(1000);
}

void who_comes_find(struct worker *worker, const struct event *event, who_comes_found *on_found,
                    void *context)
{
    struct entry *entry = entry_for(worker_state(worker, &slot), event);
    uint64_t generation = changes_generation(worker, &event->id);
    int64_t now_us = clock_monotonic_us();
    struct look *look = memory_alloc(sizeof *look);
    *look = (struct look){
        .worker = worker, .event = events_hold(event), .on_found = on_found, .context = context};
    entry->used_at_us = now_us;
    bool is_due = now_us - entry->asked_at_us >= WHO_COMES_SHARE * entry->took_us;
    bool is_good = is_fresh(entry, generation, now_us);
    if (!is_good && !entry->asking && (!is_slow(entry) || is_due))
        ask(worker, event, entry, generation);
    if (is_good || is_slow(entry)) {
        ask_names(look, entry);
    } else {
        look->next = entry->asking->looks;
        entry->asking->looks = look;
    }
}

bool who_comes_applies(const struct event *event, int64_t now_us)
{
    return event->who_comes.shown && !event->cancelled && now_us < event->ends_at_us &&
           event_consent_to_names(event);
}
