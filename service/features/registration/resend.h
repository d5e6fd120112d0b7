/* Sends the mail of an address again. The answer does not reveal whether the address is registered:
 * it is always the same, after the same time. */
#ifndef EINLASS_FEATURES_REGISTRATION_RESEND_H
#define EINLASS_FEATURES_REGISTRATION_RESEND_H

struct request;

/* From the request to the answer; longer than the statement takes. */
enum { RESEND_ANSWER_MS = 300 };

/* POST /events/{event}/resend {"email"} */
void resend_handle(struct request *request);

/* POST /registrations/{registration}/again {"email"}: for the event of a link that was cut off. The
 * page does not name the event. */
void resend_handle_again(struct request *request);

/* The form: GET of the same path */
void resend_show(struct request *request);

#endif
