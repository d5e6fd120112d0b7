#include "http/session_cookie.h"

#include <event2/http.h>
#include <event2/http_struct.h>

#include "base/memory.h"
#include "http/exchange.h"

bool request_is_secure(const struct request *request)
{
    const char *scheme = request_peek_header(request, "X-Forwarded-Proto");
    return request->listener->is_secure ||
           (scheme && request->http && strcmp(scheme, "https") == 0 &&
            trust_has(&request->listener->trust, request->http->remote_host));
}

const char *request_cookie(struct request *request, const char *name)
{
    const char *at = request_peek_header(request, "Cookie");
    size_t name_length = strlen(name);
    while (at && *at) {
        size_t length = strcspn(at, ";");
        if (length > name_length && at[name_length] == '=' && strncmp(at, name, name_length) == 0)
            return arena_copy_bytes(&request->arena, at + name_length + 1,
                                    length - name_length - 1);
        at += length;
        at += strspn(at, "; ");
    }
    return NULL;
}

/* A page of http cannot set or replace a cookie with the prefix, nor can another host's. */
static const char *name_of(const struct request *request)
{
    return request_is_secure(request) ? "__Host-einlass" : "einlass";
}

const char *session_cookie(struct request *request)
{
    return request_cookie(request, name_of(request));
}

void session_cookie_set(struct request *request, const char *secret)
{
    reply_header(request, "Set-Cookie",
                 arena_printf(&request->arena, "%s=%s; Path=/; HttpOnly; SameSite=Lax%s%s",
                              name_of(request), secret ? secret : "",
                              request_is_secure(request) ? "; Secure" : "",
                              secret ? "" : "; Max-Age=0"));
}
