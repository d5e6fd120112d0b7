/* The steps of a request. Each step continues with the next one, waits for request_continue(), or
 * answers. The request may be freed after a step that does not continue. */
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "http/desk.h"
#include "http/exchange.h"
#include "http/linger.h"
#include "http/page.h"

enum { INCOMING_ID_MOST = 64 };

/* --- Refusals of evhttp ---------------------------------------------------------------------- */

/*
 * evhttp itself refuses a bad request line or header, a body or head above the limits, and an
 * unknown method. libevent 2.1.12 answers these with its own HTML and has no hook
 * (evhttp_set_errorcb came later). It calls its exported evhttp_send_error through the procedure
 * linkage table, so a function of that name in the program replaces it (ELF symbol interposition;
 * libevent must be linked dynamically and without -Bsymbolic, as in Debian). tests/unit/http.c
 * proves that it does.
 *
 * The replacement calls evhttp's dispatcher, which knows the listener and calls dispatch_request.
 * The empty URI, which no request line can have, marks the refusal.
 */
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

static bool is_refused(const struct evhttp_request *http)
{
    return http->uri && !*http->uri;
}

/* evhttp does not tell a large head from one that it cannot parse. */
static bool has_large_head(const struct request *request)
{
    size_t unread = 0;
    if (request->connection)
        unread = evbuffer_get_length(bufferevent_get_input(request->connection->stream));
    return request->http->headers_size + unread > HEADERS_MOST_BYTES;
}

/* --- Reading the request --------------------------------------------------------------------- */

static const char *method_name(const struct evhttp_request *http)
{
    switch (http->type) {
    case EVHTTP_REQ_GET:
        return is_refused(http) ? "none" : "GET";
    case EVHTTP_REQ_HEAD:
        return "HEAD";
    case EVHTTP_REQ_POST:
        return "POST";
    case EVHTTP_REQ_PUT:
        return "PUT";
    case EVHTTP_REQ_PATCH:
        return "PATCH";
    case EVHTTP_REQ_DELETE:
        return "DELETE";
    case EVHTTP_REQ_OPTIONS:
        return "OPTIONS";
    case EVHTTP_REQ_TRACE:
    case EVHTTP_REQ_CONNECT:
        break;
    }
    return "none";
}

