#include "features/door/live_feed.h"

#include "base/clock.h"
#include "base/memory.h"
#include "db/db.h"
#include "features/door/news.h"
#include "event/events.h"
#include "http/reply.h"
#include "statements.h"
#include "view/escape.h"
#include "worker.h"

/* A running query, for all listeners or for one that catches up. It outlives its feed and listener.
 */
struct asking {
    struct feed *feed;              /* NULL: has ended */
    struct live_listener *listener; /* NULL: the query is for all, or the listener has ended */
};

/* --- Listeners ------------------------------------------------------------------------------- */

static void drop_feed(struct feed *feed)
{
    struct feed **link = &feed->live->feeds;
    while (*link != feed)
        link = &(*link)->next;
    *link = feed->next;
    if (feed->asking)
        feed->asking->feed = NULL;
    events_release(feed->event);
    free(feed);
}

void live_feed_end(struct live_listener *listener)
{
    struct feed *feed = listener->feed;
    struct live_listener **link = &feed->listeners;
    while (*link != listener)
        link = &(*link)->next;
    *link = listener->next;
    feed->live->listener_count--;
    if (listener->catching_up)
        listener->catching_up->listener = NULL;
    if (listener->stream)
        reply_stream_end(listener->stream);
    free(listener);
    if (!feed->listeners)
        drop_feed(feed);
}

static void write_text(struct live_listener *listener, const struct buffer *text)
{
    reply_stream_write(listener->stream, text->bytes, text->length);
    listener->wrote_at_us = clock_monotonic_us();
}

void live_feed_tell(struct live_listener *listener, const char *name,
                    const struct live_cursor *cursor, json_t *data)
{
    struct buffer text;
    char *json = json_dumps(data, JSON_COMPACT | ESCAPE_REALS);
    buffer_init(&text);
    if (cursor)
        live_cursor_write(cursor, &text);
    buffer_printf(&text, "event: %s\ndata: %s\n\n", name, json);
    write_text(listener, &text);
    buffer_finish(&text);
    free(json);
    json_decref(data);
}

/* The field is `retry` of server-sent events (HTML, section 9.2.5). */
void live_feed_say_goodbye(struct live_listener *listener)
{
    struct buffer text;
    unsigned spread = LIVE_AGAIN_MOST_MS - LIVE_AGAIN_LEAST_MS;
    buffer_init(&text);
    buffer_printf(&text, "retry: %u\n\n",
                  LIVE_AGAIN_LEAST_MS + (unsigned)(listener->since * 997 % spread));
    write_text(listener, &text);
    buffer_finish(&text);
}

/* --- Queries --------------------------------------------------------------------------------- */

/* Returns the oldest cursor of the listeners that do not catch up. NULL: none has a cursor. */
static const struct live_cursor *furthest_behind(const struct feed *feed)
{
    const struct live_cursor *behind = NULL;
    for (const struct live_listener *at = feed->listeners; at; at = at->next) {
        if (at->has_cursor && !at->catching_up &&
            (!behind || live_cursor_is_behind(&at->cursor, behind)))
            behind = &at->cursor;
    }
    return behind;
}

static void tell_counts(struct feed *feed, const struct rows *rows)
{
    const struct counts now = {.expected = rows_number(rows, 0, "expected"),
                               .admitted = rows_number(rows, 0, "admitted"),
                               .inside = rows_number(rows, 0, "inside")};
    bool moved = memcmp(&now, &feed->counts, sizeof now) != 0;
    feed->counts = now;
    for (struct live_listener *at = feed->listeners; at; at = at->next) {
        if (moved || at->is_new)
            live_feed_tell(at, "counts", NULL,
                           json_pack("{s:I, s:I, s:I, s:o}", "expected", (json_int_t)now.expected,
                                     "admitted", (json_int_t)now.admitted, "inside",
                                     (json_int_t)now.inside, "now", view_time_of(rows, 0, "now")));
        at->is_new = false;
    }
}

/* The event has no data. Phones then fetch the newly revoked tickets. */
static void tell_revoked(struct feed *feed, const struct rows *rows)
{
    int64_t now = rows_number(rows, 0, "revoked");
    bool moved = feed->knows_revoked && now != feed->revoked;
    feed->revoked = now;
    feed->knows_revoked = true;
    for (struct live_listener *at = feed->listeners; moved && at; at = at->next)
        live_feed_tell(at, "revoked", NULL, json_object());
}

static void tell_scan(struct live_listener *listener, const struct rows *rows, int row)
{
    const struct live_cursor cursor = {.at_us = rows_time(rows, row, "told_at"),
                                       .nonce = rows_id(rows, row, "nonce")};
    if (!live_cursor_is_behind(&listener->cursor, &cursor))
        return;
    listener->cursor = cursor;
    live_feed_tell(listener, "scan", &cursor, news_scan(rows, row, listener->sees_names));
    if (rows_bool(rows, row, "conflict") && !rows_bool(rows, row, "undone"))
        live_feed_tell(listener, "conflict", NULL,
                       news_conflict(rows, row, listener->sees_conflicts));
}

