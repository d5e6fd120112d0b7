#include "base/url.h"

#include <string.h>
#include <strings.h>

/* A host's name in letters of any script, or an address in brackets, perhaps with a port (RFC 3986
 * section 3.2). User and password, which deceive readers, are refused. */
static bool has_host(const char *text)
{
    bool is_number = *text == '[';
    const char *end = is_number ? text + 1 + strspn(text + 1, "0123456789abcdefABCDEF:.")
                                : text + strcspn(text, ":/?#@!$&'()*+,;=%~_[]");
    if (end == text || strchr(".-", *text) || (is_number && (end == text + 1 || *end++ != ']')))
        return false;
    size_t digits = *end == ':' ? strspn(end + 1, "0123456789") : 0;
    end += *end == ':' ? digits + 1 : 0;
    return digits <= 5 && (*end == '\0' || strchr("/?#", *end));
}

bool url_is_web(const char *text)
{
    const char *rest = NULL;
    if (strncasecmp(text, "https://", strlen("https://")) == 0)
        rest = text + strlen("https://");
    else if (strncasecmp(text, "http://", strlen("http://")) == 0)
        rest = text + strlen("http://");
    return rest && has_host(rest) && !strpbrk(text, " \t\"<>\\^`{|}");
}
