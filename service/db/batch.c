#include "db/batch.h"

#include "base/log.h"
#include "base/memory.h"

/* Elements that wait; a ring buffer. */
struct queue {
    void **elements;
    size_t size, oldest, count;
};

/* The elements of a key whose row was locked. At most one batch of a line is in flight. */
struct line {
    struct line *next;
    struct id key;
    struct queue queue;
    bool is_in_flight;
};

/* A batch in flight. It may outlive its batcher. */
struct batch {
    struct batch *next, *previous; /* in the batcher's list */
    struct batcher *batcher;       /* NULL: the batcher was destroyed */
    struct line *line;             /* NULL: a batch of several keys */
    size_t count, rerun;           /* elements; those that ran again one by one so far */
    void *elements[];
};

struct batcher {
    struct db *db;
    const struct batch_kind *kind;
    struct batch *batches;
    struct line *lines;
    struct batch_state state; /* waiting: of the queue and the lines */
    int in_flight;            /* batches of several keys */
    struct queue queue;
};

struct batcher *batcher_create(struct db *db, const struct batch_kind *kind)
{
    struct batcher *batcher = memory_alloc(sizeof *batcher);
    batcher->db = db;
    batcher->kind = kind;
    return batcher;
}

static void *take(struct queue *queue)
{
    void *element = queue->elements[queue->oldest];
    queue->oldest = (queue->oldest + 1) % queue->size;
    queue->count--;
    return element;
}

static void put(struct queue *queue, void *element)
{
    enum { FIRST_SIZE = 16 };
    if (queue->count == queue->size) {
        struct queue larger = {.size = queue->size > 0 ? 2 * queue->size : FIRST_SIZE};
        larger.elements = memory_alloc(larger.size * sizeof *larger.elements);
        while (queue->count > 0)
            larger.elements[larger.count++] = take(queue);
        free(queue->elements);
        *queue = larger;
    }
    queue->elements[(queue->oldest + queue->count++) % queue->size] = element;
}

/* Where the element has to wait. */
static struct line *line_of(const struct batcher *batcher, const void *element)
{
    struct line *line = batcher->lines;
    while (line && !id_equal(&line->key, batcher->kind->key(element)))
        line = line->next;
    return line;
}

static void put_in_line(struct batcher *batcher, void *element)
{
    struct line *line = line_of(batcher, element);
    if (!line) {
        line = memory_alloc(sizeof *line);
        *line = (struct line){.next = batcher->lines, .key = *batcher->kind->key(element)};
        batcher->lines = line;
        batcher->state.lines++;
    }
    put(&line->queue, element);
}

static void remove_line(struct batcher *batcher, struct line *line)
{
    struct line **link = &batcher->lines;
    while (*link != line)
        link = &(*link)->next;
    *link = line->next;
    batcher->state.lines--;
    free(line->queue.elements);
    free(line);
}

static void link_batch(struct batcher *batcher, struct batch *batch)
{
    batch->batcher = batcher;
    batch->next = batcher->batches;
    if (batch->next)
        batch->next->previous = batch;
    batcher->batches = batch;
    batcher->state.in_flight++;
    if (batch->line)
        batch->line->is_in_flight = true;
    else
        batcher->in_flight++;
}

static void unlink_batch(struct batch *batch)
{
    struct batcher *batcher = batch->batcher;
    if (batch->next)
        batch->next->previous = batch->previous;
    if (batch->previous)
        batch->previous->next = batch->next;
    else
        batcher->batches = batch->next;
    batcher->state.in_flight--;
    if (batch->line)
        batch->line->is_in_flight = false;
    else
        batcher->in_flight--;
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
    db_run(batch->batcher->db, &(struct db_query){.lane = batch->line ? DB_LOCKING : DB_HOT,
                                                  .key = batch->line ? &batch->line->key : NULL,
                                                  .splits = on_done == on_batch_done,
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

/* How many of the oldest elements fit into one batch: at least one. */
static size_t count_next(const struct batch_kind *kind, const struct queue *queue)
{
    size_t most = queue->count < kind->elements_most ? queue->count : kind->elements_most;
    size_t count = 0, bytes = 0;
    while (kind->bytes_most > 0 && count < most) {
        bytes += kind->bytes(queue->elements[(queue->oldest + count) % queue->size]);
        if (count > 0 && bytes > kind->bytes_most)
            return count;
        count++;
    }
    return most;
}

/* line NULL: of the queue. */
static void send_next_batch(struct batcher *batcher, struct line *line)
{
    struct queue *queue = line ? &line->queue : &batcher->queue;
    size_t count = count_next(batcher->kind, queue);
    struct batch *batch = memory_alloc(sizeof *batch + count * sizeof *batch->elements);
    for (batch->count = 0; batch->count < count; batch->count++)
        batch->elements[batch->count] = take(queue);
    batch->line = line;
    link_batch(batcher, batch);
    batcher->state.waiting -= count;
    batcher->state.batches++;
    batcher->state.elements += count;
    batcher->state.sizes[size_bucket(count)]++;
    send(batch, 0, count, on_batch_done);
}

static void send_waiting(struct batcher *batcher)
{
    while (batcher->queue.count > 0 && batcher->in_flight < batcher->kind->in_flight_most)
        send_next_batch(batcher, NULL);
}

/* Sends the next batch before the callbacks of this one run. */
static const struct batch_kind *leave(struct batch *batch)
{
    struct batcher *batcher = batch->batcher;
    unlink_batch(batch);
    if (!batch->line)
        send_waiting(batcher);
    else if (batch->line->queue.count > 0)
        send_next_batch(batcher, batch->line);
    else
        remove_line(batcher, batch->line);
    return batcher->kind;
}

/* The elements of the batch wait in the lines of their keys, and behind them those of the queue. */
static void split(struct batch *batch)
{
    struct batcher *batcher = batch->batcher;
    unlink_batch(batch);
    batcher->state.splits++;
    batcher->state.waiting += batch->count;
    for (size_t i = 0; i < batch->count; i++)
        put_in_line(batcher, batch->elements[i]);
    free(batch);
    for (size_t i = batcher->queue.count; i > 0; i--) {
        void *element = take(&batcher->queue);
        struct line *line = line_of(batcher, element);
        put(line ? &line->queue : &batcher->queue, element);
    }
    for (struct line *line = batcher->lines; line; line = line->next) {
        if (!line->is_in_flight)
            send_next_batch(batcher, line);
    }
    send_waiting(batcher);
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
    } else if (result->outcome == DB_LOCKED) {
        split(batch);
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
    if (batcher->state.waiting == batcher->kind->waiting_most)
        return false;
    struct line *line = line_of(batcher, element);
    batcher->state.waiting++;
    put(line ? &line->queue : &batcher->queue, element);
    if (!line)
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
    while (batcher->queue.count > 0)
        end_element(batcher->kind, take(&batcher->queue), DB_STOPPING);
    while (batcher->lines) {
        while (batcher->lines->queue.count > 0)
            end_element(batcher->kind, take(&batcher->lines->queue), DB_STOPPING);
        remove_line(batcher, batcher->lines);
    }
    free(batcher->queue.elements);
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
