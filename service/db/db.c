#include "db/db.h"

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "db/inside.h"
#include "db/pg.h"
#include "db/turn.h"

enum {
    LANES = DB_EXPORT + 1,
    /* Queries in one hot connection's pipeline: enough to keep the server busy, few enough that
     * a lost connection does not affect all. */
    PIPELINE_MOST = 64,
    TIMEOUT_PARTS = 10, /* statement_timeout is the deadline less one part */
    RETRIES_MOST = 3,   /* of one query, after deadlocks and stale plans */
    TICK_US = 50000,    /* deadlines are seconds, so this interval is exact enough */
    WATCH_US = 250000,
    /* How long a transaction waits for a lock: on the hot lane, where others may wait behind it,
     * and on the locking lane, where another key may need the connection. */
    HOT_LOCK_TIMEOUT_MS = 200,
    LOCKING_LOCK_TIMEOUT_MS = 1000,
    REFUSALS_MOST = 32, /* kinds of refusals that are remembered */
};

#define REFUSAL_QUIET_US (10 * CLOCK_SECOND_US)

/* By the deadline the server has cancelled both statements of a query. If not, it is dead. */
#define SILENCE_DEADLINES 2

TAILQ_HEAD(turns, turn);

/* A connection and its turns. */
struct berth {
    struct lane *lane;
    struct db_connection *connection;
    struct turns running;
    int running_count;
    bool checks;    /* the first of all connections: that every statement fits */
    bool was_ready; /* at least once */
};

struct lane {
    struct db *db;
    int connections, turns_most_each; /* turns on one connection at once */
    bool gives_up_locks;              /* its connections have a lock_timeout */
    struct turns waiting;             /* by number */
    struct turns awaited;             /* turns with a deadline, waiting or running, by deadline */
    size_t waiting_count, running_count;
    uint64_t next_number, reconnects;
    struct event *ticking;
    struct berth berths[];
};

/* A kind of refusal. The log has one line of it in a while, with how often it came since. */
struct refusal {
    const struct statement *statement;
    char sqlstate[DB_SQLSTATE_BYTES];
    int64_t quiet_until_us, times;
};

struct db {
    struct db_options options;
    char *conninfo;
    struct lane *lanes[LANES];
    struct turns refused; /* queries that the full queue refused; the loop answers them */
    struct event *refusing, *watching;
    struct refusal refusals[REFUSALS_MOST];
    uint64_t queries, failures, resent;
    bool is_checked; /* once: all statements fit */
    bool is_stopping;
};

/* The lanes. */

static struct berth *freest_berth(struct lane *lane)
{
    struct berth *best = NULL;
    for (int i = 0; i < lane->connections; i++) {
        struct berth *berth = &lane->berths[i];
        if (connection_is_ready(berth->connection) &&
            berth->running_count < lane->turns_most_each &&
            (!best || berth->running_count < best->running_count))
            best = berth;
    }
    return best;
}

static bool is_same_key(const struct turn *a, const struct turn *b)
{
    return a->has_key && b->has_key && id_equal(&a->key, &b->key);
}

static bool runs_key_of(struct lane *lane, const struct turn *turn)
{
    struct turn *running;
    for (int i = 0; turn->has_key && i < lane->connections; i++) {
        TAILQ_FOREACH(running, &lane->berths[i].running, place)
        {
            if (is_same_key(running, turn))
                return true;
        }
    }
    return false;
}

static struct turn *next_turn(struct lane *lane)
{
    struct turn *turn, *put_off = NULL;
    TAILQ_FOREACH(turn, &lane->waiting, place)
    {
        if ((turn->is_put_off && put_off) || runs_key_of(lane, turn))
            continue;
        if (!turn->is_put_off)
            return turn;
        put_off = turn;
    }
    return put_off;
}

static void start_waiting(struct lane *lane)
{
    struct turn *turn;
    struct berth *berth;
    while ((berth = freest_berth(lane)) && (turn = next_turn(lane))) {
        TAILQ_REMOVE(&lane->waiting, turn, place);
        lane->waiting_count--;
        TAILQ_INSERT_TAIL(&berth->running, turn, place);
        berth->running_count++;
        lane->running_count++;
        turn->berth = berth;
        turn->kind->start(turn, berth->connection);
    }
}

static void tick_if_needed(struct lane *lane)
{
    if (lane->waiting_count + lane->running_count > 0 && !evtimer_pending(lane->ticking, NULL))
        evtimer_add(lane->ticking, &(struct timeval){.tv_usec = TICK_US});
}

