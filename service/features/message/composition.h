/*
 * Composes the complete letter of a message: words, QR codes, PDF tickets and calendar entry. The
 * thread pool makes the PDF, so that the loop does not wait.
 */
#ifndef EINLASS_FEATURES_MESSAGE_COMPOSITION_H
#define EINLASS_FEATURES_MESSAGE_COMPOSITION_H

#include "event/event.h"
#include "features/feature.h"
#include "features/message/posting.h"
#include "mail/letter.h"

/* The letter lives in the arena of composition_start. NULL: it could not be made. */
typedef void composition_ready(void *context, const struct letter *letter);

/* Calls on_ready once, after it has returned. The posting, the event and the arena must live until
 * then. False: the pool is full or the words could not be made, and on_ready is never called. */
MUST_CHECK bool composition_start(struct worker *worker, const struct event *event,
                                  const struct posting *posting, struct arena *arena,
                                  composition_ready *on_ready, void *context);

#endif
