/* Event definitions as the database keeps them. */
#ifndef EINLASS_EVENT_EVENT_LOAD_H
#define EINLASS_EVENT_EVENT_LOAD_H

#include "db/rows.h"
#include "db/session.h"
#include "event/event.h"

/* The event in the first row of sql_event_load, its only reference the caller's. NULL: there is
 * no row, or what it says is no event file (logged: somebody edited the tables). */
struct event *event_load_row(const struct rows *rows);

/* For commands. False: the database could not say (db_session_error); *ret_event is NULL where
 * there is none of that slug, else given back with events_release(). */
MUST_CHECK bool event_load(struct db_session *session, const char *slug, struct event **ret_event);

#endif
