/* Proving that somebody reads mail at the registration's address, by the link that was mailed
 * there (link_verify). */
#ifndef EINLASS_FEATURES_REGISTRATION_VERIFY_H
#define EINLASS_FEATURES_REGISTRATION_VERIFY_H

struct request;

/* POST /registrations/{registration}/verification {"key"} */
void verify_handle(struct request *request);

/* GET /registrations/{registration}/verify?key=: one button, as scanners of mail follow links.
 * POST verifies and goes on to the registration. */
void verify_show(struct request *request);
void verify_send(struct request *request);

#endif
