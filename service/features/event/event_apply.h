/* Bringing an event in line with its file: one transaction, all of it or nothing. */
#ifndef EINLASS_FEATURES_EVENT_EVENT_APPLY_H
#define EINLASS_FEATURES_EVENT_EVENT_APPLY_H

#include <stdbool.h>

#include "base/buffer.h"
#include "db/session.h"
#include "event/event.h"
#include "form/findings.h"

/*
 * Applies a file that was read. True: done, and ret_report has a line for each thing that changed
 * ("SLUG: unchanged" if none did). False: nothing was changed; why is in the findings, or, where
 * they are empty, db_session_error() says it.
 */
MUST_CHECK bool event_apply(struct db_session *session, const struct event *wanted,
                            struct findings *findings, struct buffer *ret_report);

#endif
