/* Loads stored definitions of events. */
#ifndef EINLASS_EVENT_EVENT_LOAD_H
#define EINLASS_EVENT_EVENT_LOAD_H

#include <jansson.h>

#include "db/session.h"
#include "db/values.h"
#include "event/event.h"

/* Returns the event in the first row of event/load, with its only reference. Returns NULL without a
 * row, or for a definition that is no event file, which it logs. */
struct event *event_load_row(const struct rows *rows);

/* For commands. Sets *ret_event to NULL if there is no event with the slug. The caller releases it
 * with events_release(). False: the database failed (db_session_error). */
MUST_CHECK bool event_load(struct db_session *session, const char *slug, struct event **ret_event);

/* Loads the definition, too: as event_file_write() gives it, and with its unknown members
 * (event_unknown.h) at the end. It is a new reference, or NULL without an event. */
MUST_CHECK bool event_load_definition(struct db_session *session, const char *slug,
                                      struct event **ret_event, json_t **ret_definition);

/* Returns a stored definition in the same form, or unchanged if it is no event file. It is a new
 * reference, or NULL for text that is no JSON. */
json_t *event_load_text(const char *definition);

#endif
