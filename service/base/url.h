/* Addresses on the web as people type them. */
#ifndef EINLASS_BASE_URL_H
#define EINLASS_BASE_URL_H

#include <stdbool.h>

/*
 * Whether a text without control characters is an absolute URL (RFC 3986) of http or https with a
 * host: a name in letters of any script (RFC 3987), or an address. User and password are refused,
 * as are white space and characters that no URL has.
 */
bool url_is_web(const char *text);

#endif
