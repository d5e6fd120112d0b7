/*
 * What tells the workers of one process that an event's counts have moved: a worker notes a change
 * after the database has committed it and before it answers, so that whoever was answered sees
 * counts that are at least as new, on whichever worker. Shared by all threads.
 */
#ifndef EINLASS_FEATURES_EVENT_CHANGES_H
#define EINLASS_FEATURES_EVENT_CHANGES_H

#include <stdint.h>

#include "base/id.h"

struct changes;

struct changes *changes_create(void);
void changes_destroy(struct changes *changes);

void changes_note(struct changes *changes, const struct id *event_id);

/* Grows with every change of the event (and of those that share its slot). Read it before asking
 * the database; counts read then are current while it stays the same. */
uint64_t changes_generation(const struct changes *changes, const struct id *event_id);

#endif
