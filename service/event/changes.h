/*
 * What tells the workers of one process that an event's counts have moved: a worker notes a change
 * after the database has committed it and before it answers, so that whoever was answered sees
 * counts that are at least as new, on whichever worker. Shared by all threads.
 */
#ifndef EINLASS_EVENT_CHANGES_H
#define EINLASS_EVENT_CHANGES_H

#include <stdint.h>

#include "base/id.h"

struct worker;

void changes_note(struct worker *worker, const struct id *event_id);

/* Grows with every change of the event (and of those that share its slot). Read it before asking
 * the database; counts read then are current while it stays the same. */
uint64_t changes_generation(struct worker *worker, const struct id *event_id);

#endif
