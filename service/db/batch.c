#include "db/batch.h"

#include "base/log.h"
#include "base/memory.h"

/* A batch in flight. It may outlive its batcher. */
struct batch {
    struct batch *next, *previous; /* in the batcher's list */
    struct batcher *batcher;       /* NULL: the batcher was destroyed */
    size_t count, rerun;           /* elements; those that ran again one by one so far */
    void *elements[];
};

struct batcher {
    struct db *db;
    const struct batch_kind *kind;
    struct batch *batches;
    struct batch_state state;
    void **waiting; /* a ring buffer */
    size_t oldest;
};

struct batcher *batcher_create(struct db *db, const struct batch_kind *kind)
{
    struct batcher *batcher = memory_alloc(sizeof *batcher);
    batcher->db = db;
    batcher->kind = kind;
    batcher->waiting = memory_alloc(kind->waiting_most * sizeof *batcher->waiting);
    return batcher;
}

static void *next_waiting(struct batcher *batcher)
{
    void *element = batcher->waiting[batcher->oldest];
    batcher->oldest = (batcher->oldest + 1) % batcher->kind->waiting_most;
    batcher->state.waiting--;
    return element;
}

static void link_batch(struct batcher *batcher, struct batch *batch)
{
    batch->batcher = batcher;
    batch->next = batcher->batches;
    if (batch->next)
        batch->next->previous = batch;
    batcher->batches = batch;
    batcher->state.in_flight++;
}

static void unlink_batch(struct batch *batch)
{
    if (batch->next)
        batch->next->previous = batch->previous;
    if (batch->previous)
        batch->previous->next = batch->next;
    else
        batch->batcher->batches = batch->next;
    batch->batcher->state.in_flight--;
}

static void end_element(const struct batch_kind *kind, void *element, enum db_outcome outcome)
{
    const struct db_error no_row = {.message = "the batch gave no row for this element",
                                    .constraint = "",
                                    .statement = kind->name};
    if (outcome == DB_REFUSED)
        log_event(LOG_ERROR, "batch_row_missing", log_text("batch", kind->name));
    kind->on_done(
        element,
        &(struct db_result){.outcome = outcome, .error = outcome == DB_REFUSED ? &no_row : NULL},
        -1);
}

static void on_batch_done(void *context, const struct db_result *result);
static void on_rerun_done(void *context, const struct db_result *result);

static void send(struct batch *batch, size_t first, size_t count, db_done *on_done)
{
    const struct batch_kind *kind = batch->batcher->kind;
    struct params *lock = kind->lock ? kind->lock() : NULL, *run = kind->run();
    for (size_t i = 0; i < count; i++)
        kind->add(batch->elements[first + i], (int)i + 1, lock, run);
    db_run(batch->batcher->db, &(struct db_query){.lane = DB_HOT,
                                                  .lock = lock,
                                                  .run = run,
                                                  .again = true,
                                                  .on_done = on_done,
                                                  .context = batch});
}

/* Buckets end at 1, 2, 4, … 256; the last bucket is for larger batches. */
static int size_bucket(size_t count)
{
    int bucket = 0;
    while (bucket < BATCH_SIZE_BUCKETS - 1 && count > (size_t)1 << bucket)
        bucket++;
    return bucket;
}

static void send_next_batch(struct batcher *batcher)
{
    size_t count = batcher->state.waiting;
    if (count > batcher->kind->elements_most)
        count = batcher->kind->elements_most;
    struct batch *batch = memory_alloc(sizeof *batch + count * sizeof *batch->elements);
    for (batch->count = 0; batch->count < count; batch->count++)
        batch->elements[batch->count] = next_waiting(batcher);
    link_batch(batcher, batch);
    batcher->state.batches++;
    batcher->state.elements += count;
    batcher->state.sizes[size_bucket(count)]++;
    send(batch, 0, count, on_batch_done);
}

static void send_waiting(struct batcher *batcher)
{
    while (batcher->state.waiting > 0 &&
           batcher->state.in_flight < (size_t)batcher->kind->in_flight_most)
        send_next_batch(batcher);
}

