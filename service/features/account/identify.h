/*
 * The step that says who calls (http/listener.h) and which memberships they have: by the token of a
 * script or device, by the key of a manage link, else anybody. Each way is a function that says
 * whether it applies and a row of the table in identify.c. A further way, such as the session of an
 * account, is one more row.
 */
#ifndef EINLASS_FEATURES_ACCOUNT_IDENTIFY_H
#define EINLASS_FEATURES_ACCOUNT_IDENTIFY_H

struct request;

/*
 * "Authorization: Bearer TOKEN" (RFC 6750) is an API token or a device, on public routes too; one
 * that nobody has, or that was revoked, is answered 401, and who goes too fast 429. On rows for
 * manage links ?key= or X-Manage-Key is the key of the registration in the path; a wrong one is
 * answered 404, whether or not there is such a registration. Credentials of other schemes are not
 * ours (a proxy may ask for its own) and count as none.
 */
void account_identify(struct request *request);

#endif
