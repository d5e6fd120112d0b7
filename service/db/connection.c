#include "db/connection.h"

#include <sys/random.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "db/pg.h"
#include "db/prepare.h"
#include "db/primary.h"

/* After a connection that lasted so long, the backoff starts again at its shortest pause. */
#define LASTED_US (5 * CLOCK_SECOND_US)
#define CONNECT_LIMIT_US (30 * CLOCK_SECOND_US)
#define PAUSE_LEAST_US (CLOCK_SECOND_US / 10)
#define PAUSE_MOST_US CLOCK_SECOND_US

enum connection_state {
    CONNECTION_RESTING, /* until the next attempt */
    CONNECTION_CONNECTING,
    CONNECTION_PREPARING, /* connected in this and the next states */
    CONNECTION_READY,
    CONNECTION_RETIRING, /* finishes its exchanges, then reconnects */
};

struct db_connection {
    struct connection_options options;
    char *conninfo;
    enum connection_state state;
    PGconn *pg; /* NULL while resting */
    struct event *reading, *writing, *timer, *dropping;
    int first_host; /* of the next attempt */
    int attempts;   /* since the last good connection */
    int64_t up_us, heard_us;
    enum db_absence absence, logged; /* logged: DB_PRESENT outside of an outage */
    char sqlstate[DB_SQLSTATE_BYTES], logged_sqlstate[DB_SQLSTATE_BYTES];
    char *why;                        /* connection_drop() was called */
    bool is_judged;                   /* the absence is what the preparation found */
    int64_t timeline;                 /* of the server, once ready; 0: not known */
    bool has_pooler;                  /* before the server, known once ready */
    bool is_open, is_refused;         /* as counted by the primary */
    struct preparation *preparation;  /* NULL while not connected */
    TAILQ_HEAD(, exchange) exchanges; /* the oldest first */
    int64_t asked_us;                 /* when the oldest became the oldest */
    int schema_version;
    bool command_ended; /* the last result was the NULL that ends a command */
    bool *prepared;     /* by the place of the statement in the options */
    int preparing;      /* ahead of the next exchange */
};

static void on_connecting(evutil_socket_t socket, short what, void *context);
static void on_readable(evutil_socket_t socket, short what, void *context);
static void on_writable(evutil_socket_t socket, short what, void *context);

static bool is_up(const struct db_connection *connection)
{
    return connection->state >= CONNECTION_PREPARING;
}

/* Other connections may have found what this one did not: a newer primary, or a pooler. */
static enum db_absence doubt(const struct db_connection *connection)
{
    const struct primary *primary = connection->options.primary;
    if (primary_is_behind(primary, connection->timeline))
        return DB_OLD_PRIMARY;
    return connection->has_pooler && primary_is_pooled_since(primary, connection->up_us)
               ? DB_POOLED
               : DB_PRESENT;
}

static bool is_doubted(const struct db_connection *connection)
{
    return doubt(connection) != DB_PRESENT;
}

static void count(struct db_connection *connection, bool is_open, bool is_refused)
{
    primary_count(connection->options.primary, is_open - connection->is_open,
                  is_refused - connection->is_refused);
    connection->is_open = is_open;
    connection->is_refused = is_refused;
}

static void free_event(struct event **event)
{
    if (*event)
        event_free(*event);
    *event = NULL;
}

static void arm_timer(struct db_connection *connection, int64_t in_us)
{
    struct timeval time = {.tv_sec = in_us / CLOCK_SECOND_US, .tv_usec = in_us % CLOCK_SECOND_US};
    evtimer_add(connection->timer, &time);
}

/* Doubles with each attempt. The jitter keeps workers from connecting all at once. */
static int64_t next_pause_us(struct db_connection *connection)
{
    int64_t pause_us = 0;
    if (connection->attempts > 0) {
        int doublings = connection->attempts < 7 ? connection->attempts - 1 : 6;
        uint16_t jitter = 0;
        (void)!getrandom(&jitter, sizeof jitter, GRND_NONBLOCK);
        pause_us = PAUSE_LEAST_US << doublings;
        pause_us = pause_us < PAUSE_MOST_US ? pause_us : PAUSE_MOST_US;
        pause_us = pause_us / 2 + pause_us / 2 * jitter / UINT16_MAX;
    }
    connection->attempts++;
    return pause_us;
}

