#include "http/reply.h"

#include <strings.h>

#include "base/log.h"
#include "base/encode.h"
#include "http/render.h"
#include "http/send.h"

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

static int add_piece(const char *piece, size_t length, void *out)
{
    buffer_add(out, piece, length);
    return 0;
}

static void on_sent(const void *bytes, size_t length, void *owner)
{
    (void)bytes;
    (void)length;
    free(owner);
}

/* The buffer's memory goes with the answer. */
static void give(struct evbuffer *body, struct buffer *content)
{
    size_t length = content->length;
    char *bytes = buffer_take(content);
    evbuffer_add_reference(body, bytes, length, on_sent, bytes);
}

/* The one place that answers with a view: what could not be built or written is no answer. */
static void finish_view(struct request *request, int status, const char *content_type,
                        struct evbuffer *body, struct buffer *content, bool is_written)
{
    if (is_written) {
        give(body, content);
        send_finish(request, status, content_type);
        return;
    }
    buffer_finish(content);
    log_event(LOG_ERROR, "view_missing", log_text("request", request->id),
              log_text("route", request->match.pattern));
    reply_bare_problem(request, 500, "internal");
}

void reply_typed_json(struct request *request, int status, const char *content_type, json_t *json)
{
    struct evbuffer *body = send_begin(request);
    if (body) {
        struct buffer text;
        buffer_init(&text);
        bool is_written =
            json && json_dump_callback(json, add_piece, &text, JSON_COMPACT | JSON_ENCODE_ANY) == 0;
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
    struct evbuffer *body = send_begin(request);
    if (!body) {
        json_decref(view);
        return;
    }
    struct buffer html;
    buffer_init(&html);
    bool is_written = render_page(request, template, view, false, &html);
    if (is_written) {
        send_default_header(request, "Content-Language", render_language(request));
        send_default_header(request, "Vary", "Accept-Language, Accept-Encoding, Cookie");
    }
    finish_view(request, status, HTML_TYPE, body, &html, is_written);
}

void reply_json_text(struct request *request, int status, const char *text, size_t length)
{
    reply_bytes(request, status, JSON_TYPE, text, length);
}

void reply_bytes(struct request *request, int status, const char *content_type, const void *bytes,
                 size_t length)
{
    struct evbuffer *body = send_begin(request);
    if (!body)
        return;
    evbuffer_add(body, bytes, length);
    send_finish(request, status, content_type);
}

/* RFC 6266 with RFC 8187: a plain name for who cannot read the real one. */
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
    if (!send_begin(request))
        return;
    reply_header(request, "Location", request_link(request, location));
    send_finish(request, 303, NULL);
}

void reply_no_content(struct request *request)
{
    if (send_begin(request))
        send_finish(request, 204, NULL);
}
