#include "http/reply.h"

#include <event2/keyvalq_struct.h>
#include <stdint.h>
#include <strings.h>
#include <zlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "http/assets.h"
#include "http/connection.h"
#include "http/exchange.h"
#include "http/metrics.h"
#include "http/page.h"
#include "view/escape.h"

/* --- Sending --------------------------------------------------------------------------------- */

enum { SLOW_BODY_BYTES = 64 * 1024 };

/* Other sites get no Referer, and nobody gets one with a key or ticket, because proxies log it.
 * With "no-referrer" browsers would send our own forms with "Origin: null" (Fetch, section 3.2),
 * and without TLS or in older browsers nothing else tells where a form comes from. */
static const char every_answer[] = "\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: ";
static const char usual_referrer[] = "same-origin", secret_referrer[] = "strict-origin";

/* Pages load only files of the service, and have no plug-ins, no inline scripts, and no other
 * inline styles than the style sheet and the organiser's colours. Only the event's origins may
 * frame them. Only the door page may use the camera. */
static const char every_page[] =
    "\r\nPermissions-Policy: camera=(self), microphone=(), geolocation=()"
    "\r\nContent-Security-Policy: default-src 'none'; img-src 'self' data:; "
    "script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "manifest-src 'self'; font-src 'self'; style-src 'self' '";
static const char every_page_framed[] = "; frame-ancestors ";

static bool has_header(const struct request *request, const char *name)
{
    for (int i = 0; i < request->header_count; i++) {
        if (strcasecmp(request->headers[i].name, name) == 0)
            return true;
    }
    return false;
}

void reply_default_header(struct request *request, const char *name, const char *value)
{
    if (!has_header(request, name))
        reply_header(request, name, value);
}

struct evbuffer *reply_begin(struct request *request)
{
    if (request->http)
        return evhttp_request_get_output_buffer(request->http);
    request_destroy(request);
    return NULL;
}

static bool has_secret_address(const struct request *request)
{
    return request_has_path(request, "ticket") || strstr(request->query, "key=") ||
           strstr(request->query, "preview=");
}

/*
 * Adds all headers as one entry of evhttp's list, whose value contains the lines of the others. A
 * dozen entries would take a third of the time of an answer. Values have no line ends, see
 * reply_header.
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
    buffer_add_text(&lines, has_secret_address(request) ? secret_referrer : usual_referrer);
    if (content_type && strncmp(content_type, "text/html", 9) == 0 &&
        !has_header(request, "Content-Security-Policy")) {
        buffer_add(&lines, every_page, sizeof every_page - 1);
        buffer_add_text(&lines, assets_styles_source(request->listener->assets));
        buffer_add_char(&lines, '\'');
        page_add_styles(request, &lines);
        buffer_add(&lines, every_page_framed, sizeof every_page_framed - 1);
        page_add_ancestors(request, &lines);
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
    reply_default_header(request, "Cache-Control", "no-store");
    if (listener->is_secure)
        reply_default_header(request, "Strict-Transport-Security", "max-age=31536000");
    add_head(request, content_type);
    if (request->close_connection || listener_is_draining(listener))
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
    reply_default_header(request, "Vary", "Accept-Encoding");
    if (compress_is_accepted(request_peek_header(request, "Accept-Encoding")) &&
        compress_buffer(request->listener->compressor, body))
        reply_header(request, "Content-Encoding", "gzip");
}

/* An answer to HEAD has the Content-Length of GET (RFC 9110, section 9.3.2). */
static void leave_out_body(struct request *request, struct evbuffer *body)
{
    size_t length = evbuffer_get_length(body);
    reply_header(request, "Content-Length", arena_printf(&request->arena, "%zu", length));
    evbuffer_drain(body, length);
}