static int statement_count(const struct db_connection *connection)
{
    int count = 0;
    while (connection->options.statements && connection->options.statements[count])
        count++;
    return count;
}

static void mark_prepared(struct db_connection *connection, bool all)
{
    int count = statement_count(connection);
    for (int i = 0; i < count; i++)
        connection->prepared[i] = all;
}

static void forget_all(struct db_connection *connection)
{
    free_event(&connection->reading);
    free_event(&connection->writing);
    prepare_destroy(connection->preparation);
    connection->preparation = NULL;
    PQfinish(connection->pg);
    connection->pg = NULL;
    free(connection->why);
    connection->why = NULL;
    connection->preparing = 0;
    mark_prepared(connection, false);
    connection->timeline = 0;
    connection->has_pooler = false;
    TAILQ_INIT(&connection->exchanges);
}

static void watch_socket(struct db_connection *connection)
{
    struct event_base *loop = connection->options.loop;
    evutil_socket_t socket = PQsocket(connection->pg);
    free_event(&connection->reading);
    connection->reading = event_new(loop, socket, EV_READ | EV_PERSIST, on_readable, connection);
    connection->writing = event_new(loop, socket, EV_WRITE, on_writable, connection);
    event_add(connection->reading, NULL);
}

static void log_end_of_outage(struct db_connection *connection)
{
    if (connection->logged != DB_PRESENT)
        log_event(LOG_INFO, "database_back");
    connection->logged = DB_PRESENT;
}

/* Only this function changes the state, with its events and its timer. */
static void move_to(struct db_connection *connection, enum connection_state state)
{
    connection->state = state;
    switch (state) {
    case CONNECTION_RESTING:
        forget_all(connection);
        event_del(connection->dropping);
        arm_timer(connection, next_pause_us(connection));
        break;
    case CONNECTION_CONNECTING:
        arm_timer(connection, CONNECT_LIMIT_US);
        break;
    case CONNECTION_PREPARING:
        evtimer_del(connection->timer);
        connection->is_judged = false;
        PQsetnonblocking(connection->pg, 1);
        PQsetErrorVerbosity(connection->pg, PQERRORS_DEFAULT);
        PQenterPipelineMode(connection->pg);
        connection->command_ended = false;
        connection->up_us = connection->heard_us = clock_monotonic_us();
        watch_socket(connection);
        break;
    case CONNECTION_READY:
        count(connection, true, false);
        log_end_of_outage(connection);
        connection->options.on_ready(connection->options.context, connection);
        break;
    case CONNECTION_RETIRING:
        break;
    }
}

/* Warns once per outage and cause; other failed retries are only debug lines. */
static void log_outage(struct db_connection *connection, const char *sentence)
{
    if (connection->logged == connection->absence &&
        strcmp(connection->logged_sqlstate, connection->sqlstate) == 0)
        log_event(LOG_DEBUG, "database_still_away", log_text("reason", sentence));
    else
        log_event(LOG_WARNING, "database_lost", log_text("reason", sentence));
    connection->logged = connection->absence;
    memcpy(connection->logged_sqlstate, connection->sqlstate, DB_SQLSTATE_BYTES);
}

/* A server that starts or stops (class 57) is not reachable yet. */
static void note_refusal(struct db_connection *connection, bool was_up)
{
    if (was_up)
        connection->sqlstate[0] = '\0';
    else
        conninfo_sqlstate(connection->pg, connection->sqlstate);
    if (strncmp(connection->sqlstate, "57", 2) == 0)
        connection->sqlstate[0] = '\0';
    connection->absence = *connection->sqlstate ? DB_REFUSES : DB_UNREACHABLE;
}

/* The server has no connection left (too_many_connections), or a pooler that let us in has none:
 * libpq's first question had no answer. */
static bool is_refused_for_number(const struct db_connection *connection)
{
    return strcmp(connection->sqlstate, "53300") == 0 ||
           PQstatus(connection->pg) == CONNECTION_CHECK_WRITABLE;
}