static void take_off_berth(struct turn *turn)
{
    TAILQ_REMOVE(&turn->berth->running, turn, place);
    turn->berth->running_count--;
    turn->lane->running_count--;
    turn->berth = NULL;
}

/* The place is nearly always at one of the ends. */
static void put_in_queue(struct turn *turn)
{
    struct lane *lane = turn->lane;
    struct turn *next = TAILQ_FIRST(&lane->waiting), *last = TAILQ_LAST(&lane->waiting, turns);
    lane->waiting_count++;
    if (last && last->number < turn->number)
        next = NULL;
    while (next && next->number < turn->number)
        next = TAILQ_NEXT(next, place);
    if (next)
        TAILQ_INSERT_BEFORE(next, turn, place);
    else
        TAILQ_INSERT_TAIL(&lane->waiting, turn, place);
}

static void await(struct turn *turn)
{
    turn->deadline_us = clock_monotonic_us() + turn->lane->db->options.deadline_us;
    turn->is_awaited = true;
    TAILQ_INSERT_TAIL(&turn->lane->awaited, turn, awaited_place);
}

/* A turn that joins turns of its key which are put off is put off, too. */
static void join_key(struct turn *turn)
{
    struct turn *other;
    TAILQ_FOREACH(other, &turn->lane->waiting, place)
    {
        if (is_same_key(other, turn)) {
            turn->is_put_off = other->is_put_off;
            return;
        }
    }
}

bool turn_add(struct turn *turn, struct db *db, enum db_lane which)
{
    struct lane *lane = db->lanes[which];
    if (lane->waiting_count + lane->running_count >= db->options.queue_most)
        return false;
    turn->lane = lane;
    turn->number = lane->next_number++;
    await(turn);
    if (turn->has_key)
        join_key(turn);
    put_in_queue(turn);
    start_waiting(lane);
    tick_if_needed(lane);
    return true;
}

void turn_put_off(struct turn *turn)
{
    struct turn *other;
    turn->is_put_off = true;
    TAILQ_FOREACH(other, &turn->lane->waiting, place)
    other->is_put_off |= is_same_key(other, turn);
    turn_again(turn);
}

void turn_again(struct turn *turn)
{
    take_off_berth(turn);
    if (!turn->is_awaited)
        await(turn);
    put_in_queue(turn);
    start_waiting(turn->lane);
}

void turn_forget_deadline(struct turn *turn)
{
    if (turn->is_awaited)
        TAILQ_REMOVE(&turn->lane->awaited, turn, awaited_place);
    turn->is_awaited = false;
}

void turn_leave(struct turn *turn)
{
    turn_forget_deadline(turn);
    if (turn->berth) {
        take_off_berth(turn);
    } else {
        TAILQ_REMOVE(&turn->lane->waiting, turn, place);
        turn->lane->waiting_count--;
    }
    start_waiting(turn->lane);
}

struct db_connection *turn_connection(const struct turn *turn)
{
    return turn->berth->connection;
}

static void expire_late(struct lane *lane, int64_t now_us)
{
    struct turn *turn;
    while ((turn = TAILQ_FIRST(&lane->awaited)) && turn->deadline_us <= now_us) {
        if (turn->berth)
            turn_forget_deadline(turn);
        else
            turn_leave(turn);
        turn->kind->on_late(turn);
    }
}

/* statement_timeout makes a live server answer. A silent one is frozen or unreachable. */
static void drop_silent(struct lane *lane, int64_t now_us)
{
    int64_t most_us = SILENCE_DEADLINES * lane->db->options.deadline_us;
    for (int i = 0; most_us > 0 && i < lane->connections; i++) {
        struct db_connection *connection = lane->berths[i].connection;
        if (connection_silence_us(connection, now_us) > most_us)
            connection_drop(connection, "the server has fallen silent");
    }
}

static void on_tick(evutil_socket_t socket, short what, void *context)
{
    struct lane *lane = context;
    (void)socket, (void)what;
    int64_t now_us = clock_monotonic_us();
    expire_late(lane, now_us);
    drop_silent(lane, now_us);
    tick_if_needed(lane);
}

static void on_ready(void *context, struct db_connection *connection)
{
    struct berth *berth = context;
    struct db *db = berth->lane->db;
    const struct db_options *options = &db->options;
    (void)connection;
    if (berth->was_ready)
        berth->lane->reconnects++;
    berth->was_ready = true;
    db->is_checked = db->is_checked || berth->checks;
    if (options->on_ready && berth->lane == db->lanes[DB_HOT] && db->is_checked)
        options->on_ready(options->context);
    start_waiting(berth->lane);
}

