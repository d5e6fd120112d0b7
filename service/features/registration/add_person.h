/* The desk's page on which an organiser adds a person by hand. It takes any ticket type, closed and
 * hidden ones too, and goes beyond the capacity for a reason. */
#ifndef EINLASS_FEATURES_REGISTRATION_ADD_PERSON_H
#define EINLASS_FEATURES_REGISTRATION_ADD_PERSON_H

struct request;

/* GET /desk/events/{event}/attendees/new */
void add_person_show(struct request *request);

/* POST: leads to the person's page, or answers the page with what is wrong. */
void add_person_send(struct request *request);

#endif
