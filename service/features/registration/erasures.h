/* Keeps the list of erasures (erasure_list.h, setting `erasures`), and erases the people on it
 * again after a restore. */
#ifndef EINLASS_FEATURES_REGISTRATION_ERASURES_H
#define EINLASS_FEATURES_REGISTRATION_ERASURES_H

#include "command.h"
#include "worker.h"

enum { ERASURES_EVERY_MS = 60000 };

/* Appends what the database has erased and the list does not have, then calls `then` (NULL: nobody
 * waits) once, unless the service stops first. A list that cannot be written is logged; it is
 * tried again each minute. */
void erasures_write(struct worker *worker, void (*then)(void *context), void *context);

/* Periodic: after a crash between an erasure and its line, and for other instances' erasures. */
void erasures_catch_up(struct worker *worker);

/* For `einlass check`: the list can be written, and the database has nobody who is on it. False:
 * it has said why. */
MUST_CHECK bool erasures_check(const struct config *config, struct db_session *session);

extern const struct command command_erasures_replay;

#endif