static void give_up(struct db_connection *connection)
{
    bool was_up = is_up(connection), was_ready = connection->state >= CONNECTION_READY;
    struct buffer sentence = {0};
    if (!was_up || !connection->is_judged)
        note_refusal(connection, was_up);
    count(connection, false, is_refused_for_number(connection));
    bool is_fatal = !was_up && sqlstate_is_hopeless(connection->sqlstate);
    if (connection->why)
        buffer_add_text(&sentence, connection->why);
    else
        conninfo_error(connection->pg, &sentence);
    log_outage(connection, buffer_text(&sentence));
    if (was_up && clock_monotonic_us() - connection->up_us >= LASTED_US)
        connection->attempts = 0;
    move_to(connection, CONNECTION_RESTING);
    if (was_ready)
        connection->options.on_lost(connection->options.context, connection);
    else if (is_fatal)
        connection->options.on_fatal(connection->options.context, buffer_text(&sentence));
    buffer_finish(&sentence);
}

static void on_prepared(struct db_connection *connection)
{
    connection->schema_version = prepare_schema_version(connection->preparation);
    mark_prepared(connection, connection->options.checks);
    connection->timeline = prepare_timeline(connection->preparation);
    connection->has_pooler = prepare_has_pooler(connection->preparation);
    move_to(connection, CONNECTION_READY);
}

static void on_prepare_failed(struct db_connection *connection, const char *sentence,
                              enum db_absence why)
{
    connection_drop(connection, sentence);
    connection->absence = why;
    connection->sqlstate[0] = '\0';
    connection->is_judged = true;
    if (why == DB_OLD_PRIMARY)
        connection->first_host =
            (connection->first_host + 1) % conninfo_hosts(connection->conninfo);
    if (why == DB_UNFIT || why == DB_OTHER_KEYS)
        connection->options.on_fatal(connection->options.context, sentence);
}

static void come_up(struct db_connection *connection)
{
    const struct connection_options *options = &connection->options;
    move_to(connection, CONNECTION_PREPARING);
    connection->preparation = prepare_start(
        connection,
        &(struct prepare_options){.loop = options->loop,
                                  .statements = options->checks ? options->statements : NULL,
                                  .schema = options->schema,
                                  .primary = options->primary,
                                  .statement_timeout_us = options->statement_timeout_us,
                                  .lock_timeout_ms = options->lock_timeout_ms,
                                  .by_key = options->by_key,
                                  .on_prepared = on_prepared,
                                  .on_failed = on_prepare_failed});
}

/* Each step may use another socket (next address, next host). */
static void wait_for(struct db_connection *connection, short what)
{
    free_event(&connection->reading);
    connection->reading = event_new(connection->options.loop, PQsocket(connection->pg), what,
                                    on_connecting, connection);
    event_add(connection->reading, NULL);
}

static void on_connecting(evutil_socket_t socket, short what, void *context)
{
    struct db_connection *connection = context;
    (void)socket, (void)what;
    switch (PQconnectPoll(connection->pg)) {
    case PGRES_POLLING_OK:
        come_up(connection);
        break;
    case PGRES_POLLING_READING:
        wait_for(connection, EV_READ);
        break;
    case PGRES_POLLING_WRITING:
        wait_for(connection, EV_WRITE);
        break;
    case PGRES_POLLING_FAILED:
    case PGRES_POLLING_ACTIVE: /* unused by libpq */
        give_up(connection);
    }
}

static void start(struct db_connection *connection)
{
    connection->pg = conninfo_start(connection->conninfo, connection->first_host);
    move_to(connection, CONNECTION_CONNECTING);
    if (PQstatus(connection->pg) == CONNECTION_BAD)
        give_up(connection);
    else
        wait_for(connection, EV_WRITE);
}

static void on_timer(evutil_socket_t socket, short what, void *context)
{
    struct db_connection *connection = context;
    (void)socket, (void)what;
    if (connection->state == CONNECTION_RESTING) {
        start(connection);
    } else {
        connection->why = memory_copy("no answer while connecting");
        give_up(connection);
    }
}

