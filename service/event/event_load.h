/* Event definitions as the database keeps them. */
#ifndef EINLASS_EVENT_EVENT_LOAD_H
#define EINLASS_EVENT_EVENT_LOAD_H

#include <jansson.h>

#include "db/session.h"
#include "db/values.h"
#include "event/event.h"

/* The event in the first row of event/load, its only reference the caller's. NULL: there is
 * no row, or what it says is no event file (logged: somebody edited the tables). */
struct event *event_load_row(const struct rows *rows);

/* For commands. False: the database could not say (db_session_error); *ret_event is NULL where
 * there is none of that slug, else given back with events_release(). */
MUST_CHECK bool event_load(struct db_session *session, const char *slug, struct event **ret_event);

/* As event_load(), with the definition in the form of event_file_write(), its unknown members
 * (event_unknown.h) behind the others: a new reference, NULL where there is no event. */
MUST_CHECK bool event_load_definition(struct db_session *session, const char *slug,
                                      struct event **ret_event, json_t **ret_definition);

/* A stored definition in that same form; where it is no event file, as it is stored. A new
 * reference. NULL: it is no JSON. */
json_t *event_load_text(const char *definition);

#endif
