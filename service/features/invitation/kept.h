/* Places that are kept for the invited until a day. */
#ifndef EINLASS_FEATURES_INVITATION_KEPT_H
#define EINLASS_FEATURES_INVITATION_KEPT_H

struct request;
struct worker;

void kept_show(struct request *request);

/* POST /events/{event}/invitations/places: {"most", "day"}; without a day, none are kept any more.
 */
void kept_change(struct request *request);

/* Gives the places of events whose day is over to all, and counts the kept places of all events
 * anew, because invited people may have registered without their link. */
void kept_end(struct worker *worker);
void kept_count(struct worker *worker);

#endif
