/*
 * Reads and changes the definition of an event for requests: the editor's forms, uploads, copies
 * and the API.
 *
 *     the newest definition   event_definition_find(request, 0, on_found, context)
 *     with the form's values  json_object_set(definition->document, "title", …)
 *     a change                event_change(request, &(struct event_change){.document = document,
 *                                 .base_version = the version that the form showed}, on_changed, …)
 *
 * A change checks the whole document as `einlass event apply` does, writes a new version with the
 * caller as its author, notes it in the audit log, moves people up and queues mails, all in one
 * transaction. It runs on threads of its own, a few for the process, with a connection each. So an
 * event that is locked, or many people who move up, hold up other changes but no worker.
 *
 * Callbacks run once, on the worker's loop, after the call has returned. Their context lives in the
 * request's arena, since they do not run if the service stops. What they get is borrowed: use
 * json_incref() to keep it.
 */
#ifndef EINLASS_EVENT_EVENT_CHANGE_H
#define EINLASS_EVENT_EVENT_CHANGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"
#include "event/event_apply.h"

struct request;

enum { EVENT_CHANGES_AT_ONCE = 2 }; /* by a process, each with a database connection */

/* A version of the definition of the request's event. */
struct event_definition {
    int version, newest; /* 0: the event has no such version */
    json_t *document; /* as event_file_write() gives it, with members of newer programs at the end;
                         the callback may change it */
    const char *local_at; /* when it was made, in the event's time zone: "2026-05-13T10:00:00" */
    json_t *who;          /* its author in words */
};

/* definition NULL: the database failed, and the request was answered. */
typedef void event_definition_found(void *context, const struct event_definition *definition);
/* version 0: the newest one. */
void event_definition_find(struct request *request, int version, event_definition_found *on_found,
                           void *context);

struct event_change {
    json_t *document; /* of the shape of an event file; taken, and changed */
    /* The version that the document was made from. EVENT_APPLY_NEW: makes a new event, with a
     * slug from its title if the document has none. EVENT_APPLY_ANY: overwrites what others saved
     * meanwhile. */
    int base_version;
    const struct id *organiser_id; /* of a new event; else NULL: the organiser stays */
    bool is_trial;                 /* writes nothing: a preview of what would change */
    const char *words;             /* of errors, see struct findings; NULL: those for files */
};

enum event_change_outcome {
    EVENT_CHANGE_CHANGED, /* the next version is there; or would be, after a trial */
    EVENT_CHANGE_UNCHANGED,
    EVENT_CHANGE_REFUSED, /* see errors */
    EVENT_CHANGE_STALE,   /* somebody else saved meanwhile; nothing was written */
    EVENT_CHANGE_AWAY,    /* the database is away, or somebody holds the event; try again */
};

struct event_changed {
    enum event_change_outcome outcome;
    const char *slug; /* of the event */
    int version;      /* of the event now */
    /* What changed, in words: event_diff_say(). With STALE, what others have changed since
     * base_version. An empty list for a new event. */
    json_t *changes;
    json_t *errors; /* with REFUSED: [{"pointer", "code", "detail"}], the pointers into the file */
    json_t *meanwhile;   /* with STALE: [{"version", "at", "local_at", "who"}], the newest last */
    json_t *document;    /* the definition now; with STALE, the newest one of the others */
    int64_t told, moved; /* registrations that get a mail, and that moved up at once */
};

typedef void event_change_done(void *context, const struct event_changed *changed);
void event_change(struct request *request, const struct event_change *change,
                  event_change_done *on_changed, void *context);

/* Answers a request of the API: 200 with {"version", "changes", "told", "moved"}, 422 "invalid",
 * 412 "stale" or 503 "busy". */
void event_change_reply(struct request *request, const struct event_changed *changed);

#endif