/* Takes the id of a trusted proxy, so that both logs have the same id. */
static bool take_id(struct request *request)
{
    const char *given = request_peek_header(request, "X-Request-Id");
    if (!given || !trust_has(&request->listener->trust, request->http->remote_host))
        return false;
    size_t length = strlen(given);
    if (length < 1 || length > INCOMING_ID_MOST ||
        strspn(given, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") !=
            length)
        return false;
    memcpy(request->id, given, length + 1);
    return true;
}

/* "PREFIX-00001f": at least six digits. */
static void make_id(struct listener *listener, char *ret_id)
{
    enum { DIGITS_LEAST = 6 };
    size_t length = strlen(listener->id_prefix), digits = DIGITS_LEAST;
    uint64_t number = ++listener->request_number;
    while (digits < 2 * sizeof number && number >> (4 * digits))
        digits++;
    memcpy(ret_id, listener->id_prefix, length);
    ret_id[length++] = '-';
    for (size_t i = digits; i > 0; number >>= 4)
        ret_id[length + --i] = "0123456789abcdef"[number & 15];
    ret_id[length + digits] = '\0';
}

static void set_id(struct request *request)
{
    struct listener *listener = request->listener;
    if (!take_id(request))
        make_id(listener, request->id);
}

/* Returns path and query of a URI, also of the absolute form (RFC 9112, section 3.2), or NULL. */
static const char *find_target(const char *uri)
{
    if (*uri == '/')
        return uri;
    const char *authority = strstr(uri, "://");
    return authority && strcspn(uri, "/?#") >= strcspn(uri, ":") ? strchr(authority + 3, '/')
                                                                 : NULL;
}

static bool set_target(struct request *request, const char *uri)
{
    uri = find_target(uri);
    if (!uri)
        return false;
    size_t length = strcspn(uri, "#");
    if (!text_is_utf8(uri, length))
        return false;
    char *target = arena_copy_bytes(&request->arena, uri, length);
    if (text_has_control(target, false))
        return false;
    char *query = strchr(target, '?');
    request->target = target;
    request->query = query ? query + 1 : "";
    return true;
}

static void copy_body(struct request *request)
{
    struct evbuffer *input = evhttp_request_get_input_buffer(request->http);
    size_t length = evbuffer_get_length(input);
    if (length == 0)
        return;
    char *bytes = arena_alloc(&request->arena, length + 1);
    evbuffer_remove(input, bytes, length);
    request->body_bytes = bytes;
    request->body_length = length;
}

/* evhttp does not read a body of GET and the like, and would take it for the next request. */
static bool has_unread_body(const struct request *request)
{
    const char *length = request_peek_header(request, "Content-Length");
    return strcmp(request->method, "HEAD") == 0 &&
           ((length && strcmp(length, "0") != 0) ||
            request_peek_header(request, "Transfer-Encoding"));
}

static bool is_sane(const struct evhttp_request *http)
{
    return http->major == 1 && http->minor >= 0 && http->minor <= 9;
}

/* The headers by which a proxy in front might see other requests than we do (RFC 9112,
 * sections 3.2, 5.1 and 6.3): evhttp takes the first of two, signed lengths, and blanks before the
 * colon. */
struct framing {
    int hosts, lengths, encodings;
    bool is_bad;
};

static void note_header(struct framing *framing, const char *name, const char *value)
{
    static const char token[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789!#$%&'*+-.^_`|~";
    if (*name == '\0' || name[strspn(name, token)] != '\0')
        framing->is_bad = true;
    if (strcasecmp(name, "Host") == 0) {
        framing->hosts++;
    } else if (strcasecmp(name, "Content-Length") == 0) {
        framing->lengths++;
        framing->is_bad |= *value == '\0' || value[strspn(value, "0123456789")] != '\0';
    } else if (strcasecmp(name, "Transfer-Encoding") == 0) {
        framing->encodings++;
        framing->is_bad |= strcasecmp(value, "chunked") != 0;
    }
}

static bool has_clear_framing(struct evhttp_request *http)
{
    struct framing framing = {0};
    const struct evkeyval *header;
    TAILQ_FOREACH(header, evhttp_request_get_input_headers(http), next)
    note_header(&framing, header->key, header->value);
    bool is_old = http->minor == 0;
    return !framing.is_bad && framing.lengths + framing.encodings <= 1 && framing.hosts <= 1 &&
           (is_old ? framing.encodings == 0 : framing.hosts == 1);
}

/* --- The steps ------------------------------------------------------------------------------- */

/* The length of a path without what a text has behind a link: "/", ".", ")", ">" … */
static size_t link_length(const char *path)
{
    static const char *const signs[] = {"/",   ".",   ",",      ";",         ":",        "!",
                                        ")",   "]",   "'",      "*",         "%3E",      "%22",
                                        "%5D", "%7D", "%C2%BB", "%E2%80%9C", "%E2%80%9D"};
    size_t length = strlen(path);
    for (size_t i = 0; i < sizeof signs / sizeof *signs;) {
        size_t bytes = strlen(signs[i]);
        bool ends = length > bytes && strncasecmp(path + length - bytes, signs[i], bytes) == 0;
        length -= ends ? bytes : 0;
        i = ends ? 0 : i + 1;
    }
    return length;
}

/* Sends a browser that followed a link together with such signs to the page of the link. */
static bool leads_to_page(struct request *r, const char *path)
{
    struct router_match match;
    size_t length = link_length(path);
    bool reads = strcmp(r->method, "GET") == 0 || strcmp(r->method, "HEAD") == 0;
    if (!reads || path[length] == '\0')
        return false;
    char *page = arena_copy_bytes(&r->arena, path, length);
    if (router_find(r->listener->options.router, &r->arena, r->method, page, &match) !=
            ROUTER_FOUND ||
        !((unsigned)match.mount & (ROUTE_PAGE | ROUTE_DESK)))
        return false;
    r->match.index = -1;
    reply_see_other(r, arena_printf(&r->arena, "%s%s", page, r->target + strlen(path)));
    return true;
}

static bool route(struct request *request)
{
    struct request *const r = request;
    char *path = arena_copy_bytes(&r->arena, r->target, strcspn(r->target, "?"));
    if (leads_to_page(r, path))
        return false;
    enum router_outcome outcome =
        router_find(r->listener->options.router, &r->arena, r->method, path, &r->match);
    if (outcome == ROUTER_FOUND) {
        if (request_is_page(r))
            page_remember_language(r);
        return true;
    }
    r->match.index = -1;
    if (outcome == ROUTER_NO_PATH) {
        reply_refuse(r, 404, "not_found");
        return false;
    }
    reply_header(r, "Allow", r->match.allow);
    if (strcmp(r->method, "OPTIONS") == 0)
        reply_no_content(r);
    else
        reply_refuse(r, 405, "method_not_allowed");
    return false;
}

struct line {
    const char *method, *uri;
};

static struct line split_line(struct arena *arena, const char *text)
{
    size_t method = strcspn(text, " "), gap = strspn(text + method, " ");
    const char *uri = text + method + gap;
    return (struct line){arena_copy_bytes(arena, text, method),
                         arena_copy_bytes(arena, uri, strcspn(uri, " "))};
}

static size_t body_most(const struct route *route)
{
    if (route->body_of_event)
        return ROUTE_FORM_MOST_BYTES;
    return route->body_bytes ? route->body_bytes : (size_t)ROUTE_BODY_DEFAULT_BYTES;
}

size_t dispatch_body_most(const struct listener *listener, const char *text)
{
    struct arena arena;
    struct router_match match;
    arena_init(&arena);
    struct line line = split_line(&arena, text);
    const char *target = find_target(line.uri);
    const char *path = target ? arena_copy_bytes(&arena, target, strcspn(target, "?#")) : line.uri;
    const struct listener_options *options = &listener->options;
    bool has_row = router_find(options->router, &arena, line.method, path, &match) == ROUTER_FOUND;
    size_t most = !has_row ? 0
                  : match.route->body_of_event && options->form_bytes
                      ? options->form_bytes(options->worker, &match)
                      : body_most(match.route);
    arena_finish(&arena);
    return most;
}

/* evhttp has forgotten the URI. A request without a row gets the same answer as without a body. */
static void answer_large(struct request *request)
{
    const char *text = request->connection ? request->connection->line : NULL;
    struct line line = split_line(&request->arena, text ? text : "");
    request->method = line.method;
    if (!has_clear_framing(request->http) || !set_target(request, line.uri))
        reply_refuse(request, 400, "bad_request");
    else if (route(request))
        reply_refuse(request, 413, "body_too_large");
}

static void answer_refused(struct request *request)
{
    struct evhttp_request *http = request->http;
    switch (http->response_code) {
    case 413:
        answer_large(request);
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

/* Returns whether another site made a browser send the form. Browsers tell it in Sec-Fetch-Site
 * (W3C Fetch Metadata), older ones in Origin (RFC 6454, section 7). Programs send neither. */
static bool is_foreign(const struct request *request)
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

static bool check_limits(struct request *request)
{
    const struct route *route = request->match.route;
    bool writes = strcmp(route->method, "GET") != 0;
    bool by_browser = request_is_page(request) || request_peek_header(request, "Cookie");
    if (request->body_length > body_most(route))
        reply_refuse(request, 413, "body_too_large");
    else if (writes && by_browser && is_foreign(request))
        reply_refuse(request, 403, "cross_site");
    else if (writes && !request_has_right_type(request))
        reply_refuse(request, 415, "unsupported_type");
    else
        return true;
    return false;
}

static bool identify(struct request *request)
{
    if (!request->listener->options.identify)
        return true;
    request->listener->options.identify(request);
    return false;
}

/* Skips the scope for a caller that the row refuses in every scope, so that the refusal does not
 * need the database. */
static bool find_scope(struct request *request)
{
    request->has_scope = request_has_path(request, "event") ||
                         request_has_path(request, "registration") ||
                         request_has_path(request, "ticket");
    if (!request->has_scope || !request->listener->options.find_scope ||
        !caller_may_somewhere(request->caller, request->match.route->who))
        return true;
    request->listener->options.find_scope(request);
    return false;
}

static bool authorise(struct request *request)
{
    const struct scope *scope = request->has_scope ? &request->scope : NULL;
    unsigned who = request->match.route->who;
    request->role = caller_role_in(request->caller, scope, who);
    switch (caller_judge(request->caller, scope, request->role, who)) {
    case CALLER_MAY:
        if (request_is_page(request) && !request_is_desk(request))
            page_allow_frames(request, request->scope.frame_origins);
        return true;
    case CALLER_UNAUTHORISED:
        if (request_is_desk(request))
            desk_ask_to_sign_in(request);
        else
            reply_refuse(request, CALLER_UNAUTHORISED, "unauthorised");
        break;
    case CALLER_FORBIDDEN:
        reply_refuse(request, CALLER_FORBIDDEN, "forbidden");
        break;
    case CALLER_NOT_FOUND:
        reply_refuse(request, CALLER_NOT_FOUND, "not_found");
        break;
    }
    return false;
}

static void refuse_parameter(struct request *request, const char *name)
{
    const char *known = router_query(request->match.route, &request->arena);
    struct buffer list;
    buffer_init(&list);
    for (; *known; known++) {
        if (*known == ' ')
            buffer_add_char(&list, ',');
        buffer_add_char(&list, *known);
    }
    json_t *data = json_pack("{s:s, s:s}", "parameter", name, "known", buffer_text(&list));
    buffer_finish(&list);
    reply_problem(request,
                  &(struct problem){.status = 400, .code = "unknown_parameter", .data = data});
}

static bool check_query(struct request *request)
{
    const char *unknown = request_unknown_query(request);
    if (unknown)
        refuse_parameter(request, unknown);
    return !unknown;
}

static bool handle(struct request *request)
{
    request->match.route->handle(request);
    return false;
}

static bool (*const steps[])(struct request *request) = {
    [STEP_ROUTE] = route,
    [STEP_LIMITS] = check_limits,
    [STEP_IDENTIFY] = identify,
    [STEP_SCOPE] = find_scope,
    [STEP_AUTHORISE] = authorise,
    [STEP_QUERY] = check_query,
    [STEP_BODY] = request_read_body,
    [STEP_HANDLE] = handle,
};

static void run(struct request *request)
{
    while (steps[request->step++](request))
        ;
}

void request_continue(struct request *request)
{
    if (request->http)
        run(request);
    else
        request_destroy(request);
}

void dispatch_request(struct evhttp_request *http, void *listener)
{
    struct request *request = request_create(listener, http);
    request->method = method_name(http);
    request_set_address(request);
    set_id(request);
    if (is_refused(http)) {
        request->close_connection = true;
        linger_after(request->listener->lingering, http);
        answer_refused(request);
        return;
    }
    if (has_unread_body(request)) {
        request->close_connection = true;
        linger_after(request->listener->lingering, http);
    }
    if (!is_sane(http) || !has_clear_framing(http) || !set_target(request, http->uri)) {
        http->major = 1;
        http->minor = 1;
        request->close_connection = true;
        linger_after(request->listener->lingering, http);
        reply_refuse(request, 400, "bad_request");
        return;
    }
    copy_body(request);
    run(request);
}