/* Oldest first, so repeated turns keep their order. */
static void on_connection_lost(void *context, struct db_connection *connection)
{
    struct berth *berth = context;
    struct turn *turn;
    (void)connection;
    while ((turn = TAILQ_FIRST(&berth->running)))
        turn->kind->on_lost(turn);
}

static void on_fatal(void *context, const char *sentence)
{
    struct berth *berth = context;
    const struct db_options *options = &berth->lane->db->options;
    if (options->on_fatal)
        options->on_fatal(options->context, sentence);
}

static struct lane *create_lane(struct db *db, int connections, int turns_most_each,
                                int lock_timeout_ms)
{
    struct lane *lane = memory_alloc(sizeof *lane + (size_t)connections * sizeof(struct berth));
    int64_t deadline_us = db->options.deadline_us;
    lane->db = db;
    lane->connections = connections;
    lane->turns_most_each = turns_most_each;
    lane->gives_up_locks = lock_timeout_ms > 0;
    TAILQ_INIT(&lane->waiting);
    TAILQ_INIT(&lane->awaited);
    lane->ticking = evtimer_new(db->options.loop, on_tick, lane);
    for (int i = 0; i < connections; i++) {
        struct berth *berth = &lane->berths[i];
        berth->lane = lane;
        berth->checks = i == 0 && !db->lanes[DB_HOT];
        TAILQ_INIT(&berth->running);
        berth->connection = connection_create(&(struct connection_options){
            .loop = db->options.loop,
            .conninfo = db->conninfo,
            .statements = db->options.statements,
            .checks = berth->checks,
            .schema = db->options.schema,
            .primary = db->options.primary,
            .by_key = true,
            .lock_timeout_ms = lock_timeout_ms,
            .statement_timeout_us = deadline_us - deadline_us / TIMEOUT_PARTS,
            .on_ready = on_ready,
            .on_lost = on_connection_lost,
            .on_fatal = on_fatal,
            .context = berth});
    }
    return lane;
}

static void stop_all(struct turns *turns)
{
    struct turn *turn;
    while ((turn = TAILQ_FIRST(turns))) {
        TAILQ_REMOVE(turns, turn, place);
        turn->kind->on_stopping(turn);
    }
}

static void destroy_lane(struct lane *lane)
{
    struct turns all = TAILQ_HEAD_INITIALIZER(all);
    for (int i = 0; i < lane->connections; i++) {
        connection_destroy(lane->berths[i].connection);
        TAILQ_CONCAT(&all, &lane->berths[i].running, place);
    }
    TAILQ_CONCAT(&all, &lane->waiting, place);
    stop_all(&all);
    event_free(lane->ticking);
    free(lane);
}

static int ready_connections(const struct lane *lane)
{
    int ready = 0;
    for (int i = 0; i < lane->connections; i++)
        ready += connection_is_ready(lane->berths[i].connection);
    return ready;
}

/* What the database refused. */

/* The one with the same statement and SQLSTATE, or the one that was quiet the longest. */
static struct refusal *find_refusal(struct db *db, const struct statement *statement,
                                    const char *sqlstate)
{
    struct refusal *oldest = db->refusals;
    for (struct refusal *at = db->refusals; at < db->refusals + REFUSALS_MOST; at++) {
        if (at->statement == statement && strcmp(at->sqlstate, sqlstate) == 0)
            return at;
        if (at->quiet_until_us < oldest->quiet_until_us)
            oldest = at;
    }
    *oldest = (struct refusal){.statement = statement};
    memcpy(oldest->sqlstate, sqlstate, DB_SQLSTATE_BYTES);
    return oldest;
}

void refusals_note(struct db *db, const PGresult *result, const struct statement *statement,
                   struct db_error *ret_error)
{
    int64_t now_us = clock_monotonic_us();
    result_error(result, statement->name, ret_error);
    struct refusal *refusal = find_refusal(db, statement, ret_error->sqlstate);
    refusal->times++;
    if (now_us < refusal->quiet_until_us)
        return;
    log_event(LOG_WARNING, "statement_refused", log_text("statement", statement->name),
              log_text("sqlstate", ret_error->sqlstate),
              log_text("constraint", ret_error->constraint), log_text("reason", ret_error->message),
              log_number("times", refusal->times));
    refusal->times = 0;
    refusal->quiet_until_us = now_us + REFUSAL_QUIET_US;
}

/* A query: a turn of its lane, an exchange on its connection. */

struct query {
    struct turn turn; /* first: a turn is cast back to its query */
    struct exchange exchange;
    struct db *db;
    struct db_query asked;
    PGresult *rows, *error; /* of the last command; of the first that failed */
    int starts, retries;
    bool is_answered; /* its deadline passed while it was running */
};

