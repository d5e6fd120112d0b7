/* Creates and changes events from event files, on a blocking session: for commands, and for the
 * threads of event_change.h. */
#ifndef EINLASS_EVENT_EVENT_APPLY_H
#define EINLASS_EVENT_EVENT_APPLY_H

#include <jansson.h>
#include <stdbool.h>

#include "base/id.h"
#include "base/memory.h"
#include "db/session.h"
#include "form/form.h"

enum {
    /* There must be no event with this slug yet. A file without one gets one from its title. */
    EVENT_APPLY_NEW = 0,
    EVENT_APPLY_ANY = -1, /* whatever version the event has, or none */
};

struct event_wish {
    json_t *file;      /* changed while it is read */
    const char *actor; /* as in audit_entry: "command" */
    int base_version;  /* the version that the file was made from, or one of the two above */
    const struct id *event_id;     /* the event that the file must be about; NULL: any */
    const struct id *organiser_id; /* whose slug and name the file gets; NULL: keeps its own */
    bool is_trial;                 /* only finds out what would change */
};

enum event_apply_outcome {
    EVENT_APPLY_FAILED, /* the database failed: db_session_error() */
    EVENT_APPLY_CHANGED,
    EVENT_APPLY_UNCHANGED,
    EVENT_APPLY_REFUSED, /* there are findings */
    EVENT_APPLY_STALE,   /* the event has a newer version than base_version */
};

struct event_applied {
    enum event_apply_outcome outcome;
    struct id event_id; /* with CHANGED */
    int version;        /* of the event now; 0: there is none */
    /* The definitions before and now. After EVENT_APPLY_STALE, `after` is the newest one and
     * `before` the one of base_version. NULL: there is none. */
    json_t *before, *after;
    json_t *meanwhile; /* with STALE: [{"version", "at_us", "local_at", "actor", "actor_name"?}] */
    int64_t told, moved;  /* registrations that get a mail, and that moved up */
    struct buffer report; /* a line for each change, or "SLUG: unchanged", for the command */
};

/*
 * Creates or updates an event, in one transaction. If very many registrations move up from the
 * waiting list, the others follow: event_apply_move_on(), or the service within seconds.
 * event_applied_finish() frees the result.
 */
void event_apply(struct db_session *session, const struct event_wish *wish,
                 struct findings *findings, struct event_applied *ret_applied);
void event_applied_finish(struct event_applied *applied);

/* Moves up the others, each portion in a transaction of its own, and adds them to the report. */
void event_apply_move_on(struct db_session *session, struct event_applied *applied);

#endif
