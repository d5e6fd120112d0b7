#include "features/registration/erasures.h"

#include <string.h>

#include "base/log.h"
#include "base/pool.h"
#include "db/db.h"
#include "features/registration/erasure_list.h"
#include "statements.h"

enum { PORTION = 500 };

struct writing {
    struct worker *worker;
    void (*then)(void *context);
    void *context;
    struct buffer lines;
    struct params *listed; /* of this portion */
    bool is_last;
    int error; /* errno; 0: written */
};

static void ask(struct writing *writing);

static void finish(struct writing *writing)
{
    params_destroy(writing->listed);
    buffer_finish(&writing->lines);
    free(writing);
}

static void end(struct writing *writing)
{
    void (*then)(void *context) = writing->then;
    void *context = writing->context;
    finish(writing);
    if (then)
        then(context);
}

static void fail(struct writing *writing, const char *reason)
{
    log_event(LOG_ERROR, "erasures_not_listed", log_text("file", writing->worker->config->erasures),
              log_text("reason", reason));
    end(writing);
}

static void on_noted(void *context, const struct db_result *result)
{
    struct writing *writing = context;
    if (result->outcome != DB_DONE || writing->is_last)
        end(writing); /* what was not noted is written once more */
    else
        ask(writing);
}

/* On a thread of the pool. */
static void append(void *context)
{
    struct writing *writing = context;
    writing->error = erasure_list_append(writing->worker->config->erasures,
                                         buffer_text(&writing->lines), writing->lines.length);
}

static void on_appended(void *context)
{
    struct writing *writing = context;
    struct params *listed = writing->listed;
    if (writing->error != 0) {
        fail(writing, strerror(writing->error));
        return;
    }
    writing->listed = NULL;
    db_ask(writing->worker->db, listed, on_noted, writing);
}

static void on_dropped(void *context)
{
    finish(context);
}

static void on_found(void *context, const struct db_result *result)
{
    struct writing *writing = context;
    int count = result->outcome == DB_DONE ? rows_count(result->rows) : 0;
    if (result->outcome != DB_DONE) {
        fail(writing, "the database does not answer");
        return;
    }
    if (count == 0) {
        end(writing);
        return;
    }
    buffer_clear(&writing->lines);
    writing->is_last = count < PORTION;
    writing->listed = registration_erasures_listed_params();
    for (int row = 0; row < count; row++) {
        const struct erasure erasure = {
            .erased_at_us = rows_time(result->rows, row, "erased_at"),
            .event_id = rows_id(result->rows, row, "event_id"),
            .registration_id = rows_id(result->rows, row, "registration_id"),
            .also = rows_text(result->rows, row, "also"),
        };
        const struct registration_erasures_listed_erasure given = {&erasure.event_id,
                                                                   &erasure.registration_id};
        erasure_list_add(&writing->lines, &erasure);
        registration_erasures_listed_add_erasure(writing->listed, &given);
    }
    const struct pool_job job = {append, on_appended, on_dropped, writing};
    if (!pool_submit(writing->worker->pool, &job))
        fail(writing, "too much work waits");
}

static void ask(struct writing *writing)
{
    const struct registration_erasures_unlisted asked = {.most = PORTION};
    db_ask(writing->worker->db, registration_erasures_unlisted_params(&asked), on_found, writing);
}

void erasures_write(struct worker *worker, void (*then)(void *context), void *context)
{
    struct writing *writing = memory_alloc(sizeof *writing);
    *writing = (struct writing){.worker = worker, .then = then, .context = context};
    buffer_init(&writing->lines);
    ask(writing);
}

void erasures_catch_up(struct worker *worker)
{
    if (*worker->config->erasures)
        erasures_write(worker, NULL, NULL);
}