static struct query *of_exchange(struct exchange *exchange)
{
    return (struct query *)((char *)exchange - offsetof(struct query, exchange));
}

static void forget_results(struct query *query)
{
    PQclear(query->rows);
    PQclear(query->error);
    query->rows = query->error = NULL;
}

static void answer(struct query *query, const struct db_result *result)
{
    if (query->is_answered)
        return;
    query->is_answered = true;
    if (result->outcome != DB_DONE)
        query->db->failures++;
    query->asked.on_done(query->asked.context, result);
}

/* Calls on_done and frees the query, which has left the lane. */
static void end(struct query *query, enum db_outcome outcome)
{
    struct rows rows = {.result = query->rows};
    struct db_error error;
    query->rows = NULL;
    if (query->error)
        refusals_note(query->db, query->error, params_statement(query->asked.run), &error);
    answer(query, &(struct db_result){.outcome = outcome,
                                      .rows = outcome == DB_DONE ? &rows : NULL,
                                      .error = outcome == DB_REFUSED ? &error : NULL});
    rows_free(&rows);
    forget_results(query);
    params_destroy(query->asked.lock);
    params_destroy(query->asked.run);
    free(query);
}

static bool prepare_one(struct db_connection *connection, struct params *params)
{
    return !params || connection_prepare(connection, params_statement(params));
}

static bool send_one(struct db_connection *connection, struct params *params)
{
    return !params || connection_send(connection, params_statement(params), params_count(params),
                                      params_values(params));
}

/* Without BEGIN and COMMIT: the commands before a Sync are one transaction, and each statement
 * takes its own snapshot. */
static void on_start(struct turn *turn, struct db_connection *connection)
{
    struct query *query = (struct query *)turn;
    if (query->starts++ > 0)
        query->db->resent++;
    bool sent = prepare_one(connection, query->asked.lock) &&
                prepare_one(connection, query->asked.run) &&
                send_one(connection, query->asked.lock) && send_one(connection, query->asked.run);
    connection_submit(connection, &query->exchange, sent);
}

static void on_result(struct exchange *exchange, int command, PGresult *result)
{
    struct query *query = of_exchange(exchange);
    int last = query->asked.lock ? 1 : 0;
    if (result_is_good(result) && command == last)
        query->rows = result;
    else if (!result_is_good(result) && !query->error)
        query->error = result;
    else
        PQclear(result);
}

/* A failed query was rolled back, so any query may be sent again. */
static bool may_retry(struct query *query, enum result_cause cause)
{
    return (cause == RESULT_CONFLICT || cause == RESULT_STALE) && !query->is_answered &&
           query->retries++ < RETRIES_MOST;
}

/* A locked row holds up nobody on the hot lane, and on the locking lane only its own key. */
static void on_locked(struct query *query)
{
    bool was_hot = query->turn.lane == query->db->lanes[DB_HOT];
    forget_results(query);
    if (!was_hot) {
        turn_put_off(&query->turn);
        return;
    }
    turn_leave(&query->turn);
    if (query->asked.splits)
        end(query, DB_LOCKED);
    else if (!turn_add(&query->turn, query->db, DB_LOCKING))
        end(query, DB_FULL);
}

static void on_error(struct query *query)
{
    enum result_cause cause = result_cause(query->error);
    if (cause == RESULT_STALE)
        connection_retire(turn_connection(&query->turn),
                          PQresultErrorField(query->error, PG_DIAG_MESSAGE_PRIMARY));
    if (cause == RESULT_LOCKED && !query->is_answered && query->turn.lane->gives_up_locks) {
        on_locked(query);
        return;
    }
    if (may_retry(query, cause)) {
        forget_results(query);
        turn_again(&query->turn);
        return;
    }
    turn_leave(&query->turn);
    end(query, result_outcome(query->error));
}

static void on_synced(struct exchange *exchange)
{
    struct query *query = of_exchange(exchange);
    if (query->error) {
        on_error(query);
        return;
    }
    /* Sends the next query before this one's callback runs. */
    turn_leave(&query->turn);
    end(query, DB_DONE);
}

static void on_lost(struct turn *turn)
{
    struct query *query = (struct query *)turn;
    forget_results(query);
    if (query->asked.again && !query->is_answered) {
        turn_again(turn);
        return;
    }
    turn_leave(turn);
    end(query, DB_LOST);
}

static void on_late(struct turn *turn)
{
    struct query *query = (struct query *)turn;
    if (turn->berth)
        answer(query, &(struct db_result){.outcome = DB_LATE});
    else
        end(query, DB_LATE);
}

