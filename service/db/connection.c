#include "db/connection.h"

#include "base/clock.h"
#include "base/memory.h"
#include "db/link.h"
#include "db/prepare.h"

enum connection_state {
    CONNECTION_DOWN,
    CONNECTION_PREPARING,
    CONNECTION_READY,
    CONNECTION_RETIRING, /* finishes its exchanges, then reconnects */
};

struct db_connection {
    struct connection_options options;
    struct link *link;
    struct preparation *preparation; /* NULL while down */
    enum connection_state state;
    TAILQ_HEAD(, exchange) exchanges; /* the oldest first */
    int64_t asked_us;                 /* when the oldest became the oldest */
    int schema_version;
    bool command_ended; /* the last result was the NULL that ends a command */
};

/* Only this function changes the state. */
static void move_to(struct db_connection *connection, enum connection_state state)
{
    enum connection_state old = connection->state;
    connection->state = state;
    switch (state) {
    case CONNECTION_DOWN:
        prepare_destroy(connection->preparation);
        connection->preparation = NULL;
        TAILQ_INIT(&connection->exchanges);
        if (old == CONNECTION_READY || old == CONNECTION_RETIRING)
            connection->options.on_lost(connection->options.context, connection);
        break;
    case CONNECTION_READY:
        link_settled(connection->link);
        connection->options.on_ready(connection->options.context, connection);
        break;
    case CONNECTION_PREPARING:
    case CONNECTION_RETIRING:
        break;
    }
}

static void on_prepared(struct db_connection *connection)
{
    connection->schema_version = prepare_schema_version(connection->preparation);
    move_to(connection, CONNECTION_READY);
}

static void on_prepare_failed(struct db_connection *connection, const char *sentence, bool is_fatal)
{
    connection_drop(connection, sentence);
    if (is_fatal)
        connection->options.on_fatal(connection->options.context, sentence);
}

static void on_up(void *context)
{
    struct db_connection *connection = context;
    PQenterPipelineMode(link_pg(connection->link));
    connection->command_ended = false;
    move_to(connection, CONNECTION_PREPARING);
    connection->preparation = prepare_start(
        connection,
        &(struct prepare_options){.loop = connection->options.loop,
                                  .statements = connection->options.statements,
                                  .schema = connection->options.schema,
                                  .statement_timeout_us = connection->options.statement_timeout_us,
                                  .by_key = connection->options.by_key,
                                  .on_prepared = on_prepared,
                                  .on_failed = on_prepare_failed});
}

static void on_down(void *context)
{
    move_to(context, CONNECTION_DOWN);
}

static void on_hopeless(void *context, const char *sentence)
{
    struct db_connection *connection = context;
    connection->options.on_fatal(connection->options.context, sentence);
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

static void take(struct db_connection *connection, PGresult *result)
{
    struct exchange *exchange = TAILQ_FIRST(&connection->exchanges);
    if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
        PQclear(result);
        end_oldest(connection);
    } else {
        exchange->on_result(exchange, exchange->answered++, result);
    }
}

static void take_notices(struct db_connection *connection)
{
    PGnotify *notice;
    while ((notice = PQnotifies(link_pg(connection->link)))) {
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
static void on_input(void *context)
{
    struct db_connection *connection = context;
    PGconn *pg = link_pg(connection->link);
    while (!TAILQ_EMPTY(&connection->exchanges) && !PQisBusy(pg)) {
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

struct db_connection *connection_create(const struct connection_options *options)
{
    struct db_connection *connection = memory_alloc(sizeof *connection);
    connection->options = *options;
    TAILQ_INIT(&connection->exchanges);
    connection->link = link_create(&(struct link_options){.loop = options->loop,
                                                          .conninfo = options->conninfo,
                                                          .on_up = on_up,
                                                          .on_input = on_input,
                                                          .on_down = on_down,
                                                          .on_hopeless = on_hopeless,
                                                          .context = connection});
    return connection;
}

void connection_destroy(struct db_connection *connection)
{
    if (!connection)
        return;
    prepare_destroy(connection->preparation);
    link_destroy(connection->link);
    free(connection);
}

bool connection_is_ready(const struct db_connection *connection)
{
    return connection->state == CONNECTION_READY;
}

PGconn *connection_pg(struct db_connection *connection)
{
    return link_pg(connection->link);
}

void connection_submit(struct db_connection *connection, struct exchange *exchange, bool sent)
{
    exchange->answered = 0;
    if (TAILQ_EMPTY(&connection->exchanges))
        connection->asked_us = clock_monotonic_us();
    TAILQ_INSERT_TAIL(&connection->exchanges, exchange, entry);
    if (sent && PQpipelineSync(connection_pg(connection)))
        link_flush(connection->link);
    else
        connection_drop(connection, PQerrorMessage(connection_pg(connection)));
}

bool connection_send(struct db_connection *connection, const struct statement *statement,
                     int parameter_count, const char *const *values)
{
    return PQsendQueryPrepared(connection_pg(connection), statement->name, parameter_count, values,
                               NULL, NULL, 0);
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
    link_drop(connection->link, why);
}

int64_t connection_silence_us(const struct db_connection *connection, int64_t now_us)
{
    int64_t heard_us = link_heard_us(connection->link);
    if (TAILQ_EMPTY(&connection->exchanges))
        return 0;
    return now_us - (heard_us > connection->asked_us ? heard_us : connection->asked_us);
}

int connection_schema_version(const struct db_connection *connection)
{
    return connection->preparation ? prepare_schema_version(connection->preparation)
                                   : connection->schema_version;
}

bool connection_waits_for_schema(const struct db_connection *connection)
{
    return connection->preparation && prepare_waits_for_schema(connection->preparation);
}
