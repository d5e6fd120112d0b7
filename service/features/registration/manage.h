/*
 * What can be done with a registration that is there: look at it, correct it, approve it, cancel
 * it, prove that its address is read. By the attendee with the manage link, or
 * by the organiser. Each answers with the registration as it is then.
 */
#ifndef EINLASS_FEATURES_REGISTRATION_MANAGE_H
#define EINLASS_FEATURES_REGISTRATION_MANAGE_H

struct request;

/* GET /registrations/{registration} */
void manage_show(struct request *request);

/* PATCH {"language", "attendees": [{"id", "name", "email", "answers"}]}: what is not named stays;
 * answers are merged. Organisers may also say {"status": "confirmed"} to approve, or "cancelled".
 */
void manage_change(struct request *request);

/* DELETE; POST …/cancel as a page */
void manage_cancel(struct request *request);

/* POST …/verification {"key"}: the key that was mailed to the address. */
void manage_verify(struct request *request);

#endif
