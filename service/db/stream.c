#include "db/stream.h"

#include <event2/event.h>

#include "base/memory.h"
#include "db/inside.h"
#include "db/pg.h"
#include "db/turn.h"

/* The first portion of a million sorted rows may take longer than a query's deadline. */
#define STEP_TIMEOUT "set local statement_timeout = '60s'"

enum stream_state {
    STREAM_REFUSED, /* the lane was full; on_end will run from the loop */
    STREAM_WAITING, /* for a connection of the slow lane */
    STREAM_ASKING,  /* waits for a portion */
    STREAM_RESTING, /* its transaction is open, no command is pending */
    STREAM_ENDING,  /* waits for the end of its transaction */
};

struct stream {
    struct turn turn; /* first: a turn is cast back to its stream */
    struct exchange exchange;
    struct db *db;
    struct params *params;
    int rows_portion;
    const struct stream_reader *reader; /* NULL: cancelled */
    void *context;
    enum stream_state state;
    PGresult *portion, *error; /* portion: until the reader takes it */
    bool is_paused, is_giving, has_given, is_all_here;
    struct event *going_on;
};

static struct stream *of_exchange(struct exchange *exchange)
{
    return (struct stream *)((char *)exchange - offsetof(struct stream, exchange));
}

static void forget_results(struct stream *stream)
{
    PQclear(stream->portion);
    PQclear(stream->error);
    stream->portion = stream->error = NULL;
}

static void destroy(struct stream *stream)
{
    forget_results(stream);
    params_destroy(stream->params);
    event_free(stream->going_on);
    free(stream);
}

/* Calls on_end and frees the stream, which has left the lane. */
static void end(struct stream *stream, enum db_outcome outcome)
{
    struct db_error error;
    if (stream->error)
        refusals_note(stream->db, stream->error, params_statement(stream->params), &error);
    if (stream->reader)
        stream->reader->on_end(stream->context,
                               &(struct db_result){.outcome = outcome,
                                                   .error = outcome == DB_REFUSED ? &error : NULL});
    destroy(stream);
}

static bool send_command(PGconn *pg, const char *sql, struct params *params)
{
    return PQsendQueryParams(pg, sql, params ? params_count(params) : 0, NULL,
                             params ? params_values(params) : NULL, NULL, NULL, 0);
}

static bool send_fetch(struct stream *stream, PGconn *pg)
{
    char sql[64];
    snprintf(sql, sizeof sql, "fetch %d from einlass_rows", stream->rows_portion);
    return send_command(pg, sql, NULL);
}

static void submit(struct stream *stream, enum stream_state state, bool sent)
{
    stream->state = state;
    connection_submit(turn_connection(&stream->turn), &stream->exchange, sent);
}

static void ask_for_more(struct stream *stream)
{
    submit(stream, STREAM_ASKING,
           send_fetch(stream, connection_pg(turn_connection(&stream->turn))));
}

static void end_transaction(struct stream *stream)
{
    submit(stream, STREAM_ENDING,
           send_command(connection_pg(turn_connection(&stream->turn)), "rollback", NULL));
}

static void on_start(struct turn *turn, struct db_connection *connection)
{
    struct stream *stream = (struct stream *)turn;
    PGconn *pg = connection_pg(connection);
    struct buffer declare = {0};
    turn_forget_deadline(turn);
    buffer_printf(&declare, "declare einlass_rows no scroll cursor for %s",
                  params_statement(stream->params)->sql);
    bool sent = send_command(pg, "begin read only", NULL) && send_command(pg, STEP_TIMEOUT, NULL) &&
                send_command(pg, buffer_text(&declare), stream->params) && send_fetch(stream, pg);
    buffer_finish(&declare);
    submit(stream, STREAM_ASKING, sent);
}

static void give_portion(struct stream *stream)
{
    struct rows rows = {.result = stream->portion};
    stream->portion = NULL;
    if (rows_count(&rows) > 0) {
        stream->has_given = stream->is_giving = true;
        stream->is_paused = !stream->reader->on_rows(stream->context, &rows);
        stream->is_giving = false;
    }
    PQclear((PGresult *)rows.result);
}