/* Sends an id without an event, so that a listener without a scan can resume here, too. */
static void go_to_newest(struct live_listener *listener, const struct rows *rows)
{
    struct buffer text;
    listener->cursor = (struct live_cursor){.at_us = rows_time(rows, 0, "newest_at"),
                                            .nonce = rows_id(rows, 0, "newest_nonce")};
    listener->has_cursor = true;
    buffer_init(&text);
    live_cursor_write(&listener->cursor, &text);
    buffer_add_text(&text, "\n");
    write_text(listener, &text);
    buffer_finish(&text);
}

static void tell_scans(struct live_listener *listener, const struct rows *rows)
{
    if (!listener->has_cursor) {
        go_to_newest(listener, rows);
        return;
    }
    for (int row = 0; row < rows_count(rows); row++) {
        if (!rows_is_null(rows, row, "nonce"))
            tell_scan(listener, rows, row);
    }
}

static void tell_scans_to_all(struct feed *feed, const struct rows *rows)
{
    for (struct live_listener *at = feed->listeners; at; at = at->next) {
        if (!at->catching_up)
            tell_scans(at, rows);
    }
}

static void let_slow_ones_go(struct feed *feed)
{
    for (struct live_listener *at = feed->listeners, *next; at; at = next) {
        bool is_last = !at->next && at == feed->listeners;
        next = at->next;
        if (reply_stream_has_room(at->stream))
            continue;
        live_feed_end(at);
        if (is_last)
            return; /* the feed has ended, too */
    }
}

static void on_told(void *context, const struct db_result *result)
{
    struct asking *asking = context;
    struct feed *feed = asking->feed;
    free(asking);
    if (!feed)
        return;
    feed->asking = NULL;
    if (result->outcome != DB_DONE || rows_count(result->rows) == 0)
        return; /* a later tick queries again */
    feed->has_more = rows_count(result->rows) == LIVE_SCANS_MOST;
    tell_counts(feed, result->rows);
    tell_revoked(feed, result->rows);
    tell_scans_to_all(feed, result->rows);
    let_slow_ones_go(feed);
}

static struct asking *ask_since(struct feed *feed, const struct live_cursor *cursor,
                                db_done *on_done)
{
    struct asking *asking = memory_alloc(sizeof *asking);
    asking->feed = feed;
    struct params *params =
        door_live_params(&(struct door_live){.event_id = &feed->event->id,
                                             .after_at_us = cursor ? &cursor->at_us : NULL,
                                             .after_nonce = cursor ? &cursor->nonce : NULL,
                                             .most = LIVE_SCANS_MOST});
    db_ask(feed->live->worker->db, params, on_done, asking);
    return asking;
}

void live_feed_ask(struct feed *feed)
{
    feed->generation = changes_generation(feed->live->worker, &feed->event->id);
    feed->asked_at_us = clock_monotonic_us();
    feed->asking = ask_since(feed, furthest_behind(feed), on_told);
}

static bool is_ahead(const struct live_listener *listener, const struct rows *rows)
{
    const struct live_cursor newest = {.at_us = rows_time(rows, 0, "newest_at"),
                                       .nonce = rows_id(rows, 0, "newest_nonce")};
    return live_cursor_is_behind(&newest, &listener->cursor);
}

/* A listener that missed too many scans gets `missed` instead, and reads the state by itself. So
 * does one that knows a scan that the database has lost, as after a restore. */
static void on_caught_up(void *context, const struct db_result *result)
{
    struct asking *asking = context;
    struct live_listener *listener = asking->listener;
    free(asking);
    if (!listener)
        return;
    listener->catching_up = NULL;
    if (result->outcome != DB_DONE || rows_count(result->rows) == 0)
        return; /* the next query of the feed starts at the oldest cursor, so it includes this one
                 */
    if (rows_count(result->rows) < LIVE_SCANS_MOST && !is_ahead(listener, result->rows)) {
        tell_scans(listener, result->rows);
    } else {
        go_to_newest(listener, result->rows);
        live_feed_tell(listener, "missed", NULL, json_object());
    }
}

void live_feed_catch_up(struct live_listener *listener)
{
    listener->catching_up = ask_since(listener->feed, &listener->cursor, on_caught_up);
    listener->catching_up->listener = listener;
}

static bool wants_asking(const struct feed *feed, int64_t now_us)
{
    uint64_t generation = changes_generation(feed->live->worker, &feed->event->id);
    return !feed->asking && (feed->has_more || generation != feed->generation ||
                             now_us - feed->asked_at_us >= LIVE_LOOK_MS * INT64_C(1000));
}

static void break_silence(const struct feed *feed, int64_t now_us)
{
    static const char comment[] = ": \n\n";
    const struct buffer text = {.bytes = (char *)comment, .length = sizeof comment - 1};
    for (struct live_listener *at = feed->listeners; at; at = at->next) {
        if (now_us - at->wrote_at_us >= LIVE_SILENCE_MS * INT64_C(1000))
            write_text(at, &text);
    }
}

void live_feed_tick(struct feed *feed, int64_t now_us)
{
    break_silence(feed, now_us);
    if (wants_asking(feed, now_us))
        live_feed_ask(feed);
}
