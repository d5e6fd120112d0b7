/*
 * Places held for addresses that nobody has verified: when the time is over they are given on. One
 * worker of each process looks every few seconds; the statement decides, so several do no harm.
 */
#ifndef EINLASS_FEATURES_REGISTRATION_HOLDS_H
#define EINLASS_FEATURES_REGISTRATION_HOLDS_H

#include "features/feature.h"

enum { HOLDS_LOOK_EVERY_S = 5, HOLDS_EVENTS_MOST = 50 };

void holds_start(struct worker *worker);
void holds_stop(struct worker *worker);

#endif
