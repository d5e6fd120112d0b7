#include "db/notify.h"

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "db/connection.h"
#include "db/pg.h"

/* The connection only waits, so it sends a query now and then to notice a dead server. */
enum { ASK_SECONDS = 5 };
#define SILENCE_MOST_US (5 * CLOCK_SECOND_US)

struct notify {
    struct notify_options options;
    struct db_connection *connection;
    struct exchange exchange; /* first LISTEN, then the keep-alive queries */
    struct event *asking;
    char *conninfo, *listen;
    bool is_listening, is_under_way, has_failed;
};

static void submit(struct notify *notify, const char *sql)
{
    bool sent =
        PQsendQueryParams(connection_pg(notify->connection), sql, 0, NULL, NULL, NULL, NULL, 0);
    notify->is_under_way = true;
    connection_submit(notify->connection, &notify->exchange, sent);
}

static void ask_soon(struct notify *notify)
{
    evtimer_add(notify->asking, &(struct timeval){.tv_sec = ASK_SECONDS});
}

static void on_ready(void *context, struct db_connection *connection)
{
    struct notify *notify = context;
    (void)connection;
    notify->has_failed = false;
    submit(notify, notify->listen);
    ask_soon(notify);
}

static void on_lost(void *context, struct db_connection *connection)
{
    struct notify *notify = context;
    (void)connection;
    notify->is_listening = notify->is_under_way = false;
    evtimer_del(notify->asking);
}

static void on_result(struct exchange *exchange, int command, PGresult *result)
{
    struct notify *notify = (struct notify *)((char *)exchange - offsetof(struct notify, exchange));
    (void)command;
    notify->has_failed = !result_is_good(result);
    PQclear(result);
}

static void on_synced(struct exchange *exchange)
{
    struct notify *notify = (struct notify *)((char *)exchange - offsetof(struct notify, exchange));
    notify->is_under_way = false;
    if (notify->has_failed) {
        connection_drop(notify->connection, "LISTEN was refused");
    } else if (!notify->is_listening) {
        notify->is_listening = true;
        notify->options.on_gap(notify->options.context);
    }
}

static void on_asking(evutil_socket_t socket, short what, void *context)
{
    struct notify *notify = context;
    (void)socket, (void)what;
    if (!notify->is_under_way)
        submit(notify, "select 1");
    else if (connection_silence_us(notify->connection, clock_monotonic_us()) >= SILENCE_MOST_US)
        connection_drop(notify->connection, "the server has fallen silent");
    ask_soon(notify);
}

static void on_fatal(void *context, const char *sentence)
{
    (void)context;
    log_event(LOG_ERROR, "listen_failed", log_text("reason", sentence));
}

static void on_notice(void *context, const char *payload)
{
    struct notify *notify = context;
    if (notify->is_listening)
        notify->options.on_notice(notify->options.context, payload);
}

struct notify *notify_create(const struct notify_options *options)
{
    struct notify *notify = memory_alloc(sizeof *notify);
    struct buffer listen = {0};
    notify->options = *options;
    notify->conninfo = memory_copy(options->conninfo);
    buffer_printf(&listen, "listen %s", options->channel);
    notify->listen = buffer_take(&listen);
    notify->exchange.on_result = on_result;
    notify->exchange.on_synced = on_synced;
    notify->asking = evtimer_new(options->loop, on_asking, notify);
    notify->connection =
        connection_create(&(struct connection_options){.loop = options->loop,
                                                       .conninfo = notify->conninfo,
                                                       .primary = options->primary,
                                                       .statement_timeout_us = SILENCE_MOST_US,
                                                       .on_ready = on_ready,
                                                       .on_lost = on_lost,
                                                       .on_fatal = on_fatal,
                                                       .on_notice = on_notice,
                                                       .context = notify});
    return notify;
}

void notify_destroy(struct notify *notify)
{
    if (!notify)
        return;
    connection_destroy(notify->connection);
    event_free(notify->asking);
    free(notify->conninfo);
    free(notify->listen);
    free(notify);
}

bool notify_is_listening(const struct notify *notify)
{
    return notify->is_listening;
}
