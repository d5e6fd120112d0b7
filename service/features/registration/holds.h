/* Places held for addresses that nobody has verified. */
#ifndef EINLASS_FEATURES_REGISTRATION_HOLDS_H
#define EINLASS_FEATURES_REGISTRATION_HOLDS_H

struct worker;

enum { HOLDS_END_EVERY_MS = 5000, HOLDS_EVENTS_MOST = 50 };

/* Gives on the places whose time is over, of HOLDS_EVENTS_MOST events at most. The statement
 * decides, so it does no harm when several processes call this at the same time. */
void holds_end(struct worker *worker);

#endif