/* Sends the next batch before the callbacks of this one run. */
static const struct batch_kind *leave(struct batch *batch)
{
    struct batcher *batcher = batch->batcher;
    unlink_batch(batch);
    send_waiting(batcher);
    return batcher->kind;
}

static void give_rows(struct batch *batch, const struct db_result *result)
{
    const struct batch_kind *kind = leave(batch);
    int rows = rows_count(result->rows);
    for (int row = 0; row < rows; row++) {
        int64_t ordinal = rows_number(result->rows, row, "ordinal");
        if (ordinal < 1 || ordinal > (int64_t)batch->count || !batch->elements[ordinal - 1]) {
            log_event(LOG_ERROR, "batch_row_extra", log_text("batch", kind->name),
                      log_number("ordinal", ordinal));
            continue;
        }
        void *element = batch->elements[ordinal - 1];
        batch->elements[ordinal - 1] = NULL;
        kind->on_done(element, result, row);
    }
    for (size_t i = 0; i < batch->count; i++) {
        if (batch->elements[i])
            end_element(kind, batch->elements[i], DB_REFUSED);
    }
    free(batch);
}

/* Gives all elements the same outcome and error. */
static void give_outcome(struct batch *batch, const struct db_result *result)
{
    const struct batch_kind *kind = leave(batch);
    for (size_t i = 0; i < batch->count; i++)
        kind->on_done(batch->elements[i], result, -1);
    free(batch);
}

static void on_batch_done(void *context, const struct db_result *result)
{
    struct batch *batch = context;
    if (!batch->batcher) {
        free(batch);
    } else if (result->outcome == DB_DONE) {
        give_rows(batch, result);
    } else if (result->outcome == DB_REFUSED && batch->count > 1) {
        log_event(LOG_WARNING, "batch_rerun", log_text("batch", batch->batcher->kind->name),
                  log_text("sqlstate", result->error->sqlstate),
                  log_text("reason", result->error->message));
        batch->batcher->state.reruns++;
        send(batch, 0, 1, on_rerun_done);
    } else {
        give_outcome(batch, result);
    }
}

static void on_rerun_done(void *context, const struct db_result *result)
{
    struct batch *batch = context;
    if (!batch->batcher) {
        free(batch);
        return;
    }
    const struct batch_kind *kind = batch->batcher->kind;
    void *element = batch->elements[batch->rerun++];
    bool is_last = batch->rerun == batch->count;
    if (is_last)
        leave(batch);
    else
        send(batch, batch->rerun, 1, on_rerun_done);
    if (result->outcome == DB_DONE && rows_count(result->rows) != 1)
        end_element(kind, element, DB_REFUSED);
    else
        kind->on_done(element, result, result->outcome == DB_DONE ? 0 : -1);
    if (is_last)
        free(batch);
}

bool batcher_submit(struct batcher *batcher, void *element)
{
    size_t most = batcher->kind->waiting_most;
    if (batcher->state.waiting == most)
        return false;
    batcher->waiting[(batcher->oldest + batcher->state.waiting) % most] = element;
    batcher->state.waiting++;
    send_waiting(batcher);
    return true;
}

/* The query still has the batch as its context and frees it later. */
static void abandon(struct batch *batch)
{
    const struct batch_kind *kind = batch->batcher->kind;
    unlink_batch(batch);
    batch->batcher = NULL;
    for (size_t i = batch->rerun; i < batch->count; i++)
        end_element(kind, batch->elements[i], DB_STOPPING);
}

void batcher_destroy(struct batcher *batcher)
{
    if (!batcher)
        return;
    while (batcher->batches)
        abandon(batcher->batches);
    while (batcher->state.waiting > 0)
        end_element(batcher->kind, next_waiting(batcher), DB_STOPPING);
    free(batcher->waiting);
    free(batcher);
}

void batcher_state(const struct batcher *batcher, struct batch_state *ret_state)
{
    *ret_state = batcher->state;
}

const struct batch_kind *batcher_kind(const struct batcher *batcher)
{
    return batcher->kind;
}
