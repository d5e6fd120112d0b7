/* Applies event files. */
#ifndef EINLASS_FEATURES_EVENT_EVENT_APPLY_H
#define EINLASS_FEATURES_EVENT_EVENT_APPLY_H

#include <stdbool.h>

#include "base/memory.h"
#include "db/session.h"
#include "form/form.h"

/*
 * Creates or updates an event from its file, in one transaction. Changes `file`. If very many
 * registrations move up from the waiting list, the others follow in transactions of their own.
 * Versions and the audit log show `actor` ("command").
 *
 * Returns true with a line for each change in ret_report, or "SLUG: unchanged". Returns false if it
 * changed nothing because of the findings or, without findings, because of db_session_error().
 */
MUST_CHECK bool event_apply(struct db_session *session, json_t *file, const char *actor,
                            struct findings *findings, struct buffer *ret_report);

#endif
