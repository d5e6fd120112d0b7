/* Replaces the ticket of an attendee, for them or for another person. The old ticket stops working.
 * Another person gets a registration of their own. */
#ifndef EINLASS_FEATURES_REGISTRATION_HAND_ON_H
#define EINLASS_FEATURES_REGISTRATION_HAND_ON_H

struct errand;
struct request;

/* POST /registrations/{registration}/attendees/{attendee}/ticket: {} replaces the ticket, {"name",
 * "email"} gives it to another person, until the attendee came or the event is over. */
void hand_on_handle(struct request *request);

/* The same for an errand that has begun, with a path that has {attendee}. */
void hand_on_begin(struct errand *errand);

/* The form: GET and POST …/attendees/{attendee}/hand-on */
void hand_on_show(struct request *request);
void hand_on_send(struct request *request);

#endif
