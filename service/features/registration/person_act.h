/* What can be done on a person's page. Each action asks on a page of its own whether the guest is
 * told, in which words, and shows the mail (features/message/preview.h). */
#ifndef EINLASS_FEATURES_REGISTRATION_PERSON_ACT_H
#define EINLASS_FEATURES_REGISTRATION_PERSON_ACT_H

struct request;

enum { NOTE_MOST = 2000 /* limit: characters of a note about an attendee */ };

/* GET and POST /desk/events/{event}/attendees/{attendee}/{action}, and POST below /api/v1. */
void person_act_ask(struct request *request);
void person_act_handle(struct request *request);

#endif
