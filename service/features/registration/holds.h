/* Places that are held for unverified addresses. */
#ifndef EINLASS_FEATURES_REGISTRATION_HOLDS_H
#define EINLASS_FEATURES_REGISTRATION_HOLDS_H

struct worker;

enum { HOLDS_END_EVERY_MS = 5000, HOLDS_EVENTS_MOST = 50 };

/* Cancels unverified registrations whose time is over, in at most HOLDS_EVENTS_MOST events. Several
 * processes may do so at the same time, because the statement decides. */
void holds_end(struct worker *worker);

#endif
