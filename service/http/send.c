#include "http/send.h"

#include <event2/keyvalq_struct.h>
#include <strings.h>

#include "base/memory.h"
#include "http/access.h"
#include "http/assets.h"
#include "http/compress.h"
#include "http/connection.h"
#include "http/embed.h"

enum { SLOW_BODY_BYTES = 64 * 1024 };

/* Other sites never learn where somebody came from. Ours do: with "no-referrer" browsers say
 * "Origin: null" of our own forms (Fetch, section 3.2), and without TLS say nothing else of them.
 */
static const char every_answer[] = "\r\nX-Content-Type-Options: nosniff"
                                   "\r\nReferrer-Policy: same-origin";

/* Nothing but our own files, no plug-ins, no inline scripts, of inline styles only our own style
 * sheet, and in frames of those only whom the event names; the camera is for the page that scans
 * tickets. */
static const char every_page[] =
    "\r\nPermissions-Policy: camera=(self), microphone=(), geolocation=()"
    "\r\nContent-Security-Policy: default-src 'none'; img-src 'self' data:; "
    "script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "manifest-src 'self'; font-src 'self'; style-src 'self' '";
static const char every_page_framed[] = "'; frame-ancestors ";

static bool has_header(const struct request *request, const char *name)
{
    for (int i = 0; i < request->header_count; i++) {
        if (strcasecmp(request->headers[i].name, name) == 0)
            return true;
    }
    return false;
}

void send_default_header(struct request *request, const char *name, const char *value)
{
    if (!has_header(request, name))
        reply_header(request, name, value);
}

struct evbuffer *send_begin(struct request *request)
{
    if (request->http)
        return evhttp_request_get_output_buffer(request->http);
    request_destroy(request);
    return NULL;
}

/*
 * All headers as one entry of evhttp's list, whose value goes on with the lines of the others: a
 * third of the time for an answer went into making, copying and freeing a dozen entries. What
 * gets in here has no line ends, see reply_header.
 */
static void add_head(struct request *request, const char *content_type)
{
    struct evkeyvalq *list = evhttp_request_get_output_headers(request->http);
    struct evkeyval *entry = memory_alloc(sizeof *entry);
    struct buffer lines;
    buffer_init(&lines);
    buffer_reserve(&lines, 1000);
    buffer_add_text(&lines, request->id);
    buffer_add(&lines, every_answer, sizeof every_answer - 1);
    if (content_type && strncmp(content_type, "text/html", 9) == 0 &&
        !has_header(request, "Content-Security-Policy")) {
        buffer_add(&lines, every_page, sizeof every_page - 1);
        buffer_add_text(&lines, assets_styles_source(request->listener->assets));
        buffer_add(&lines, every_page_framed, sizeof every_page_framed - 1);
        embed_add_ancestors(request, &lines);
    }
    for (int i = 0; i < request->header_count; i++) {
        buffer_add(&lines, "\r\n", 2);
        buffer_add_text(&lines, request->headers[i].name);
        buffer_add(&lines, ": ", 2);
        buffer_add_text(&lines, request->headers[i].value);
    }
    entry->key = memory_copy("X-Request-Id");
    entry->value = buffer_take(&lines);
    TAILQ_INSERT_TAIL(list, entry, next);
}

static void add_headers(struct request *request, const char *content_type)
{
    struct listener *listener = request->listener;
    if (content_type)
        reply_header(request, "Content-Type", content_type);
    send_default_header(request, "Cache-Control", "no-store");
    if (listener->is_secure)
        send_default_header(request, "Strict-Transport-Security", "max-age=31536000");
    add_head(request, content_type);
    if (request->close_connection || listener->is_draining)
        evhttp_add_header(evhttp_request_get_output_headers(request->http), "Connection", "close");
}

static bool is_head(const struct request *request)
{
    return strcmp(request->method, "HEAD") == 0;
}

static void pack(struct request *request, const char *content_type, struct evbuffer *body)
{
    if (!content_type || !compress_is_worth(content_type, evbuffer_get_length(body)) ||
        has_header(request, "Content-Encoding"))
        return;
    send_default_header(request, "Vary", "Accept-Encoding");
    if (compress_is_accepted(request_peek_header(request, "Accept-Encoding")) &&
        compress_buffer(request->listener->compressor, body))
        reply_header(request, "Content-Encoding", "gzip");
}

/* An answer to HEAD tells the length of what it leaves out (RFC 9110 section 9.3.2). */
static void leave_out_body(struct request *request, struct evbuffer *body)
{
    size_t length = evbuffer_get_length(body);
    reply_header(request, "Content-Length", arena_printf(&request->arena, "%zu", length));
    evbuffer_drain(body, length);
}

static void give_to_evhttp(struct request *request, int status)
{
    struct evhttp_request *http = request->http;
    struct connection *connection = request->connection;
    request->http = NULL;
    request->connection = NULL;
    if (connection) {
        connection_answered(connection);
        if (evbuffer_get_length(evhttp_request_get_output_buffer(http)) > SLOW_BODY_BYTES)
            connection_allow_slow_reading(connection, http);
    }
    evhttp_send_reply(http, status, NULL, NULL);
    if (connection)
        connection_write(connection);
}

void send_instead(struct request *request, int status, const char *content_type)
{
    struct evbuffer *body = evhttp_request_get_output_buffer(request->http);
    pack(request, content_type, body);
    size_t bytes = evbuffer_get_length(body);
    if (is_head(request) && status != 304)
        leave_out_body(request, body);
    add_headers(request, content_type);
    deadline_remove(request);
    access_record(request, status, bytes);
    give_to_evhttp(request, status);
}

void send_finish(struct request *request, int status, const char *content_type)
{
    send_instead(request, status, content_type);
    request_destroy(request);
}

void send_stream_head(struct request *request, const char *content_type)
{
    add_headers(request, content_type);
    deadline_remove(request);
    evhttp_send_reply_start(request->http, 200, NULL);
}
