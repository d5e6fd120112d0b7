/*
 * What can be done with a registration that is there: look at it, correct it, approve or decline
 * it, cancel it or one of its attendees, have its mail sent again. By the attendee with the manage
 * link, or by the organiser. Each answers with the registration as it is then.
 */
#ifndef EINLASS_FEATURES_REGISTRATION_MANAGE_H
#define EINLASS_FEATURES_REGISTRATION_MANAGE_H

struct request;

/* GET /registrations/{registration} */
void manage_show(struct request *request);

/* PATCH {"version", "language", "email", "attendees": [{"id", "name", "email", "answers"}]}: what
 * is not named stays; answers are merged. Organisers may also say {"status": "confirmed"} to
 * approve, "declined" or "cancelled". */
void manage_change(struct request *request);

/* DELETE; POST …/cancel as a page */
void manage_cancel(struct request *request);

/* DELETE /registrations/{registration}/attendees/{attendee}; POST …/cancel as a page */
void manage_cancel_attendee(struct request *request);

/* POST …/resend: the mail of its state once more */
void manage_resend(struct request *request);

#endif
