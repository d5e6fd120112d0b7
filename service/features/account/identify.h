/*
 * The step that says who calls (http/listener.h): by the token of a script or device, by the key of
 * a manage link, else nobody in particular. Each way is a function of its own that says whether it
 * applies; a further one (a session) is a further line in account_identify().
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
