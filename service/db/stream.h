/*
 * Reads a result of any length in constant memory, on the export lane. Each portion is a short
 * query of its own that starts behind the last row of the portion before it. Between two portions
 * the stream holds no connection, no transaction and no snapshot, so a slow reader holds up nobody.
 * The portions are not one snapshot: rows may change between them.
 */
#ifndef EINLASS_DB_STREAM_H
#define EINLASS_DB_STREAM_H

#include "db/db.h"

struct stream;

struct stream_reader {
    /* Returns the query of the portion behind `rows`. Rows NULL: of the first portion, never NULL.
     * Returns NULL if `rows` was the last portion. */
    struct params *(*next)(void *context, const struct rows *rows);

    /* Gets a portion of rows. Return true for the next portion at once, false to pause until
     * stream_resume(). The rows are valid until the callback returns, or until the pause ends. */
    bool (*on_rows)(void *context, const struct rows *rows);

    /* Called once, at the end, never during a pause: DB_DONE (rows NULL) after all rows. A failure
     * during a pause comes when the pause ends, without its db_error. The stream is freed
     * afterwards. */
    void (*on_end)(void *context, const struct db_result *result);
};

/* Starts a stream. It reads one portion ahead of the reader, never more. A portion whose connection
 * was lost is asked for again. A stream whose reader pauses must be cancelled before db_destroy().
 */
struct stream *stream_start(struct db *db, const struct stream_reader *reader, void *context);

void stream_resume(struct stream *stream);

/* Cancels: no further callback. */
void stream_cancel(struct stream *stream);

#endif