static void end_oldest(struct db_connection *connection)
{
    struct exchange *exchange = TAILQ_FIRST(&connection->exchanges);
    TAILQ_REMOVE(&connection->exchanges, exchange, entry);
    connection->asked_us = clock_monotonic_us();
    exchange->on_synced(exchange);
    if (connection->state == CONNECTION_RETIRING && TAILQ_EMPTY(&connection->exchanges))
        connection_drop(connection, "the prepared statements do not fit any more");
}

static void log_if_refused(const PGresult *result)
{
    struct buffer sentence = {0};
    if (result_is_good(result) || PQresultStatus(result) == PGRES_PIPELINE_SYNC)
        return;
    result_sentence(result, &sentence);
    log_event(LOG_WARNING, "statement_not_prepared", log_text("reason", buffer_text(&sentence)));
    buffer_finish(&sentence);
}

/* A prepared statement that another session made (42P05), or took along (26000). */
static void note_if_shared(struct db_connection *connection, const PGresult *result)
{
    const char *sqlstate = result_sqlstate(result);
    if (connection->has_pooler &&
        (strcmp(sqlstate, "42P05") == 0 || strcmp(sqlstate, "26000") == 0))
        primary_note_pooler(connection->options.primary);
}

static void take(struct db_connection *connection, PGresult *result)
{
    struct exchange *exchange = TAILQ_FIRST(&connection->exchanges);
    bool is_sync = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
    note_if_shared(connection, result);
    if (exchange->preparing > 0) {
        exchange->preparing -= is_sync;
        log_if_refused(result);
        PQclear(result);
    } else if (is_sync) {
        PQclear(result);
        end_oldest(connection);
    } else {
        exchange->on_result(exchange, exchange->answered++, result);
    }
}

static void take_notices(struct db_connection *connection)
{
    PGnotify *notice;
    while ((notice = PQnotifies(connection->pg))) {
        if (connection->options.on_notice)
            connection->options.on_notice(connection->options.context, notice->extra);
        PQfreemem(notice);
    }
}

/*
 * In pipeline mode each command gives its results and a NULL; each Sync gives one result without a
 * NULL. On a broken connection libpq makes an error for every pending command. These errors are not
 * the server's and must be ignored.
 */
static void take_input(struct db_connection *connection)
{
    PGconn *pg = connection->pg;
    connection_drop_if_doubted(connection);
    while (!is_doubted(connection) && !TAILQ_EMPTY(&connection->exchanges) && !PQisBusy(pg)) {
        PGresult *result = PQgetResult(pg);
        if (PQstatus(pg) != CONNECTION_OK || (!result && connection->command_ended)) {
            connection_drop(connection, PQerrorMessage(pg));
            PQclear(result);
            return;
        }
        connection->command_ended = !result;
        if (result)
            take(connection, result);
    }
    /* Lets libpq read input outside of exchanges, such as notifications. */
    if (TAILQ_EMPTY(&connection->exchanges))
        (void)PQisBusy(pg);
    take_notices(connection);
}

/* Writes libpq's buffer, now and when the socket is writable. */
static void flush(struct db_connection *connection)
{
    int left = PQflush(connection->pg);
    if (left > 0)
        event_add(connection->writing, NULL);
    else if (left < 0)
        connection_drop(connection, PQerrorMessage(connection->pg));
}

static void on_readable(evutil_socket_t socket, short what, void *context)
{
    struct db_connection *connection = context;
    (void)socket, (void)what;
    connection->heard_us = clock_monotonic_us();
    if (!PQconsumeInput(connection->pg)) {
        give_up(connection);
        return;
    }
    take_input(connection);
    /* Reading may have made room for the rest of the output. */
    flush(connection);
}

static void on_writable(evutil_socket_t socket, short what, void *context)
{
    (void)socket, (void)what;
    flush(context);
}

static void on_dropping(evutil_socket_t socket, short what, void *context)
{
    (void)socket, (void)what;
    give_up(context);
}

