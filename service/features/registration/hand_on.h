/* A new ticket for an attendee; the old one stops working. */
#ifndef EINLASS_FEATURES_REGISTRATION_HAND_ON_H
#define EINLASS_FEATURES_REGISTRATION_HAND_ON_H

struct request;

/* POST /registrations/{registration}/attendees/{attendee}/ticket: {} for the same person,
 * {"name", "email"} to hand it on to somebody else, until they came or the event is over. */
void hand_on_handle(struct request *request);

/* The form for it, GET and POST …/attendees/{attendee}/hand-on */
void hand_on_show(struct request *request);
void hand_on_send(struct request *request);

#endif
