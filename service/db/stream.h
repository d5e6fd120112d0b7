/*
 * Reads a result of any length in constant memory, on the slow lane. It reads a cursor in portions,
 * and asks for the next portion only when the reader has room.
 */
#ifndef EINLASS_DB_STREAM_H
#define EINLASS_DB_STREAM_H

#include "db/db.h"

struct stream;

struct stream_reader {
    /* Gets a portion of rows, valid until the callback returns. Return true for the next portion at
     * once, false to pause until stream_resume(). */
    bool (*on_rows)(void *context, const struct rows *rows);

    /* Called once, at the end: DB_DONE (rows NULL) after all rows. The stream is freed afterwards.
     */
    void (*on_end)(void *context, const struct db_result *result);
};

/*
 * Starts a stream of a select and takes its params. A portion has `rows_portion` rows; 250 is fast,
 * larger ones only need more memory. It waits for a connection as long as a query (DB_LATE), then
 * it has no deadline. A reader that pauses for a minute loses the connection (DB_LOST). While
 * paused, on_end comes only for a lost connection or db_destroy().
 */
struct stream *stream_start(struct db *db, struct params *params, int rows_portion,
                            const struct stream_reader *reader, void *context);

void stream_resume(struct stream *stream);

/* Cancels: no further callback. The connection's transaction is ended in the background. */
void stream_cancel(struct stream *stream);

#endif
