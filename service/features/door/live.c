#include "features/door/live.h"

#include <event2/event.h>
#include <jansson.h>

#include "base/clock.h"
#include "base/memory.h"
#include "db/db.h"
#include "features/door/cells.h"
#include "features/door/devices.h"
#include "features/door/live_cursor.h"
#include "features/door/news.h"
#include "features/event/changes.h"
#include "features/event/events.h"
#include "http/reply.h"
#include "statements.h"

struct listener {
    struct listener *next;
    struct feed *feed;
    struct reply_stream *stream;
    struct id caller_id;
    bool sees_names, sees_conflicts; /* whose scans, and whose conflicts */
    bool is_new;                     /* has not been told the counts yet */
    bool has_cursor;                 /* else it wants what comes from now on */
    struct live_cursor cursor;
    struct asking *catching_up; /* what it missed is asked for; NULL: it is with the others */
    int64_t wrote_at_us;
    uint64_t since; /* grows from one listener to the next */
};

struct counts {
    int64_t expected, admitted, inside;
};

/* An event that somebody listens to. */
struct feed {
    struct feed *next;
    struct live *live;
    struct asking *asking; /* NULL: no question is under way */
    const struct event *event;
    struct listener *listeners;
    struct counts counts;
    uint64_t generation; /* of the event's changes when it was asked last */
    int64_t asked_at_us;
    bool has_more; /* than one question brought */
};

/* A question under way, for all who listen, or for one that was away: it may come back when they do
 * not listen any more. */
struct asking {
    struct feed *feed;         /* NULL: nobody does */
    struct listener *listener; /* NULL: for all, or it has gone */
};