struct db_connection *connection_create(const struct connection_options *options)
{
    struct db_connection *connection = memory_alloc(sizeof *connection);
    connection->options = *options;
    connection->conninfo = memory_copy(options->conninfo);
    connection->prepared = memory_alloc((size_t)statement_count(connection) + 1);
    connection->absence = DB_UNREACHABLE;
    connection->timer = evtimer_new(options->loop, on_timer, connection);
    connection->dropping = event_new(options->loop, -1, 0, on_dropping, connection);
    move_to(connection, CONNECTION_RESTING);
    return connection;
}

void connection_destroy(struct db_connection *connection)
{
    if (!connection)
        return;
    count(connection, false, false);
    forget_all(connection);
    event_free(connection->timer);
    event_free(connection->dropping);
    free(connection->prepared);
    free(connection->conninfo);
    free(connection);
}

bool connection_is_ready(const struct db_connection *connection)
{
    return connection->state == CONNECTION_READY && !is_doubted(connection);
}

PGconn *connection_pg(struct db_connection *connection)
{
    return is_up(connection) ? connection->pg : NULL;
}

void connection_submit(struct db_connection *connection, struct exchange *exchange, bool sent)
{
    exchange->answered = 0;
    exchange->preparing = connection->preparing;
    connection->preparing = 0;
    if (TAILQ_EMPTY(&connection->exchanges))
        connection->asked_us = clock_monotonic_us();
    TAILQ_INSERT_TAIL(&connection->exchanges, exchange, entry);
    if (sent && PQpipelineSync(connection->pg))
        flush(connection);
    else
        connection_drop(connection, PQerrorMessage(connection->pg));
}

bool connection_prepare(struct db_connection *connection, const struct statement *statement)
{
    int at = 0, count = statement_count(connection);
    while (at < count && connection->options.statements[at] != statement)
        at++;
    if (at == count || connection->prepared[at])
        return true;
    connection->prepared[at] = true;
    connection->preparing++;
    return PQsendPrepare(connection->pg, statement->name, statement->sql, 0, NULL) &&
           PQpipelineSync(connection->pg);
}

bool connection_send(struct db_connection *connection, const struct statement *statement,
                     int parameter_count, const char *const *values)
{
    return PQsendQueryPrepared(connection->pg, statement->name, parameter_count, values, NULL, NULL,
                               0);
}

void connection_retire(struct db_connection *connection, const char *why)
{
    if (connection->state != CONNECTION_READY)
        return;
    move_to(connection, CONNECTION_RETIRING);
    if (TAILQ_EMPTY(&connection->exchanges))
        connection_drop(connection, why);
}

void connection_drop(struct db_connection *connection, const char *why)
{
    if (!is_up(connection) || connection->why)
        return;
    connection->why = memory_copy(why);
    event_active(connection->dropping, EV_TIMEOUT, 0);
}

void connection_drop_if_doubted(struct db_connection *connection)
{
    enum db_absence why = doubt(connection);
    if (why == DB_PRESENT)
        return;
    connection_drop(connection, why == DB_POOLED ? primary_pooled_sentence : primary_old_sentence);
    connection->absence = why;
    connection->is_judged = true;
}

int64_t connection_silence_us(const struct db_connection *connection, int64_t now_us)
{
    int64_t heard_us = connection->heard_us;
    if (TAILQ_EMPTY(&connection->exchanges))
        return 0;
    return now_us - (heard_us > connection->asked_us ? heard_us : connection->asked_us);
}

int connection_schema_version(const struct db_connection *connection)
{
    return connection->preparation ? prepare_schema_version(connection->preparation)
                                   : connection->schema_version;
}

enum db_absence connection_absence(const struct db_connection *connection,
                                   char ret_sqlstate[DB_SQLSTATE_BYTES])
{
    bool waits = connection->preparation && prepare_waits_for_schema(connection->preparation);
    memcpy(ret_sqlstate, connection->sqlstate, DB_SQLSTATE_BYTES);
    if (is_doubted(connection))
        return doubt(connection);
    if (connection_is_ready(connection))
        return DB_PRESENT;
    return waits ? DB_NOT_MIGRATED : connection->absence;
}