static void on_stopping(struct turn *turn)
{
    end((struct query *)turn, DB_STOPPING);
}

static const struct turn_kind query_kind = {
    .start = on_start, .on_lost = on_lost, .on_late = on_late, .on_stopping = on_stopping};

static void on_refusing(evutil_socket_t socket, short what, void *context)
{
    struct db *db = context;
    struct turn *turn;
    (void)socket, (void)what;
    while ((turn = TAILQ_FIRST(&db->refused))) {
        TAILQ_REMOVE(&db->refused, turn, place);
        end((struct query *)turn, DB_FULL);
    }
}

void db_run(struct db *db, const struct db_query *asked)
{
    struct query *query = memory_alloc(sizeof *query);
    query->turn.kind = &query_kind;
    query->exchange.on_result = on_result;
    query->exchange.on_synced = on_synced;
    query->db = db;
    query->asked = *asked;
    query->turn.has_key = asked->key != NULL;
    if (asked->key)
        query->turn.key = *asked->key;
    db->queries++;
    if (db->is_stopping || !turn_add(&query->turn, db, asked->lane)) {
        TAILQ_INSERT_TAIL(&db->refused, &query->turn, place);
        event_active(db->refusing, EV_TIMEOUT, 0);
    }
}

void db_ask(struct db *db, struct params *params, db_done *on_done, void *context)
{
    db_run(
        db,
        &(struct db_query){
            .lane = DB_HOT, .run = params, .again = true, .on_done = on_done, .context = context});
}

/* Connections leave an old primary, and a pooler in transaction mode, although these answer. */
static void on_watching(evutil_socket_t socket, short what, void *context)
{
    const struct db *db = context;
    (void)socket, (void)what;
    for (int i = 0; i < LANES; i++) {
        for (int c = 0; c < db->lanes[i]->connections; c++)
            connection_drop_if_doubted(db->lanes[i]->berths[c].connection);
    }
}

struct db *db_create(const struct db_options *options)
{
    struct db *db = memory_alloc(sizeof *db);
    db->options = *options;
    db->conninfo = memory_copy(options->conninfo);
    TAILQ_INIT(&db->refused);
    db->refusing = event_new(options->loop, -1, 0, on_refusing, db);
    db->lanes[DB_HOT] =
        create_lane(db, options->hot_connections, PIPELINE_MOST, HOT_LOCK_TIMEOUT_MS);
    db->lanes[DB_LOCKING] =
        create_lane(db, options->locking_connections, 1, LOCKING_LOCK_TIMEOUT_MS);
    db->lanes[DB_SLOW] = create_lane(db, options->slow_connections, 1, 0);
    db->lanes[DB_EXPORT] = create_lane(db, options->export_connections, 1, 0);
    db->watching = event_new(options->loop, -1, EV_PERSIST, on_watching, db);
    evtimer_add(db->watching, &(struct timeval){.tv_usec = WATCH_US});
    return db;
}

void db_destroy(struct db *db)
{
    if (!db)
        return;
    db->is_stopping = true;
    for (int i = 0; i < LANES; i++)
        destroy_lane(db->lanes[i]);
    stop_all(&db->refused);
    event_free(db->refusing);
    event_free(db->watching);
    free(db->conninfo);
    free(db);
}

bool db_is_ready(const struct db *db)
{
    return db->is_checked && ready_connections(db->lanes[DB_HOT]) > 0;
}

void db_state(const struct db *db, struct db_state *ret_state)
{
    const struct lane *hot = db->lanes[DB_HOT];
    *ret_state =
        (struct db_state){.queries = db->queries, .failures = db->failures, .resent = db->resent};
    for (int i = 0; i < LANES; i++) {
        const struct lane *lane = db->lanes[i];
        ret_state->connections_up += ready_connections(lane);
        ret_state->connections_wanted += lane->connections;
        ret_state->waiting[i] = lane->waiting_count;
        ret_state->running[i] = lane->running_count;
        ret_state->reconnects += lane->reconnects;
    }
    for (int i = 0; i < hot->connections; i++) {
        int version = connection_schema_version(hot->berths[i].connection);
        if (version > ret_state->schema_version_found)
            ret_state->schema_version_found = version;
    }
    if (!db_is_ready(db))
        ret_state->absence = connection_absence(hot->berths[0].connection, ret_state->sqlstate);
}

struct primary *db_primary(const struct db *db)
{
    return db->options.primary;
}

struct event_base *db_loop(const struct db *db)
{
    return db->options.loop;
}
