#include "db/query.h"

#include "base/memory.h"
#include "db/lane.h"
#include "db/params_inside.h"
#include "db/result.h"

/* After deadlocks and stale plans. */
enum { RETRIES_MOST = 3 };

struct query {
    struct job job; /* first: a job is cast back to its query */
    struct exchange exchange;
    struct lane *lane;
    struct db_query asked;
    struct query_counts *counts;
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

static void destroy(struct query *query)
{
    forget_results(query);
    params_destroy(query->asked.lock);
    params_destroy(query->asked.run);
    free(query);
}

static void answer(struct query *query, const struct db_result *result)
{
    if (query->is_answered)
        return;
    query->is_answered = true;
    if (result->outcome != DB_DONE)
        query->counts->failures++;
    query->asked.on_done(query->asked.context, result);
}

/* Calls on_done and frees the query, which has left the lane. */
static void end(struct query *query, enum db_outcome outcome)
{
    struct rows rows = {.result = query->rows};
    struct db_error error;
    if (outcome == DB_REFUSED)
        result_error(query->error, params_statement(query->asked.run)->name, &error);
    answer(query, &(struct db_result){.outcome = outcome,
                                      .rows = outcome == DB_DONE ? &rows : NULL,
                                      .error = outcome == DB_REFUSED ? &error : NULL});
    destroy(query);
}

static bool send_one(struct db_connection *connection, struct params *params)
{
    return !params || connection_send(connection, params_statement(params), params_count(params),
                                      params_values(params));
}

/* Without BEGIN and COMMIT: the commands before a Sync are one transaction, and each statement
 * takes its own snapshot. */
static void on_start(struct job *job, struct db_connection *connection)
{
    struct query *query = (struct query *)job;
    if (query->starts++ > 0)
        query->counts->resent++;
    bool sent = send_one(connection, query->asked.lock) && send_one(connection, query->asked.run);
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

static void on_error(struct query *query)
{
    enum result_cause cause = result_cause(query->error);
    struct db_connection *connection = lane_connection(&query->job);
    if (cause == RESULT_STALE)
        connection_retire(connection, PQresultErrorField(query->error, PG_DIAG_MESSAGE_PRIMARY));
    if (may_retry(query, cause)) {
        forget_results(query);
        lane_again(query->lane, &query->job);
        return;
    }
    lane_leave(query->lane, &query->job);
    end(query, cause == RESULT_TIMEOUT ? DB_LATE : DB_REFUSED);
}

static void on_synced(struct exchange *exchange)
{
    struct query *query = of_exchange(exchange);
    if (query->error) {
        on_error(query);
        return;
    }
    /* Sends the next query before this one's callback runs. */
    lane_leave(query->lane, &query->job);
    end(query, DB_DONE);
}

static void on_lost(struct job *job)
{
    struct query *query = (struct query *)job;
    forget_results(query);
    if (query->asked.again && !query->is_answered) {
        lane_again(query->lane, job);
        return;
    }
    lane_leave(query->lane, job);
    end(query, DB_LOST);
}

static void on_late(struct job *job)
{
    struct query *query = (struct query *)job;
    if (job->berth)
        answer(query, &(struct db_result){.outcome = DB_LATE});
    else
        end(query, DB_LATE);
}

static void on_stopping(struct job *job)
{
    end((struct query *)job, DB_STOPPING);
}

static const struct job_kind query_kind = {
    .start = on_start, .on_lost = on_lost, .on_late = on_late, .on_stopping = on_stopping};

bool query_start(struct lane *lane, const struct db_query *asked, struct query_counts *counts)
{
    struct query *query = memory_alloc(sizeof *query);
    query->job.kind = &query_kind;
    query->exchange.on_result = on_result;
    query->exchange.on_synced = on_synced;
    query->lane = lane;
    query->asked = *asked;
    query->counts = counts;
    if (lane_add(lane, &query->job))
        return true;
    free(query);
    return false;
}
