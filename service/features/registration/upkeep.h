/* What becomes of places without a request: those held for unverified addresses end, and the
 * waiting list goes on moving up where a change left more to do than fits into one transaction. */
#ifndef EINLASS_FEATURES_REGISTRATION_UPKEEP_H
#define EINLASS_FEATURES_REGISTRATION_UPKEEP_H

struct worker;

enum { UPKEEP_HOLDS_EVERY_MS = 5000, UPKEEP_MOVES_EVERY_MS = 1000, UPKEEP_EVENTS_MOST = 50 };

/* Each looks for its work in at most UPKEEP_EVENTS_MOST events, and does it in portions, each a
 * transaction of its own. Several processes may do so at the same time, because the statement
 * decides. What a crash interrupts is found again. */
void upkeep_end_holds(struct worker *worker);
void upkeep_move_up(struct worker *worker);

#endif
