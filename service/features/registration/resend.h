/*
 * The ticket again, for whoever knows the address it was sent to. The answer tells nobody whether
 * an address is known: it is the same, and comes after the same time.
 */
#ifndef EINLASS_FEATURES_REGISTRATION_RESEND_H
#define EINLASS_FEATURES_REGISTRATION_RESEND_H

struct request;

/* From the request to the answer: longer than looking and writing take. */
enum { RESEND_ANSWER_MS = 300 };

/* POST /events/{event}/resend {"email"} */
void resend_handle(struct request *request);

/* The form for it, GET of the same path */
void resend_show(struct request *request);

#endif
