/*
 * The use of a connection of a db, as a query needs it. A lane has some connections and
 * a bounded queue of turns. A turn runs on the connection with the fewest turns. A waiting turn has
 * a deadline. For the other files of this folder; db.c has the lanes.
 */
#ifndef EINLASS_DB_TURN_H
#define EINLASS_DB_TURN_H

#include "base/id.h"
#include "db/connection.h"
#include "db/db.h"

struct berth;
struct turn;
struct lane;

struct turn_kind {
    /* Sends the commands. It must not call the user's callbacks. */
    void (*start)(struct turn *turn, struct db_connection *connection);

    /* The connection is lost and with it its commands. The turn is still on its berth: call
     * turn_again() or turn_leave(). */
    void (*on_lost)(struct turn *turn);

    /* The deadline passed. A waiting turn has left the lane; a running turn stays on its
     * connection, because its result will still come. */
    void (*on_late)(struct turn *turn);

    /* The lane is being destroyed; the turn has left it. */
    void (*on_stopping)(struct turn *turn);
};

/* Embed it. Zero all but the kind and the key before turn_add(). */
struct turn {
    const struct turn_kind *kind;
    TAILQ_ENTRY(turn) place, awaited_place; /* in the queue or berth; in `awaited` */
    uint64_t number;                        /* the order of arrival */
    int64_t deadline_us;                    /* clock_monotonic_us() */
    struct lane *lane;
    struct berth *berth; /* the place of its connection in the lane; NULL while it waits */
    bool is_awaited;     /* its deadline counts */

    /* A lane runs one turn of a key at a time, in their order. Put off: the key's row is locked for
     * long, and other keys come first. */
    bool has_key, is_put_off;
    struct id key;
};

/* Gives the turn to a lane, which may start it at once. False: the queue is full. */
MUST_CHECK bool turn_add(struct turn *turn, struct db *db, enum db_lane lane);

/* Puts a running turn back to its place in the queue. It gets a new deadline if it has none. */
void turn_again(struct turn *turn);

/* The same, and puts off all turns of its key. */
void turn_put_off(struct turn *turn);

/* Removes a running or waiting turn; its connection is free for the next turn. */
void turn_leave(struct turn *turn);

/* Removes the turn's deadline. */
void turn_forget_deadline(struct turn *turn);

/* The connection of a running turn. */
struct db_connection *turn_connection(const struct turn *turn);

struct event_base *db_loop(const struct db *db);

/* Logs the error of a statement, at most every ten seconds for the same statement and SQLSTATE. */
void refusals_note(struct db *db, const PGresult *result, const struct statement *statement,
                   struct db_error *ret_error);

#endif
