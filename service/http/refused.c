/*
 * What evhttp refuses by itself, without calling us: a request line or header it cannot read, a
 * body or head past the limits, a method it does not know. libevent 2.1.12 answers these with
 * HTML of its own and has no hook for it (evhttp_set_errorcb came later). It calls its exported
 * evhttp_send_error for it through the procedure linkage table, so that a function of that name in
 * the program takes its place (ELF symbol interposition; libevent must be linked dynamically, and
 * not with -Bsymbolic, as in Debian). tests/unit/http.c proves that it does.
 *
 * The refusal goes back through evhttp's own dispatcher, which knows the listener, to
 * dispatch_request; the empty URI, which no request line can have, marks it.
 */
#include "http/exchange.h"

#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/http_struct.h>

#include "base/memory.h"

enum { STATUS_UNKNOWN_METHOD = 501 };

void evhttp_send_error(struct evhttp_request *http, int status, const char *reason)
{
    (void)reason;
    if (http->uri_elems)
        evhttp_uri_free(http->uri_elems);
    free(http->uri);
    http->uri = memory_copy("");
    http->uri_elems = evhttp_uri_parse("/");
    http->response_code = status ? status : STATUS_UNKNOWN_METHOD;
    if (http->type != EVHTTP_REQ_HEAD)
        http->type = EVHTTP_REQ_GET;
    if (http->major != 1 || http->minor < 0 || http->minor > 1) {
        http->major = 1;
        http->minor = 1;
    }
    http->cb(http, http->cb_arg);
}

bool refused_is(const struct evhttp_request *http)
{
    return http->uri && !*http->uri;
}

/* evhttp tells only that it could not read the head. */
static bool has_large_head(const struct request *request)
{
    size_t unread = 0;
    if (request->connection)
        unread = evbuffer_get_length(bufferevent_get_input(request->connection->stream));
    return request->http->headers_size + unread > HEADERS_MOST_BYTES;
}

void refused_answer(struct request *request)
{
    struct evhttp_request *http = request->http;
    switch (http->response_code) {
    case 413:
        reply_refuse(request, 413, "body_too_large");
        break;
    case 417:
        reply_refuse(request, 417, "expectation_failed");
        break;
    case STATUS_UNKNOWN_METHOD:
        reply_refuse(request, STATUS_UNKNOWN_METHOD, "unknown_method");
        break;
    default:
        if (has_large_head(request))
            reply_refuse(request, 431, "headers_too_large");
        else
            reply_refuse(request, 400, "bad_request");
    }
}
