#include "db/db.h"

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "db/inside.h"
#include "db/lane.h"
#include "db/query.h"

enum {
    LANES = 2,
    /* Queries in one hot connection's pipeline: enough to keep the server busy, and few enough that
     * a lost connection does not affect all. */
    PIPELINE_MOST = 64,
    TIMEOUT_PARTS = 10, /* statement_timeout is the deadline less one part */
};

/* By the deadline the server has cancelled both statements of a query. If not, it is dead. */
#define SILENCE_DEADLINES 2

/* An outcome that is known at once, but is given from the loop. */
struct refusal {
    TAILQ_ENTRY(refusal) entry;
    struct db_query asked;
};

struct db {
    struct db_options options;
    char *conninfo;
    struct lane *lanes[LANES];
    struct query_counts counts;
    TAILQ_HEAD(, refusal) refusals;
    struct event *refusing;
    bool is_stopping;
};

static void on_fatal(void *context, const char *sentence)
{
    struct db *db = context;
    if (db->options.on_fatal)
        db->options.on_fatal(db->options.context, sentence);
}

static struct lane *create_lane(struct db *db, int connections, int jobs_most_each)
{
    int64_t deadline_us = db->options.deadline_us;
    return lane_create(&(struct lane_options){
        .loop = db->options.loop,
        .connections = connections,
        .jobs_most_each = jobs_most_each,
        .queue_most = db->options.queue_most,
        .deadline_us = deadline_us,
        /* A stream's first rows may take long, so the slow lane relies on TCP timeouts. */
        .silence_most_us = jobs_most_each > 1 ? SILENCE_DEADLINES * deadline_us : 0,
        .connection = {.loop = db->options.loop,
                       .conninfo = db->conninfo,
                       .statements = db->options.statements,
                       .schema = db->options.schema,
                       .by_key = jobs_most_each > 1,
                       .statement_timeout_us = deadline_us - deadline_us / TIMEOUT_PARTS},
        .on_fatal = on_fatal,
        .context = db});
}

static void refuse_all(struct db *db, enum db_outcome outcome)
{
    struct refusal *refusal;
    while ((refusal = TAILQ_FIRST(&db->refusals))) {
        TAILQ_REMOVE(&db->refusals, refusal, entry);
        refusal->asked.on_done(refusal->asked.context, &(struct db_result){.outcome = outcome});
        free(refusal);
    }
}

static void on_refusing(evutil_socket_t socket, short what, void *context)
{
    (void)socket, (void)what;
    refuse_all(context, DB_FULL);
}

struct db *db_create(const struct db_options *options)
{
    struct db *db = memory_alloc(sizeof *db);
    db->options = *options;
    db->conninfo = memory_copy(options->conninfo);
    TAILQ_INIT(&db->refusals);
    db->refusing = event_new(options->loop, -1, 0, on_refusing, db);
    db->lanes[DB_HOT] = create_lane(db, options->hot_connections, PIPELINE_MOST);
    db->lanes[DB_SLOW] = create_lane(db, options->slow_connections, 1);
    return db;
}

void db_destroy(struct db *db)
{
    if (!db)
        return;
    db->is_stopping = true;
    for (int i = 0; i < LANES; i++)
        lane_destroy(db->lanes[i]);
    refuse_all(db, DB_STOPPING);
    event_free(db->refusing);
    free(db->conninfo);
    free(db);
}

static void refuse(struct db *db, const struct db_query *query)
{
    struct refusal *refusal = memory_alloc(sizeof *refusal);
    refusal->asked = *query;
    params_destroy(query->lock);
    params_destroy(query->run);
    db->counts.failures++;
    TAILQ_INSERT_TAIL(&db->refusals, refusal, entry);
    event_active(db->refusing, EV_TIMEOUT, 0);
}

void db_run(struct db *db, const struct db_query *query)
{
    db->counts.queries++;
    if (db->is_stopping || !query_start(db->lanes[query->lane], query, &db->counts))
        refuse(db, query);
}

void db_ask(struct db *db, struct params *params, db_done *on_done, void *context)
{
    db_run(
        db,
        &(struct db_query){
            .lane = DB_HOT, .run = params, .again = true, .on_done = on_done, .context = context});
}

void db_log_refused(const struct db_result *result, const char *request)
{
    const struct db_error *error = result->error;
    if (result->outcome == DB_REFUSED)
        log_event(LOG_ERROR, "statement_refused", log_text("statement", error->statement),
                  log_text("sqlstate", error->sqlstate), log_text("constraint", error->constraint),
                  log_text("reason", error->message), log_text("request", request));
}

bool db_is_ready(const struct db *db)
{
    return lane_ready_connections(db->lanes[DB_HOT]) > 0;
}

void db_state(const struct db *db, struct db_state *ret_state)
{
    const struct lane *hot = db->lanes[DB_HOT], *slow = db->lanes[DB_SLOW];
    *ret_state = (struct db_state){
        .connections_up = lane_ready_connections(hot) + lane_ready_connections(slow),
        .connections_wanted = db->options.hot_connections + db->options.slow_connections,
        .schema_version_found = lane_schema_version(hot),
        .waits_for_schema = lane_waits_for_schema(hot),
        .hot_waiting = lane_waiting(hot),
        .hot_running = lane_running(hot),
        .slow_waiting = lane_waiting(slow),
        .slow_running = lane_running(slow),
        .reconnects = lane_reconnects(hot) + lane_reconnects(slow),
        .queries = db->counts.queries,
        .failures = db->counts.failures,
        .resent = db->counts.resent,
    };
}

struct event_base *db_loop(const struct db *db)
{
    return db->options.loop;
}

struct lane *db_lane_of(const struct db *db, enum db_lane which)
{
    return db->lanes[which];
}
