/* Bringing an event in line with its file: one transaction, all of it or nothing. */
#ifndef EINLASS_FEATURES_EVENT_EVENT_APPLY_H
#define EINLASS_FEATURES_EVENT_EVENT_APPLY_H

#include <stdbool.h>

#include "base/buffer.h"
#include "db/session.h"
#include "form/findings.h"

/*
 * Applies an event file as JSON; the file is changed. `actor` is who does it, as the versions and
 * the log of the organiser name them ("command").
 *
 * True: done, and ret_report has a line for each thing that changed ("SLUG: unchanged" if none
 * did). False: nothing was changed; why is in the findings, or, where they are empty,
 * db_session_error() says it.
 */
MUST_CHECK bool event_apply(struct db_session *session, json_t *file, const char *actor,
                            struct findings *findings, struct buffer *ret_report);

#endif
