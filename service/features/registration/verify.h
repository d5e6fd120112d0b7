/* Verifies the address of a registration by the link that was mailed to it (link_verify). */
#ifndef EINLASS_FEATURES_REGISTRATION_VERIFY_H
#define EINLASS_FEATURES_REGISTRATION_VERIFY_H

struct request;

/* POST /registrations/{registration}/verification {"key"} */
void verify_handle(struct request *request);

/* GET /registrations/{registration}/verify?key= shows a button, because mail scanners follow links.
 * POST verifies and redirects to the registration. */
void verify_show(struct request *request);
void verify_send(struct request *request);

#endif
