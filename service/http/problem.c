/* Refusals: problem documents (RFC 9457) for programs, and pages for people. */
#include "base/log.h"
#include "db/db.h"
#include "http/exchange.h"
#include "http/page.h"
#include "security/ticket.h"
#include "view/escape.h"
#include "view/locale.h"

#define TEMPLATE "web/problem.html"
#define HTML_TYPE "text/html; charset=utf-8"
#define PROBLEM_TYPE "application/problem+json"

enum { BUSY_RETRY_AFTER_S = 1, EXHAUSTED_RETRY_AFTER_S = 60 };

static json_t *make_wording(struct request *request, const struct problem *problem,
                            const char *part)
{
    struct buffer text;
    buffer_init(&text);
    const char *key = arena_printf(&request->arena, "problem.%s.%s", problem->code, part);
    locale_text(request_locale(request), key, problem->data, &text);
    json_t *wording = json_string(buffer_text(&text));
    buffer_finish(&text);
    return wording;
}

static json_t *make_document(struct request *request, const struct problem *problem)
{
    json_t *document = json_object();
    json_object_set_new(document, "type", json_sprintf("/problems/%s", problem->code));
    json_object_set_new(document, "title", make_wording(request, problem, "title"));
    json_object_set_new(document, "status", json_integer(problem->status));
    json_object_set_new(document, "detail", make_wording(request, problem, "detail"));
    json_object_set_new(document, "code", json_string(problem->code));
    json_object_set_new(document, "request_id", json_string(request->id));
    if (problem->errors)
        json_object_set(document, "errors", problem->errors);
    if (problem->data)
        json_object_set(document, "data", problem->data);
    return document;
}

/* --- Links that were cut off -------------------------------------------------------------------
 */

/* The registration that the path names, "" if it was cut off before; NULL: none. A part of a path
 * may match no row. */
static const char *named_registration(struct request *request)
{
    static const char before[] = "/registrations/";
    const char *target = request->target;
    if (request->match.pattern)
        return request_has_path(request, "registration") ? request_path(request, "registration")
                                                         : NULL;
    if (!target || strncmp(target, before, sizeof before - 1) != 0)
        return NULL;
    target += sizeof before - 1;
    return arena_copy_bytes(&request->arena, target, strcspn(target, "/?"));
}

/* Mail programs break long links. Then the path names a registration or a ticket, and the rest of
 * the link is missing or wrong. */
static bool is_broken_link(struct request *request, const struct problem *problem)
{
    bool is_wrong =
        problem->status == 401 || problem->status == 404 || strcmp(problem->code, "wrong_key") == 0;
    return is_wrong && (!request->match.pattern || request_mount(request) == ROUTE_PAGE) &&
           (named_registration(request) || request_has_path(request, "ticket"));
}

/* Where an address can have its mail sent again; NULL: the event is not known. Whether there is
 * such an event, a registration or an address, the answer does not tell. */
static const char *again_path(struct request *request)
{
    struct id id;
    char event[TICKET_EVENT_MOST + 1];
    if (request_has_path(request, "ticket"))
        return ticket_claims_event(request_path(request, "ticket"), event)
                   ? arena_printf(&request->arena, "/events/%s/resend", event)
                   : NULL;
    const char *registration = named_registration(request);
    return id_parse(registration, &id)
               ? arena_printf(&request->arena, "/registrations/%s/again", registration)
               : NULL;
}

static json_t *broken_link(struct request *request, const struct problem *problem)
{
    const struct problem broken = {.status = problem->status, .code = "broken_link"};
    const char *path = again_path(request);
    json_t *document = make_document(request, &broken);
    if (path)
        json_object_set_new(document, "again",
                            json_pack("{s:s}", "action", request_link(request, path)));
    return document;
}

/* --- The answer ---------------------------------------------------------------------------------
 */

static int add_piece(const char *piece, size_t length, void *body)
{
    return evbuffer_add(body, piece, length);
}

/* Writes the answer to the buffer. Returns its content type. */
static const char *write_body(struct request *request, const struct problem *problem, bool as_page,
                              struct evbuffer *body)
{
    struct buffer html;
    bool is_broken = as_page && is_broken_link(request, problem);
    json_t *document = is_broken ? broken_link(request, problem) : make_document(request, problem);
    buffer_init(&html);
    as_page = as_page &&
              page_write(request, TEMPLATE, json_incref(document), (struct page_kind){0}, &html);
    if (as_page)
        evbuffer_add(body, html.bytes, html.length);
    else
        json_dump_callback(document, add_piece, body, JSON_COMPACT | ESCAPE_REALS);
    buffer_finish(&html);
    json_decref(document);
    return as_page ? HTML_TYPE : PROBLEM_TYPE;
}

static const char *prepare(struct request *request, const struct problem *problem, bool as_page)
{
    struct evbuffer *body = evhttp_request_get_output_buffer(request->http);
    const char *content_type = write_body(request, problem, as_page, body);
    if (problem->retry_after_s > 0)
        reply_header(request, "Retry-After",
                     arena_printf(&request->arena, "%d", problem->retry_after_s));
    if (problem->status == 401)
        reply_header(request, "WWW-Authenticate", "Bearer");
    reply_default_header(request, "Content-Language", page_language(request));
    reply_default_header(request, "Vary", "Accept-Language, Accept-Encoding, Cookie");
    return content_type;
}

/* For a path without a row, only browsers get a page. */
static bool wants_page(const struct request *request)
{
    if (request->match.pattern)
        return request_is_page(request);
    const char *accept = request_peek_header(request, "Accept");
    return request->target && strncmp(request->target, "/api/", 5) != 0 && accept &&
           strstr(accept, "text/html");
}

void reply_problem(struct request *request, const struct problem *problem)
{
    if (reply_begin(request))
        reply_finish(request, problem->status, prepare(request, problem, wants_page(request)));
    json_decref(problem->errors);
    json_decref(problem->data);
}

void reply_refuse(struct request *request, int status, const char *code)
{
    reply_problem(request, &(struct problem){.status = status, .code = code});
}

void reply_busy(struct request *request, const char *code)
{
    reply_problem(request, &(struct problem){
                               .status = 503, .code = code, .retry_after_s = BUSY_RETRY_AFTER_S});
}

struct problem reply_failure(const struct db_result *result)
{
    if (result->outcome == DB_REFUSED)
        return (struct problem){.status = 500, .code = "internal"};
    if (result->outcome == DB_EXHAUSTED)
        return (struct problem){
            .status = 503, .code = "exhausted", .retry_after_s = EXHAUSTED_RETRY_AFTER_S};
    return (struct problem){.status = 503, .code = "busy", .retry_after_s = BUSY_RETRY_AFTER_S};
}

void reply_failed(struct request *request, const struct db_result *result)
{
    const struct problem problem = reply_failure(result);
    reply_problem(request, &problem);
}

void reply_bare_problem(struct request *request, int status, const char *code)
{
    const struct problem problem = {.status = status, .code = code};
    if (reply_begin(request))
        reply_finish(request, status, prepare(request, &problem, false));
}

void reply_late(struct request *request, int retry_after_s)
{
    const struct problem problem = {.status = 503, .code = "late", .retry_after_s = retry_after_s};
    log_event(LOG_WARNING, "request_late", log_text("request", request->id),
              log_text("route", request->match.pattern), log_number("step", request->step));
    reply_instead(request, 503, prepare(request, &problem, wants_page(request)));
}
