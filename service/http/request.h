/*
 * One request while it is served. It owns an arena and dies when it was answered and its handler
 * has finished with it. The steps, in order: route, limits, identify (who calls), scope (on which
 * event), authorise (may it), body, handler, reply. All on the loop of one worker.
 */
#ifndef EINLASS_HTTP_REQUEST_H
#define EINLASS_HTTP_REQUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "http/caller.h"
#include "http/router.h"

struct worker; /* what handlers need of the process: service/worker.h */
struct locale;

struct arena *request_arena(struct request *request);
struct worker *request_worker(const struct request *request);
const char *request_id(const struct request *request); /* in logs and X-Request-Id */
const struct caller *request_caller(const struct request *request);

/* The caller's role in the scope of this request, one bit of enum route_who; WHO_ANYBODY: none.
 * Whether the handler may run is decided already: this is for what it shows and takes. */
unsigned request_role(const struct request *request);

const struct route *request_route(const struct request *request);
bool request_is_page(const struct request *request);

/* The {name} of the path. Never NULL for a name the row has. */
const char *request_path(const struct request *request, const char *name);
bool request_has_path(const struct request *request, const char *name);

/* The first value of a query parameter, decoded and UTF-8; NULL: absent. */
const char *request_query(struct request *request, const char *name);

/* A header's value, copied into the arena; NULL: absent, or the deadline has passed (read headers
 * before the first wait). The raw path with its query, for links back. */
const char *request_header(struct request *request, const char *name);
const char *request_target(const struct request *request);

/* Who sent it: an IP address as text ("" on a unix socket), behind the proxies that are trusted. */
const char *request_address(struct request *request);

/* The body, an object, when the row takes one (form bodies become JSON); borrowed. */
json_t *request_body(const struct request *request);
bool request_body_is_form(const struct request *request);

/* The bytes it was read from, for fingerprints. */
const char *request_body_bytes(const struct request *request, size_t *ret_length);

/* Language of the answer: ?lang=, else the cookie of an earlier ?lang=, else Accept-Language. */
const struct locale *request_locale(struct request *request);

/* Answers in this language (NULL: leaves it) unless ?lang= asks for one: for pages that belong to
 * somebody whose language we know. */
void request_prefer_locale(struct request *request, const struct locale *locale);

/*
 * Pages inside pages. A page that an event's organiser shows on a site of theirs is asked for with
 * ?embed=: "1" (in the visitor's own colours), "light" or "dark", as that site is (the same pointer
 * for the same). NULL: it stands by itself. Its links, forms and redirects keep that and the
 * language, as no cookie comes with a frame: {{page.query}} and {{page.and}} in every template,
 * request_link() for what is put together elsewhere, reply_see_other() by itself.
 */
const char *request_embed(struct request *request);

/* A path of ours as a link of this page; in the arena or the path itself. */
const char *request_link(struct request *request, const char *path);

/* Idempotency-Key header or form field "idempotency_key" (1 to 200 visible ASCII characters);
 * NULL: none. One that is malformed has been refused before the handler. */
const char *request_idempotency_key(struct request *request);

/* The event its path names, there for handlers of rows with {event}, {registration} or {ticket}. */
const struct event *request_event(const struct request *request);

/*
 * For the steps that features provide, which may have to ask the database: each either calls
 * request_continue() once, at once or later, or replies. The caller is copied; the scope's event is
 * released when the request ends. An event that does not exist is a scope that is not set: whether
 * that may be told is not for the step to decide.
 */
void request_set_caller(struct request *request, const struct caller *caller);
void request_set_scope(struct request *request, const struct scope *scope);
void request_continue(struct request *request);

/* Points in time of the monotonic clock. Past the deadline the client was answered 503; what the
 * handler replies later is dropped. */
int64_t request_started_us(const struct request *request);
int64_t request_deadline_us(const struct request *request);

#endif