/* Fetches one portion ahead while the reader works, never more. */
static void go_on(struct stream *stream)
{
    if (stream->reader && stream->portion && !stream->is_paused) {
        if (!stream->is_all_here && stream->state == STREAM_RESTING)
            ask_for_more(stream);
        give_portion(stream);
    }
    bool is_read = stream->is_all_here && !stream->portion && !stream->is_paused;
    if (stream->state == STREAM_RESTING && (!stream->reader || is_read))
        end_transaction(stream);
}

static void on_result(struct exchange *exchange, int command, PGresult *result)
{
    struct stream *stream = of_exchange(exchange);
    (void)command;
    if (stream->state == STREAM_ASKING && PQresultStatus(result) == PGRES_TUPLES_OK) {
        stream->portion = result;
        stream->is_all_here = PQntuples(result) < stream->rows_portion;
    } else if (!result_is_good(result) && !stream->error) {
        stream->error = result;
    } else {
        PQclear(result);
    }
}

static enum db_outcome outcome_of(const struct stream *stream)
{
    return stream->error ? result_outcome(stream->error) : DB_DONE;
}

static void on_synced(struct exchange *exchange)
{
    struct stream *stream = of_exchange(exchange);
    if (stream->state == STREAM_ENDING) {
        turn_leave(&stream->turn);
        end(stream, outcome_of(stream));
        return;
    }
    stream->state = STREAM_RESTING;
    if (stream->error)
        end_transaction(stream);
    else
        go_on(stream);
}

/* Starts again if no rows were given yet. A half-given result cannot continue, because the rows may
 * have changed. */
static void on_lost(struct turn *turn)
{
    struct stream *stream = (struct stream *)turn;
    bool had_ended = stream->state == STREAM_ENDING;
    stream->state = STREAM_WAITING;
    if (stream->reader && !stream->has_given && !had_ended) {
        forget_results(stream);
        turn_again(turn);
        return;
    }
    turn_leave(turn);
    end(stream, had_ended ? outcome_of(stream) : DB_LOST);
}

static void on_late(struct turn *turn)
{
    end((struct stream *)turn, DB_LATE);
}

static void on_stopping(struct turn *turn)
{
    end((struct stream *)turn, DB_STOPPING);
}

static const struct turn_kind stream_kind = {
    .start = on_start, .on_lost = on_lost, .on_late = on_late, .on_stopping = on_stopping};

static void on_going_on(evutil_socket_t socket, short what, void *context)
{
    struct stream *stream = context;
    (void)socket, (void)what;
    stream->is_paused = false;
    if (stream->state == STREAM_REFUSED)
        end(stream, DB_FULL);
    else
        go_on(stream);
}

struct stream *stream_start(struct db *db, struct params *params, int rows_portion,
                            const struct stream_reader *reader, void *context)
{
    struct stream *stream = memory_alloc(sizeof *stream);
    stream->turn.kind = &stream_kind;
    stream->exchange.on_result = on_result;
    stream->exchange.on_synced = on_synced;
    stream->db = db;
    stream->params = params;
    stream->rows_portion = rows_portion;
    stream->reader = reader;
    stream->context = context;
    stream->state = STREAM_WAITING;
    stream->going_on = event_new(db_loop(db), -1, 0, on_going_on, stream);
    if (!turn_add(&stream->turn, db, DB_SLOW)) {
        stream->state = STREAM_REFUSED;
        event_active(stream->going_on, EV_TIMEOUT, 0);
    }
    return stream;
}

void stream_resume(struct stream *stream)
{
    event_active(stream->going_on, EV_TIMEOUT, 0);
}

void stream_cancel(struct stream *stream)
{
    stream->reader = NULL;
    if (stream->state == STREAM_WAITING) {
        turn_leave(&stream->turn);
        destroy(stream);
    } else if (stream->state == STREAM_REFUSED) {
        destroy(stream);
    } else if (stream->state == STREAM_RESTING && !stream->is_giving) {
        end_transaction(stream);
    }
}
