/* Sends the mail of an address again. The answer does not reveal whether the address is registered:
 * it is always the same, after the same time. */
#ifndef EINLASS_FEATURES_REGISTRATION_RESEND_H
#define EINLASS_FEATURES_REGISTRATION_RESEND_H

struct request;

/* From the request to the answer; longer than the statement takes. */
enum { RESEND_ANSWER_MS = 300 };

/* POST /events/{event}/resend {"email"}, and /registrations/{registration}/again for a link that
 * was cut off: it says only which event it is of, and its page does not name the event. */
void resend_handle(struct request *request);

/* The form: GET of the same path */
void resend_show(struct request *request);

#endif
