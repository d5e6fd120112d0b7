/*
 * Whether another site made a browser send a form here. Browsers say so in Sec-Fetch-Site (W3C
 * Fetch Metadata), older ones in Origin (RFC 6454 section 7); programs send neither.
 */
#include <strings.h>

#include "http/exchange.h"

bool origin_is_foreign(const struct request *request)
{
    const char *site = request_peek_header(request, "Sec-Fetch-Site");
    const char *origin = request_peek_header(request, "Origin");
    const char *host = request_peek_header(request, "Host");
    const char *own = request->listener->public_origin;
    if (site && (strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0))
        return false;
    if (site && strcmp(site, "cross-site") == 0)
        return true;
    if (!origin)
        return false;
    if (own && strcasecmp(origin, own) == 0)
        return false;
    const char *authority = strstr(origin, "://");
    return !authority || !host || strcasecmp(authority + 3, host) != 0;
}
