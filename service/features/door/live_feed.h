/* Feeds of the live stream (live.h). The listeners of an event on one worker share one feed and one
 * query. */
#ifndef EINLASS_FEATURES_DOOR_LIVE_FEED_H
#define EINLASS_FEATURES_DOOR_LIVE_FEED_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "features/door/live_cursor.h"

enum {
    LIVE_LOOK_MS = 2000,         /* between two queries for scans of other processes */
    LIVE_SILENCE_MS = 15 * 1000, /* limit: silence of a live stream before a comment */
    LIVE_AGAIN_LEAST_MS = 500,
    LIVE_AGAIN_MOST_MS = 3000, /* limit: when a client comes back */
    LIVE_SCANS_MOST = 500,     /* limit: scans that a live stream tells at once */
};

struct asking;
struct event;
struct worker;

struct live_listener {
    struct live_listener *next;
    struct feed *feed;
    struct reply_stream *stream;
    struct id caller_id;
    bool sees_names, sees_conflicts; /* attendees of scans; attendees of conflicts */
    bool is_new;                     /* has no counts yet */
    bool has_cursor;                 /* false: wants only scans from now on */
    struct live_cursor cursor;
    struct asking *catching_up; /* its own query; NULL: it takes part in the feed's query */
    int64_t wrote_at_us;
    uint64_t since; /* a later listener has a greater number */
};

struct counts {
    int64_t expected, admitted, inside;
};

/* An event with its listeners. */
struct feed {
    struct feed *next;
    struct live *live;
    struct asking *asking; /* NULL: no query runs */
    const struct event *event;
    struct live_listener *listeners;
    struct counts counts;
    int64_t revoked;     /* number of the newest revoked ticket */
    bool knows_revoked;  /* revoked is set */
    uint64_t generation; /* changes_generation at the last query */
    int64_t asked_at_us;
    bool has_more; /* the last query reached LIVE_SCANS_MOST */
};

struct live {
    struct worker *worker;
    struct event *on_tick;
    struct feed *feeds;
    int listener_count;
    uint64_t began;
    uint64_t caller_changes; /* counts notices of changed callers, and gaps */
};

/* Ends the stream and frees the listener. Frees the feed with its last listener. */
void live_feed_end(struct live_listener *listener);

/* Tells the client, before the stream ends, when to connect again. Each gets another time, so that
 * the next service does not get all of them at once. */
void live_feed_say_goodbye(struct live_listener *listener);

/* Writes one event of the stream. Takes the data. The cursor is the event's id; NULL: no id. */
void live_feed_tell(struct live_listener *listener, const char *name,
                    const struct live_cursor *cursor, json_t *data);

/* Queries for all listeners. No query of the feed may run. */
void live_feed_ask(struct feed *feed);

/* Queries for the scans after the listener's cursor, for this listener alone. */
void live_feed_catch_up(struct live_listener *listener);

/* Queries if a change or LIVE_LOOK_MS makes it necessary. Writes a comment to streams that were
 * silent for LIVE_SILENCE_MS. */
void live_feed_tick(struct feed *feed, int64_t now_us);

#endif
