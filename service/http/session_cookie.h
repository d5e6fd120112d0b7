/*
 * The cookie of a session at the desk: __Host-einlass (RFC 6265bis, section 4.1.3.2), or einlass
 * where the client does not use https, as on localhost. Browsers keep it until they end.
 */
#ifndef EINLASS_HTTP_SESSION_COOKIE_H
#define EINLASS_HTTP_SESSION_COOKIE_H

struct request;

/* Returns its value, in the arena. NULL: there is none. */
const char *session_cookie(struct request *request);

/* Sets the cookie with the answer. NULL: the browser forgets it. Call it before the answer. */
void session_cookie_set(struct request *request, const char *secret);

#endif
