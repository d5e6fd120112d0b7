/*
 * A result of any length in constant memory, on the slow lane: a cursor is read some rows at a
 * time, the next portion is asked for only when the reader says it has room.
 */
#ifndef EINLASS_DB_STREAM_H
#define EINLASS_DB_STREAM_H

#include "db/db.h"

struct stream;

struct stream_reader {
    /* A portion of rows, valid until the callback returns. Answer true to be given the next
     * portion at once, false to be given none until stream_resume(). */
    bool (*on_rows)(void *context, const struct rows *rows);

    /* The end, once: DB_DONE (rows NULL) when all rows were given. The stream is gone after it. */
    void (*on_end)(void *context, const struct db_result *result);
};

/*
 * `rows_portion` rows at a time; 250 is fast, and larger ones only take memory. The statement is a
 * select; its params become the stream's. It waits for a connection no longer than a query would
 * (DB_LATE). Once begun it has no deadline, but a reader that is paused for a minute loses the
 * connection (DB_LOST): on_end may come while paused only for such a loss, and for db_destroy().
 */
struct stream *stream_start(struct db *db, struct params *params, int rows_portion,
                            const struct stream_reader *reader, void *context);
/* TRANSITION */
#define stream_start_6(db, statement, params, portion, reader, context)                            \
    (stream_start)(db, params_claim(statement, params), portion, reader, context)
#define stream_start_5(db, params, portion, reader, context)                                       \
    (stream_start)(db, params, portion, reader, context)
#define stream_start(...) DB_NTH(__VA_ARGS__, stream_start_6, stream_start_5, x, x)(__VA_ARGS__)

void stream_resume(struct stream *stream);

/* The reader left: no further callback; the connection is put back in order behind the scenes. */
void stream_cancel(struct stream *stream);

#endif
