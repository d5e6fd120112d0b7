/* Shows, corrects, approves, declines and cancels a registration, and sends its mail again: for
 * attendees with the manage link, and for organisers. Each answers with the registration. */
#ifndef EINLASS_FEATURES_REGISTRATION_MANAGE_H
#define EINLASS_FEATURES_REGISTRATION_MANAGE_H

struct request;

/* GET /registrations/{registration} */
void manage_show(struct request *request);

/* PATCH: see correction.h. Organisers may send {"status": "confirmed"}, "declined" or "cancelled"
 * instead. */
void manage_change(struct request *request);

/* DELETE, or POST …/cancel from a page */
void manage_cancel(struct request *request);

/* DELETE /registrations/{registration}/attendees/{attendee}, or POST …/cancel from a page */
void manage_cancel_attendee(struct request *request);

/* POST …/resend */
void manage_resend(struct request *request);

#endif
