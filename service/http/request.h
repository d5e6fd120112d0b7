/*
 * A request while it is served, on the loop of one worker. It owns an arena, and ends when it was
 * answered and its handler has finished. Its steps: route, limits, identify (the caller), scope
 * (the event), authorise, query, body, handler, reply.
 */
#ifndef EINLASS_HTTP_REQUEST_H
#define EINLASS_HTTP_REQUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "http/router.h"

struct worker; /* see worker.h */
struct locale;

struct arena *request_arena(struct request *request);
struct worker *request_worker(const struct request *request);
const char *request_id(const struct request *request); /* in logs and X-Request-Id */
const struct caller *request_caller(const struct request *request);

/* Returns the caller's role in the scope of this request, one bit of enum route_who or WHO_ANYBODY.
 * The dispatcher has authorised the request already. Handlers use the role to choose what they show
 * and accept. */
unsigned request_role(const struct request *request);

const struct route *request_route(const struct request *request);
bool request_is_page(const struct request *request); /* for guests or at the desk */
bool request_is_desk(const struct request *request);

/* Returns {name} of the path, never NULL for a name in the row's path. */
const char *request_path(const struct request *request, const char *name);
bool request_has_path(const struct request *request, const char *name);

/* Returns the first value of a query parameter, decoded and UTF-8, or the one after so many others.
 * NULL: absent. */
const char *request_query(struct request *request, const char *name);

/* Returns the first parameter in the query of an API request that its row does not take, decoded.
 * NULL: there is none. Pages take any: links get parameters on the way, such as utm_source. */
const char *request_unknown_query(struct request *request);

/* The same for a key in a link, without the punctuation that a text has behind the link. */
const char *request_link_key(struct request *request, const char *name);
const char *request_query_nth(struct request *request, const char *name, int nth);

/* Return a header's value, copied into the arena, and the raw path with its query. NULL: the header
 * is absent, or the deadline has passed, so read headers before the first wait. */
const char *request_header(struct request *request, const char *name);
const char *request_target(const struct request *request);

enum route_mount request_mount(const struct request *request);

/* Returns the client's IP address, also behind trusted proxies. "": a unix socket. */
const char *request_address(const struct request *request);

/* Returns the body of a row with a body, an object, borrowed. Form bodies become JSON. */
json_t *request_body(const struct request *request);
bool request_body_is_form(const struct request *request);

/*
 * Whether a page's form is to be shown again with all that was typed and nothing else, because
 * somebody changes the language in the middle of it (web/form_languages.html). form_read_body()
 * then has findings, but none in the list, so a handler that shows its form again on findings does
 * the right thing.
 */
bool request_is_only_shown(const struct request *request);

/* The addresses in a page's form that are meant as they were typed (http/kept_emails.h). NULL: no
 * person has sent a form. The fields that say so are no longer in the body. */
const json_t *request_kept_emails(const struct request *request);

/* The file of a page's form whose row takes one. False: there is none. The name has no folders; its
 * texts and bytes live as long as the request. */
struct request_file {
    const char *name, *bytes;
    size_t length;
};
bool request_file(const struct request *request, const char *field, struct request_file *ret_file);

/* Returns the bytes of the body, for fingerprints. */
const char *request_body_bytes(const struct request *request, size_t *ret_length);

/* Returns the language of the answer: from ?lang=, or the cookie of an earlier ?lang=, or
 * Accept-Language. */
const struct locale *request_locale(struct request *request);

/* Answers in this language if there is no ?lang=, because the person's language is known. NULL: no
 * change. */
void request_prefer_locale(struct request *request, const struct locale *locale);

/*
 * Pages in frames of an organiser's site. Returns ?embed=: "1" (colours of the visitor), "light" or
 * "dark", always the same pointer for the same value. NULL: no frame. Links, forms and redirects
 * must keep ?embed= and ?lang=, because frames get no cookies. Templates use {{page.query}} and
 * {{page.and}}, code uses request_link(), and reply_see_other() does it by itself.
 */
const char *request_embed(struct request *request);

/* Returns a path of the service as a link of this page, in the arena, or the path itself. */
const char *request_link(struct request *request, const char *path);

/* Returns the Idempotency-Key header or the form field "idempotency_key" (1 to 200 visible ASCII
 * characters). NULL: none. Malformed keys are refused before the handler. */
const char *request_idempotency_key(struct request *request);

/* Returns the event of a row with {event}, {registration} or {ticket}, never NULL in its handler.
 */
const struct event *request_event(const struct request *request);

/*
 * For steps of features, which may query the database. Each step calls request_continue() once, now
 * or later, or replies. The caller is copied. The scope's event is released when the request ends.
 * A step does not set the scope for an event that does not exist, and does not refuse it either:
 * authorise decides what the caller may know.
 */
void request_set_caller(struct request *request, const struct caller *caller);
void request_set_scope(struct request *request, const struct scope *scope);
void request_continue(struct request *request);

/* Goes on with a newer definition of the scope's event, whose reference it takes. Nothing may point
 * into the old one. */
void request_renew_event(struct request *request, const struct event *event);

/* Monotonic times. At the deadline the client gets 503, and a later reply is dropped. */
int64_t request_started_us(const struct request *request);
int64_t request_deadline_us(const struct request *request);

#endif
