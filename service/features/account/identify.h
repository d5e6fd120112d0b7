/*
 * The step of a request that identifies the caller (http/listener.h) and the caller's memberships:
 * by the token of a script or device, by the key of a manage link, or by the cookie of a session at
 * the desk. Each way is a function in a table of identify.c.
 */
#ifndef EINLASS_FEATURES_ACCOUNT_IDENTIFY_H
#define EINLASS_FEATURES_ACCOUNT_IDENTIFY_H

struct request;

/*
 * "Authorization: Bearer TOKEN" (RFC 6750) has the token of a script or device, on public routes
 * too. An unknown or revoked token is answered 401, a caller above the rate limit 429. On routes
 * for manage links, ?key= or X-Manage-Key is the key of the registration in the path. A wrong or
 * former key is answered 404, even if the registration exists. Other schemes are ignored: a proxy
 * may use them. The desk and the API also read the cookie of a session (http/session_cookie.h). A
 * session that has ended is ignored.
 */
void account_identify(struct request *request);

#endif