struct live {
    struct worker *worker;
    struct event *on_tick;
    struct feed *feeds;
    int listener_count;
    uint64_t began;
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

/* Takes it off its feed, which ends with its last one. */
static void end_listener(struct listener *listener)
{
    struct feed *feed = listener->feed;
    struct listener **link = &feed->listeners;
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

static void on_gone(void *context)
{
    end_listener(context);
}

static void on_room(void *context)
{
    (void)context; /* nothing waits: who reads too slowly is let go */
}

static void write_text(struct listener *listener, const struct buffer *text)
{
    reply_stream_write(listener->stream, text->bytes, text->length);
    listener->wrote_at_us = clock_monotonic_us();
}

/* Takes the data. The cursor is written as the event's id where there is one. */
static void tell(struct listener *listener, const char *name, const struct live_cursor *cursor,
                 json_t *data)
{
    struct buffer text;
    char *json = json_dumps(data, JSON_COMPACT);
    buffer_init(&text);
    if (cursor)
        live_cursor_write(cursor, &text);
    buffer_printf(&text, "event: %s\ndata: %s\n\n", name, json);
    write_text(listener, &text);
    buffer_finish(&text);
    free(json);
    json_decref(data);
}

/* --- Asking ---------------------------------------------------------------------------------- */

/* Where the one who is furthest behind stands, but for those who catch up by themselves; NULL:
 * nobody has seen a scan yet. */
static const struct live_cursor *furthest_behind(const struct feed *feed)
{
    const struct live_cursor *behind = NULL;
    for (const struct listener *at = feed->listeners; at; at = at->next) {
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
    for (struct listener *at = feed->listeners; at; at = at->next) {
        if (moved || at->is_new)
            tell(at, "counts", NULL,
                 json_pack("{s:I, s:I, s:I, s:o}", "expected", (json_int_t)now.expected, "admitted",
                           (json_int_t)now.admitted, "inside", (json_int_t)now.inside, "now",
                           cell_time(rows, 0, "now")));
        at->is_new = false;
    }
}

static void tell_scan(struct listener *listener, const struct rows *rows, int row)
{
    const struct live_cursor cursor = {.at_us = rows_time(rows, row, "changed_at"),
                                       .nonce = rows_id(rows, row, "nonce")};
    if (!live_cursor_is_behind(&listener->cursor, &cursor))
        return;
    listener->cursor = cursor;
    tell(listener, "scan", &cursor, news_scan(rows, row, listener->sees_names));
    if (rows_bool(rows, row, "conflict") && !rows_bool(rows, row, "undone"))
        tell(listener, "conflict", NULL, news_conflict(rows, row, listener->sees_conflicts));
}

static void go_to_newest(struct listener *listener, const struct rows *rows)
{
    listener->cursor = (struct live_cursor){.at_us = rows_time(rows, 0, "newest_at"),
                                            .nonce = rows_id(rows, 0, "newest_nonce")};
    listener->has_cursor = true;
}

static void tell_scans(struct listener *listener, const struct rows *rows)
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
    for (struct listener *at = feed->listeners; at; at = at->next) {
        if (!at->catching_up)
            tell_scans(at, rows);
    }
}

static void let_slow_ones_go(struct feed *feed)
{
    for (struct listener *at = feed->listeners, *next; at; at = next) {
        bool is_last = !at->next && at == feed->listeners;
        next = at->next;
        if (reply_stream_has_room(at->stream))
            continue;
        end_listener(at);
        if (is_last)
            return; /* the feed went with it */
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
        return; /* it is asked again */
    feed->has_more = rows_count(result->rows) == LIVE_SCANS_MOST;
    tell_counts(feed, result->rows);
    tell_scans_to_all(feed, result->rows);
    let_slow_ones_go(feed);
}

static struct asking *ask_since(struct feed *feed, const struct live_cursor *cursor,
                                db_done *on_done)
{
    struct params *params = params_create(sql_door_live.parameter_count);
    struct asking *asking = memory_alloc(sizeof *asking);
    asking->feed = feed;
    params_id(params, 1, &feed->event->id);
    if (cursor) {
        params_time(params, 2, cursor->at_us);
        params_id(params, 3, &cursor->nonce);
    }
    params_number(params, 4, LIVE_SCANS_MOST);
    db_ask(feed->live->worker->db, &sql_door_live, params, on_done, asking);
    return asking;
}

static void ask(struct feed *feed)
{
    feed->generation = changes_generation(feed->live->worker->changes, &feed->event->id);
    feed->asked_at_us = clock_monotonic_us();
    feed->asking = ask_since(feed, furthest_behind(feed), on_told);
}

/* Who was away long is not told all of it: it has to look for itself. */
static void on_caught_up(void *context, const struct db_result *result)
{
    struct asking *asking = context;
    struct listener *listener = asking->listener;
    free(asking);
    if (!listener)
        return;
    listener->catching_up = NULL;
    if (result->outcome != DB_DONE || rows_count(result->rows) == 0)
        return; /* it is asked for again, with what the others want */
    if (rows_count(result->rows) < LIVE_SCANS_MOST) {
        tell_scans(listener, result->rows);
    } else {
        go_to_newest(listener, result->rows);
        tell(listener, "missed", NULL, json_object());
    }
}

static void catch_up(struct listener *listener)
{
    listener->catching_up = ask_since(listener->feed, &listener->cursor, on_caught_up);
    listener->catching_up->listener = listener;
}

static bool wants_asking(const struct feed *feed, int64_t now_us)
{
    uint64_t generation = changes_generation(feed->live->worker->changes, &feed->event->id);
    return !feed->asking && (feed->has_more || generation != feed->generation ||
                             now_us - feed->asked_at_us >= LIVE_LOOK_MS * INT64_C(1000));
}

static void break_silence(const struct feed *feed, int64_t now_us)
{
    static const char comment[] = ": \n\n";
    const struct buffer text = {.bytes = (char *)comment, .length = sizeof comment - 1};
    for (struct listener *at = feed->listeners; at; at = at->next) {
        if (now_us - at->wrote_at_us >= LIVE_SILENCE_MS * INT64_C(1000))
            write_text(at, &text);
    }
}

static void on_tick(evutil_socket_t fd, short what, void *context)
{
    struct live *live = context;
    int64_t now_us = clock_monotonic_us();
    (void)fd;
    (void)what;
    for (struct feed *feed = live->feeds; feed; feed = feed->next) {
        break_silence(feed, now_us);
        if (wants_asking(feed, now_us))
            ask(feed);
    }
}

/* --- Beginning to listen --------------------------------------------------------------------- */

static struct feed *feed_of(struct live *live, const struct event *event)
{
    struct feed *feed = live->feeds;
    while (feed && !id_equal(&feed->event->id, &event->id))
        feed = feed->next;
    if (feed)
        return feed;
    feed = memory_alloc(sizeof *feed);
    feed->live = live;
    feed->event = events_hold(event);
    feed->next = live->feeds;
    live->feeds = feed;
    return feed;
}

static struct listener *make_listener(struct request *request)
{
    const struct caller *caller = request_caller(request);
    struct listener *listener = memory_alloc(sizeof *listener);
    listener->has_cursor =
        live_cursor_read(request_header(request, "Last-Event-ID"), &listener->cursor);
    listener->caller_id = caller->id;
    listener->sees_names = !(caller->who & WHO_DEVICES);
    listener->sees_conflicts = caller->who != WHO_SCANNER;
    listener->is_new = true;
    listener->wrote_at_us = clock_monotonic_us();
    return listener;
}

/* The newest of a caller's streams stay: a phone that was cut off comes again before we know. */
static void let_oldest_go(struct live *live, const struct id *caller_id)
{
    struct listener *oldest = NULL;
    int count = 0;
    for (struct feed *feed = live->feeds; feed; feed = feed->next) {
        for (struct listener *at = feed->listeners; at; at = at->next) {
            if (!id_equal(&at->caller_id, caller_id))
                continue;
            count++;
            if (!oldest || at->since < oldest->since)
                oldest = at;
        }
    }
    if (count >= LIVE_LISTENERS_OF_ONE)
        end_listener(oldest);
}

static void add_listener(struct live *live, struct listener *listener, const struct event *event)
{
    let_oldest_go(live, &listener->caller_id);
    struct feed *feed = feed_of(live, event);
    listener->feed = feed;
    listener->since = ++live->began;
    listener->next = feed->listeners;
    feed->listeners = listener;
    live->listener_count++;
}

/* Takes what is told first, NULL: nothing. */
static void begin(struct request *request, json_t *device)
{
    struct live *live = request_worker(request)->live;
    const struct event *event = request_event(request);
    struct listener *listener = make_listener(request);
    add_listener(live, listener, event);
    reply_header(request, "X-Accel-Buffering", "no"); /* for nginx before us */
    listener->stream = reply_stream_start(
        request, &(struct reply_stream_options){.content_type = "text/event-stream",
                                                .on_room = on_room,
                                                .on_gone = on_gone,
                                                .context = listener,
                                                .is_endless = true});
    if (!listener->stream) {
        json_decref(device);
        end_listener(listener);
        return;
    }
    if (device)
        tell(listener, "device", NULL, device);
    if (listener->has_cursor)
        catch_up(listener);
    if (!listener->feed->asking)
        ask(listener->feed);
}

static void on_device(void *context, const struct db_result *result)
{
    struct request *request = context;
    if (result->outcome != DB_DONE)
        reply_busy(request, "busy");
    else if (rows_count(result->rows) == 0)
        reply_refuse(request, 401, "bad_token");
    else
        begin(request, devices_json(result->rows));
}

void live_show(struct request *request)
{
    const struct caller *caller = request_caller(request);
    if (request_worker(request)->live->listener_count >= LIVE_LISTENERS_MOST) {
        reply_busy(request, "busy");
        return;
    }
    if (!(caller->who & WHO_DEVICES)) {
        begin(request, NULL);
        return;
    }
    struct params *params = params_create(sql_door_device_show.parameter_count);
    params_id(params, 1, &request_event(request)->id);
    params_id(params, 2, &caller->id);
    db_ask(request_worker(request)->db, &sql_door_device_show, params, on_device, request);
}

/* --- The worker ------------------------------------------------------------------------------ */

static struct listener *find_caller(const struct live *live, const struct id *id)
{
    for (const struct feed *feed = live->feeds; feed; feed = feed->next) {
        for (struct listener *at = feed->listeners; at; at = at->next) {
            if (id_equal(&at->caller_id, id))
                return at;
        }
    }
    return NULL;
}

static void on_caller_changed(struct live *live, const struct id *id)
{
    struct listener *listener;
    while ((listener = find_caller(live, id)))
        end_listener(listener);
}

static void on_event_changed(const struct live *live, const struct id *id)
{
    for (const struct feed *feed = live->feeds; feed; feed = feed->next) {
        for (struct listener *at = feed->listeners; at && id_equal(&feed->event->id, id);
             at = at->next)
            tell(at, "event", NULL, json_object());
    }
}

/* "caller ID" or "event ID" */
void live_on_notice(struct worker *worker, const char *payload)
{
    struct id id;
    const char *space = strchr(payload, ' ');
    if (!space || !id_parse(space + 1, &id))
        return;
    if (strncmp(payload, "caller ", strlen("caller ")) == 0)
        on_caller_changed(worker->live, &id);
    else if (strncmp(payload, "event ", strlen("event ")) == 0)
        on_event_changed(worker->live, &id);
}

void live_start(struct worker *worker)
{
    const struct timeval tick = {.tv_usec = LIVE_TICK_MS * 1000};
    worker->live = memory_alloc(sizeof *worker->live);
    worker->live->worker = worker;
    worker->live->on_tick = event_new(worker->loop, -1, EV_PERSIST, on_tick, worker->live);
    event_add(worker->live->on_tick, &tick);
}

void live_stop(struct worker *worker)
{
    struct live *live = worker->live;
    while (live->feeds)
        end_listener(live->feeds->listeners);
    event_free(live->on_tick);
    free(live);
    worker->live = NULL;
}