/* The reason phrases of RFC 9110, section 15, and RFC 6585. Those of libevent are older. */
static const char *reason_of(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {303, "See Other"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {409, "Conflict"},
        {410, "Gone"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if (reasons[i].status == status)
            return reasons[i].reason;
    }
    return NULL;
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
    evhttp_send_reply(http, status, reason_of(status), NULL);
    if (connection)
        connection_write(connection);
}

void reply_instead(struct request *request, int status, const char *content_type)
{
    struct evbuffer *body = evhttp_request_get_output_buffer(request->http);
    pack(request, content_type, body);
    size_t bytes = evbuffer_get_length(body);
    if (is_head(request) && status != 304)
        leave_out_body(request, body);
    add_headers(request, content_type);
    request_end_deadline(request);
    metrics_record(request, status, bytes);
    give_to_evhttp(request, status);
}

void reply_finish(struct request *request, int status, const char *content_type)
{
    reply_instead(request, status, content_type);
    request_destroy(request);
}

void reply_stream_head(struct request *request, const char *content_type)
{
    add_headers(request, content_type);
    request_end_deadline(request);
    evhttp_send_reply_start(request->http, 200, reason_of(200));
}

/* --- Answers --------------------------------------------------------------------------------- */

#define JSON_TYPE "application/json"
#define HTML_TYPE "text/html; charset=utf-8"

void reply_header(struct request *request, const char *name, const char *value)
{
    if (strpbrk(name, "\r\n: ") || strpbrk(value, "\r\n"))
        return;
    struct header header = {.name = name, .value = arena_copy(&request->arena, value)};
    for (int i = 0; i < request->header_count; i++) {
        if (strcasecmp(request->headers[i].name, name) == 0 &&
            strcasecmp(name, "Set-Cookie") != 0) {
            request->headers[i] = header;
            return;
        }
    }
    if (request->header_count == REPLY_HEADERS_MOST) {
        log_event(LOG_ERROR, "headers_too_many", log_text("request", request->id),
                  log_text("header", name));
        return;
    }
    header.name = arena_copy(&request->arena, name);
    request->headers[request->header_count++] = header;
}

void reply_keeps_typed(struct request *request)
{
    reply_header(request, "Cache-Control", "private, no-cache");
}

static void on_sent(const void *bytes, size_t length, void *owner)
{
    (void)bytes;
    (void)length;
    free(owner);
}

/* Moves the content to the body, which frees it. */
static void give(struct evbuffer *body, struct buffer *content)
{
    size_t length = content->length;
    char *bytes = buffer_take(content);
    evbuffer_add_reference(body, bytes, length, on_sent, bytes);
}

/* All views are answered here. A view that could not be built or written becomes an error. */
static void finish_view(struct request *request, int status, const char *content_type,
                        struct evbuffer *body, struct buffer *content, bool is_written)
{
    if (is_written) {
        give(body, content);
        reply_finish(request, status, content_type);
        return;
    }
    buffer_finish(content);
    log_event(LOG_ERROR, "view_missing", log_text("request", request->id),
              log_text("route", request->match.pattern));
    reply_bare_problem(request, 500, "internal");
}

void reply_typed_json(struct request *request, int status, const char *content_type, json_t *json)
{
    struct evbuffer *body = reply_begin(request);
    if (body) {
        struct buffer text;
        struct json_writer writer;
        buffer_init(&text);
        json_writer_init(&writer, &text);
        bool is_written = escape_json(&writer, NULL, json);
        finish_view(request, status, content_type, body, &text, is_written);
    }
    json_decref(json);
}

void reply_view(struct request *request, int status, json_t *view)
{
    if (request_is_page(request))
        reply_page(request, status, request_route(request)->template, view);
    else
        reply_typed_json(request, status, JSON_TYPE, view);
}

void reply_page(struct request *request, int status, const char *template, json_t *view)
{
    struct evbuffer *body = reply_begin(request);
    if (!body) {
        json_decref(view);
        return;
    }
    struct buffer html;
    buffer_init(&html);
    if (request_is_only_shown(request) && status == 422)
        status = 200;
    const struct page_kind kind = {.is_wrong = status == 422 || status == 429};
    bool is_written = page_write(request, template, view, kind, &html);
    if (is_written) {
        reply_default_header(request, "Content-Language", page_language(request));
        reply_default_header(request, "Vary", "Accept-Language, Accept-Encoding, Cookie");
    }
    finish_view(request, status, HTML_TYPE, body, &html, is_written);
}

void reply_json(struct request *request, int status, struct buffer *json)
{
    struct evbuffer *body = reply_begin(request);
    if (body)
        finish_view(request, status, JSON_TYPE, body, json, true);
    else
        buffer_finish(json);
}

void reply_json_text(struct request *request, int status, const char *text, size_t length)
{
    reply_bytes(request, status, JSON_TYPE, text, length);
}

void reply_bytes(struct request *request, int status, const char *content_type, const void *bytes,
                 size_t length)
{
    struct evbuffer *body = reply_begin(request);
    if (!body)
        return;
    evbuffer_add(body, bytes, length);
    reply_finish(request, status, content_type);
}

/* RFC 6266 and RFC 8187: old clients get a name in ASCII. */
void reply_file_name(struct request *request, enum reply_disposition disposition, const char *name)
{
    struct buffer value;
    buffer_init(&value);
    buffer_add_text(&value, disposition == REPLY_INLINE ? "inline" : "attachment");
    buffer_add_text(&value, "; filename=\"");
    for (const char *c = name; *c; c++)
        buffer_add_char(&value, *c >= ' ' && *c <= '~' && !strchr("\"\\%/", *c) ? *c : '_');
    buffer_add_text(&value, "\"; filename*=UTF-8''");
    percent_encode(&value, name);
    reply_header(request, "Content-Disposition", buffer_text(&value));
    buffer_finish(&value);
}

void reply_see_other(struct request *request, const char *location)
{
    if (!reply_begin(request))
        return;
    reply_header(request, "Location", request_link(request, location));
    reply_finish(request, 303, NULL);
}

void reply_no_content(struct request *request)
{
    if (reply_begin(request))
        reply_finish(request, 204, NULL);
}

/* --- gzip ----------------------------------------------------------------------------------------
 */

enum { GZIP_WINDOW = 15 + 16, MEMORY_LEVEL = 8 };

struct compressor {
    z_stream stream;
};

struct compressor *compress_create(int level)
{
    struct compressor *compressor = memory_alloc(sizeof *compressor);
    if (deflateInit2(&compressor->stream, level, Z_DEFLATED, GZIP_WINDOW, MEMORY_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    return compressor;
}

void compress_destroy(struct compressor *compressor)
{
    if (!compressor)
        return;
    deflateEnd(&compressor->stream);
    free(compressor);
}

bool compress_buffer(struct compressor *compressor, struct evbuffer *buffer)
{
    size_t length = evbuffer_get_length(buffer);
    z_stream *stream = &compressor->stream;
    if (length == 0 || length > UINT32_MAX)
        return false;
    unsigned char *packed = memory_grow(NULL, length);
    deflateReset(stream);
    stream->next_in = evbuffer_pullup(buffer, -1);
    stream->avail_in = (uInt)length;
    stream->next_out = packed;
    stream->avail_out = (uInt)length;
    bool shorter = deflate(stream, Z_FINISH) == Z_STREAM_END;
    if (shorter) {
        evbuffer_drain(buffer, length);
        evbuffer_add(buffer, packed, length - stream->avail_out);
    }
    free(packed);
    return shorter;
}

/* Finds q=0 in the parameters of a coding. */
static bool is_refused(const char *parameters, size_t length)
{
    const char *at = memchr(parameters, '=', length);
    if (!at || (at > parameters && at[-1] != 'q' && at[-1] != 'Q'))
        return false;
    for (at++; at < parameters + length; at++) {
        if (*at >= '1' && *at <= '9')
            return false;
    }
    return true;
}

bool compress_is_accepted(const char *at)
{
    bool any = false;
    while (at && *at) {
        at += strspn(at, ", \t");
        size_t length = strcspn(at, ","), name = strcspn(at, ",; \t");
        bool refused = is_refused(at + name, length - name);
        if (name == 4 && strncasecmp(at, "gzip", 4) == 0)
            return !refused;
        if (name == 1 && *at == '*')
            any = !refused;
        at += length;
    }
    return any;
}

bool compress_is_worth(const char *content_type, size_t bytes)
{
    static const char *const kinds[] = {"text/",
                                        "application/json",
                                        "application/problem+json",
                                        "application/javascript",
                                        "image/svg+xml",
                                        "application/manifest+json"};
    if (bytes < COMPRESS_LEAST_BYTES)
        return false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strncmp(content_type, kinds[i], strlen(kinds[i])) == 0)
            return true;
    }
    return false;
}

/* --- Values of views -----------------------------------------------------------------------------
 */

json_t *view_id(const struct id *id)
{
    char text[ID_TEXT_BYTES];
    if (id_is_zero(id))
        return json_null();
    id_format(id, text);
    return json_string(text);
}

json_t *view_time(int64_t at_us)
{
    char text[CLOCK_TEXT_BYTES];
    if (at_us == 0)
        return json_null();
    clock_format(at_us, text);
    return json_string(text);
}

json_t *view_id_of(const struct rows *rows, int row, const char *column)
{
    struct id id = rows_id(rows, row, column);
    return view_id(&id);
}

json_t *view_time_of(const struct rows *rows, int row, const char *column)
{
    return view_time(rows_time(rows, row, column));
}

json_t *view_number_of(const struct rows *rows, int row, const char *column)
{
    if (rows_is_null(rows, row, column))
        return json_null();
    return json_integer(rows_number(rows, row, column));
}

const char *view_text_of(const struct rows *rows, int row, const char *column)
{
    return rows_is_null(rows, row, column) ? NULL : rows_text(rows, row, column);
}
