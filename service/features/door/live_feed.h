/*
 * Who listens to what happens at an event, and what they are told: the stream of live.h. Of a
 * worker, all of an event share one feed and one question to the database.
 */
#ifndef EINLASS_FEATURES_DOOR_LIVE_FEED_H
#define EINLASS_FEATURES_DOOR_LIVE_FEED_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "features/door/live_cursor.h"

enum {
    LIVE_LOOK_MS = 2000,         /* scans of other processes are looked for */
    LIVE_SILENCE_MS = 15 * 1000, /* limit: silence of a live stream before a comment */
    LIVE_SCANS_MOST = 500,       /* limit: scans that a live stream tells at once */
};

struct asking;
struct event;
struct worker;

struct live_listener {
    struct live_listener *next;
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

/* What tells that tickets were given up which let somebody in before. */
struct revoked {
    int64_t cancelled, replaced_at_us; /* how many; the newest, 0: none */
};

/* An event that somebody listens to. */
struct feed {
    struct feed *next;
    struct live *live;
    struct asking *asking; /* NULL: no question is under way */
    const struct event *event;
    struct live_listener *listeners;
    struct counts counts;
    struct revoked revoked;
    bool knows_revoked;  /* has asked before */
    uint64_t generation; /* of the event's changes when it was asked last */
    int64_t asked_at_us;
    bool has_more; /* than one question brought */
};

struct live {
    struct worker *worker;
    struct event *on_tick;
    struct feed *feeds;
    int listener_count;
    uint64_t began;
    uint64_t caller_changes; /* heard of, or maybe missed */
};

/* Takes it off its feed, which ends with its last one. */
void live_feed_end(struct live_listener *listener);

/* Writes one event of the stream. Takes the data. The cursor is written as its id, NULL: it has
 * none. */
void live_feed_tell(struct live_listener *listener, const char *name,
                    const struct live_cursor *cursor, json_t *data);

/* Asks what there is for all who listen; nothing may be under way. */
void live_feed_ask(struct feed *feed);

/* Asks what happened since the listener's cursor, for it alone. */
void live_feed_catch_up(struct live_listener *listener);

/* Asks where something has changed or it is time to look; says something where it was quiet for
 * long. */
void live_feed_tick(struct feed *feed, int64_t now_us);

#endif
