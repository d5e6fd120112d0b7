#include "features/door/live.h"

#include <event2/event.h>
#include <jansson.h>

#include "base/clock.h"
#include "base/memory.h"
#include "db/db.h"
#include "features/door/devices.h"
#include "features/door/live_feed.h"
#include "event/events.h"
#include "http/reply.h"
#include "statements.h"

/* A device before its stream starts, in its request's arena. */
struct coming {
    struct request *request;
    uint64_t caller_changes; /* before the device was read */
};

static struct live *live_of(struct worker *worker);

/* --- New listeners --------------------------------------------------------------------------- */

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

static struct live_listener *make_listener(struct request *request)
{
    const struct caller *caller = request_caller(request);
    struct live_listener *listener = memory_alloc(sizeof *listener);
    listener->has_cursor =
        live_cursor_read(request_header(request, "Last-Event-ID"), &listener->cursor);
    listener->caller_id = caller->id;
    listener->sees_names = !(request_role(request) & WHO_DEVICES);
    listener->sees_conflicts = request_role(request) != WHO_SCANNER;
    listener->is_new = true;
    listener->wrote_at_us = clock_monotonic_us();
    return listener;
}

/* Ends the caller's oldest stream. A phone that lost its connection reconnects before the service
 * sees that the old stream is dead. */
static void let_oldest_go(struct live *live, const struct id *caller_id)
{
    struct live_listener *oldest = NULL;
    int count = 0;
    for (struct feed *feed = live->feeds; feed; feed = feed->next) {
        for (struct live_listener *at = feed->listeners; at; at = at->next) {
            if (!id_equal(&at->caller_id, caller_id))
                continue;
            count++;
            if (!oldest || at->since < oldest->since)
                oldest = at;
        }
    }
    if (count >= LIVE_LISTENERS_OF_ONE)
        live_feed_end(oldest);
}

static void add_listener(struct live *live, struct live_listener *listener,
                         const struct event *event)
{
    let_oldest_go(live, &listener->caller_id);
    struct feed *feed = feed_of(live, event);
    listener->feed = feed;
    listener->since = ++live->began;
    listener->next = feed->listeners;
    feed->listeners = listener;
    live->listener_count++;
}

static void on_gone(void *context)
{
    live_feed_end(context);
}

static void on_stop(void *context)
{
    live_feed_say_goodbye(context);
    live_feed_end(context);
}

static void on_room(void *context)
{
    (void)context; /* no data waits: the feed ends listeners that read too slowly */
}

static struct reply_stream_options stream_options(struct live_listener *listener)
{
    return (struct reply_stream_options){.content_type = "text/event-stream",
                                         .on_room = on_room,
                                         .on_gone = on_gone,
                                         .on_stop = on_stop,
                                         .context = listener};
}

/* Takes the device, which is the first event of the stream. NULL: the caller is no device. */
static void begin(struct request *request, json_t *device)
{
    struct live *live = live_of(request_worker(request));
    const struct event *event = request_event(request);
    struct live_listener *listener = make_listener(request);
    add_listener(live, listener, event);
    const struct reply_stream_options options = stream_options(listener);
    listener->stream = reply_stream_start(request, &options);
    if (!listener->stream) {
        json_decref(device);
        live_feed_end(listener);
        return;
    }
    if (device)
        live_feed_tell(listener, "device", NULL, device);
    if (listener->has_cursor)
        live_feed_catch_up(listener);
    if (!listener->feed->asking)
        live_feed_ask(listener->feed);
}

static void look_up(struct coming *coming);

/* Reads the device again if a caller changed since the query. Otherwise the stream of a device that
 * was just revoked would never end. */
static void on_device(void *context, const struct db_result *result)
{
    struct coming *coming = context;
    struct request *request = coming->request;
    if (result->outcome != DB_DONE)
        reply_failed(request, result);
    else if (rows_count(result->rows) == 0)
        reply_refuse(request, 401, "bad_token");
    else if (coming->caller_changes != live_of(request_worker(request))->caller_changes)
        look_up(coming);
    else
        begin(request, devices_json(result->rows));
}

