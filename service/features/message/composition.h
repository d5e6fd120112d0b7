/*
 * A message's letter, whole: words, codes, PDF tickets and calendar entry. The PDF is made by the
 * pool of threads, so that the loop goes on.
 */
#ifndef EINLASS_FEATURES_MESSAGE_COMPOSITION_H
#define EINLASS_FEATURES_MESSAGE_COMPOSITION_H

#include "event/event.h"
#include "features/feature.h"
#include "features/message/posting.h"
#include "mail/letter.h"

/* letter NULL: it could not be written, which was logged. Lives in the arena it was made in. */
typedef void composition_ready(void *context, const struct letter *letter);

/* The posting, the event and the arena live until on_ready was called: once, never before this
 * returned. False: the pool is full or the words could not be made, and on_ready is never called.
 */
MUST_CHECK bool composition_start(struct worker *worker, const struct event *event,
                                  const struct posting *posting, struct arena *arena,
                                  composition_ready *on_ready, void *context);

#endif
