#include "db/stream.h"

#include <event2/event.h>

#include "base/memory.h"
#include "db/pg.h"
#include "db/turn.h"

struct stream {
    struct db *db;
    const struct stream_reader *reader; /* NULL: cancelled */
    void *context;
    struct rows portion; /* until the reader takes it; result NULL: none */
    struct rows given;   /* what the reader has while it pauses; result NULL: nothing */
    bool is_asking, is_paused, is_giving, is_last;
    enum db_outcome failed; /* while the reader paused; DB_DONE: nothing */
    struct event *going_on;
};

static void destroy(struct stream *stream)
{
    rows_free(&stream->portion);
    rows_free(&stream->given);
    event_free(stream->going_on);
    free(stream);
}

static void on_portion(void *context, const struct db_result *result);

static void ask(struct stream *stream, struct params *params)
{
    stream->is_asking = true;
    db_run(stream->db, &(struct db_query){.lane = DB_EXPORT,
                                          .run = params,
                                          .again = true,
                                          .on_done = on_portion,
                                          .context = stream});
}

static void end(struct stream *stream, const struct db_result *result)
{
    stream->reader->on_end(stream->context, result);
    destroy(stream);
}

/* Asks for the portion behind this one before the reader works on it. */
static void give_portion(struct stream *stream)
{
    stream->given = stream->portion;
    stream->portion.result = NULL;
    struct params *next = stream->reader->next(stream->context, &stream->given);
    stream->is_last = next == NULL;
    if (next)
        ask(stream, next);
    stream->is_giving = true;
    stream->is_paused = !stream->reader->on_rows(stream->context, &stream->given);
    stream->is_giving = false;
    if (!stream->is_paused)
        rows_free(&stream->given);
}

static void go_on(struct stream *stream)
{
    if (stream->portion.result && !stream->is_paused)
        give_portion(stream);
    if (!stream->reader && !stream->is_asking)
        destroy(stream);
    else if (stream->reader && !stream->is_paused && (stream->is_last || stream->failed != DB_DONE))
        end(stream, &(struct db_result){.outcome = stream->failed});
}

static void on_portion(void *context, const struct db_result *result)
{
    struct stream *stream = context;
    stream->is_asking = false;
    if (!stream->reader) {
        destroy(stream);
    } else if (result->outcome == DB_DONE) {
        rows_take(result->rows, &stream->portion);
        go_on(stream);
    } else if (stream->is_paused) {
        stream->failed = result->outcome; /* the reader still has `given` */
    } else {
        end(stream, result);
    }
}

static void on_going_on(evutil_socket_t socket, short what, void *context)
{
    struct stream *stream = context;
    (void)socket, (void)what;
    stream->is_paused = false;
    rows_free(&stream->given);
    go_on(stream);
}

struct stream *stream_start(struct db *db, const struct stream_reader *reader, void *context)
{
    struct stream *stream = memory_alloc(sizeof *stream);
    stream->db = db;
    stream->reader = reader;
    stream->context = context;
    stream->going_on = event_new(db_loop(db), -1, 0, on_going_on, stream);
    ask(stream, reader->next(context, NULL));
    return stream;
}

void stream_resume(struct stream *stream)
{
    event_active(stream->going_on, EV_TIMEOUT, 0);
}

void stream_cancel(struct stream *stream)
{
    stream->reader = NULL;
    if (!stream->is_asking && !stream->is_giving)
        destroy(stream);
}