static void look_up(struct coming *coming)
{
    struct request *request = coming->request;
    coming->caller_changes = live_of(request_worker(request))->caller_changes;
    struct params *params = door_device_show_params(&(struct door_device_show){
        .event_id = &request_event(request)->id, .device_id = &request_caller(request)->id});
    db_ask(request_worker(request)->db, params, on_device, coming);
}

void live_show(struct request *request)
{
    const struct reply_stream_options head = stream_options(NULL);
    reply_header(request, "X-Accel-Buffering", "no"); /* nginx must not buffer the stream */
    if (reply_stream_is_head(request, &head))
        return;
    if (live_of(request_worker(request))->listener_count >= LIVE_LISTENERS_MOST) {
        reply_busy(request, "busy");
        return;
    }
    if (!(request_role(request) & WHO_DEVICES)) {
        begin(request, NULL);
        return;
    }
    struct coming *coming = arena_alloc(request_arena(request), sizeof *coming);
    coming->request = request;
    look_up(coming);
}

/* --- Changes --------------------------------------------------------------------------------- */

static struct live_listener *find_caller(const struct live *live, const struct id *id)
{
    for (const struct feed *feed = live->feeds; feed; feed = feed->next) {
        for (struct live_listener *at = feed->listeners; at; at = at->next) {
            if (id_equal(&at->caller_id, id))
                return at;
        }
    }
    return NULL;
}

static void on_caller_changed(struct live *live, const struct id *id)
{
    struct live_listener *listener;
    live->caller_changes++;
    while ((listener = find_caller(live, id)))
        live_feed_end(listener);
}

static void on_event_changed(const struct live *live, const struct id *id)
{
    for (const struct feed *feed = live->feeds; feed; feed = feed->next) {
        for (struct live_listener *at = feed->listeners; at && id_equal(&feed->event->id, id);
             at = at->next)
            live_feed_tell(at, "event", NULL, json_object());
    }
}

/* The payload is "caller ID" or "event ID". */
void live_on_notice(struct worker *worker, const char *payload)
{
    struct id id;
    const char *space = strchr(payload, ' ');
    if (!space || !id_parse(space + 1, &id))
        return;
    if (strncmp(payload, "caller ", strlen("caller ")) == 0)
        on_caller_changed(live_of(worker), &id);
    else if (strncmp(payload, "event ", strlen("event ")) == 0)
        on_event_changed(live_of(worker), &id);
}

static void on_tick(evutil_socket_t fd, short what, void *context)
{
    const struct live *live = context;
    int64_t now_us = clock_monotonic_us();
    (void)fd;
    (void)what;
    for (struct feed *feed = live->feeds; feed; feed = feed->next)
        live_feed_tick(feed, now_us);
}

static void end_all(struct live *live)
{
    while (live->feeds)
        live_feed_end(live->feeds->listeners);
}

void live_on_gap(struct worker *worker)
{
    struct live *live = live_of(worker);
    live->caller_changes++;
    end_all(live);
}

static void *create(struct worker *worker)
{
    struct live *live = memory_alloc(sizeof *live);
    live->worker = worker;
    live->on_tick = event_new(worker->loop, -1, EV_PERSIST, on_tick, live);
    return live;
}

static void destroy(void *state)
{
    struct live *live = state;
    event_free(live->on_tick);
    free(live);
}

static const struct worker_slot slot = {.name = "live", .create = create, .destroy = destroy};

static struct live *live_of(struct worker *worker)
{
    return worker_state(worker, &slot);
}

void live_start(struct worker *worker)
{
    static const struct timeval tick = {.tv_usec = LIVE_TICK_MS * 1000};
    event_add(live_of(worker)->on_tick, &tick);
}

void live_stop(struct worker *worker)
{
    end_all(live_of(worker));
}
