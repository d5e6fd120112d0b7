#include "http/request.h"

#include <ctype.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "http/connection.h"
#include "http/exchange.h"
#include "http/kept_emails.h"
#include "http/metrics.h"
#include "http/urlencoded.h"
#include "view/locale.h"

/* --- Deadline -------------------------------------------------------------------------------- */

/*
 * evhttp has no timeout while a request waits for its answer. All requests of a listener have the
 * same time limit, so the list in the order of arrival is also in the order of deadlines, and one
 * timer for its head suffices.
 */
enum { RETRY_AFTER_S = 2 };

static void set_timer(struct listener *listener)
{
    struct request *oldest = TAILQ_FIRST(&listener->requests);
    int64_t left_us = oldest->deadline_us - clock_monotonic_us();
    if (left_us < 0)
        left_us = 0;
    const struct timeval left = {.tv_sec = left_us / CLOCK_SECOND_US,
                                 .tv_usec = left_us % CLOCK_SECOND_US};
    event_add(listener->on_deadline, &left);
}

static void add_deadline(struct request *request)
{
    struct listener *listener = request->listener;
    TAILQ_INSERT_TAIL(&listener->requests, request, by_age);
    request->has_deadline = true;
    if (!event_pending(listener->on_deadline, EV_TIMEOUT, NULL))
        set_timer(listener);
}

/* The timer is not moved, because a busy service would move it with every request. */
void request_end_deadline(struct request *request)
{
    if (!request->has_deadline)
        return;
    request->has_deadline = false;
    TAILQ_REMOVE(&request->listener->requests, request, by_age);
}

void request_on_deadline(evutil_socket_t fd, short what, void *context)
{
    struct listener *listener = context;
    struct request *oldest;
    int64_t now_us = clock_monotonic_us();
    (void)fd;
    (void)what;
    while ((oldest = TAILQ_FIRST(&listener->requests)) != NULL && oldest->deadline_us <= now_us)
        reply_late(oldest, RETRY_AFTER_S);
    if (oldest)
        set_timer(listener);
}

/* --- Creation and end ------------------------------------------------------------------------ */

static const struct caller anybody = {.identity = CALLER_ANYBODY, .label = "anybody"};

struct request *request_create(struct listener *listener, struct evhttp_request *http)
{
    struct request *request = memory_alloc(sizeof *request);
    arena_init(&request->arena);
    request->listener = listener;
    request->http = http;
    request->connection = connection_of(listener, http);
    if (request->connection) {
        request->connection->request = request;
        request->connection->has_input = false;
    }
    request->caller = &anybody;
    request->role = WHO_ANYBODY;
    request->match.index = -1;
    request->parameter_count = -1;
    request->query = "";
    request->started_us = clock_monotonic_us();
    request->deadline_us = request->started_us + listener->options.deadline_us;
    listener->pending++;
    listener->begun++;
    metrics_set_in_flight(listener->counters, listener->pending);
    add_deadline(request);
    return request;
}

void request_destroy(struct request *request)
{
    request_end_deadline(request);
    request->listener->pending--;
    metrics_set_in_flight(request->listener->counters, request->listener->pending);
    if (request->connection)
        connection_answered(request->connection);
    if (request->scope.event)
        request->scope.release(request->scope.event);
    json_decref(request->body);
    json_decref(request->kept_emails);
    arena_finish(&request->arena);
    free(request);
}

const char *request_peek_header(const struct request *request, const char *name)
{
    if (!request->http)
        return NULL;
    return evhttp_find_header(evhttp_request_get_input_headers(request->http), name);
}

struct arena *request_arena(struct request *request)
{
    return &request->arena;
}

struct worker *request_worker(const struct request *request)
{
    return request->listener->options.worker;
}

const char *request_id(const struct request *request)
{
    return request->id;
}

const struct caller *request_caller(const struct request *request)
{
    return request->caller;
}

unsigned request_role(const struct request *request)
{
    return request->role;
}

enum route_mount request_mount(const struct request *request)
{
    return request->match.mount;
}

const struct route *request_route(const struct request *request)
{
    return request->match.route;
}

bool request_is_page(const struct request *request)
{
    return request->match.mount == ROUTE_PAGE || request->match.mount == ROUTE_DESK;
}

bool request_is_desk(const struct request *request)
{
    return request->match.mount == ROUTE_DESK;
}

const char *request_path(const struct request *request, const char *name)
{
    const char *value = router_value(&request->match, name);
    return value ? value : "";
}

bool request_has_path(const struct request *request, const char *name)
{
    return request->match.pattern && router_value(&request->match, name) != NULL;
}

static void add_parameter(struct request *request, const char *from, size_t length)
{
    const char *equals = memchr(from, '=', length);
    size_t name_length = equals ? (size_t)(equals - from) : length;
    const char *name = percent_decode_form(&request->arena, from, name_length);
    const char *value = "";
    if (equals)
        value = percent_decode_form(&request->arena, equals + 1, length - name_length - 1);
    if (name && value)
        request->parameters[request->parameter_count++] =
            (struct parameter){.name = name, .value = value};
}

/* Ignores parameters above the limit. */
static void read_query(struct request *request)
{
    const char *at = request->query;
    request->parameter_count = 0;
    if (!*at)
        return;
    request->parameters =
        arena_alloc(&request->arena, QUERY_PARAMETERS_MOST * sizeof *request->parameters);
    while (*at && request->parameter_count < QUERY_PARAMETERS_MOST) {
        size_t length = strcspn(at, "&");
        if (length > 0)
            add_parameter(request, at, length);
        at += length;
        at += *at == '&';
    }
}

const char *request_query_nth(struct request *request, const char *name, int nth)
{
    if (request->parameter_count < 0)
        read_query(request);
    for (int i = 0; i < request->parameter_count; i++) {
        if (strcmp(request->parameters[i].name, name) == 0 && nth-- == 0)
            return request->parameters[i].value;
    }
    return NULL;
}

/* Whether a list with blanks between has the name. */
static bool has_name(const char *list, const char *name)
{
    size_t length = strlen(name), word;
    for (; *list; list += word + (list[word] == ' ')) {
        word = strcspn(list, " ");
        if (word == length && memcmp(list, name, length) == 0)
            return true;
    }
    return false;
}

const char *request_unknown_query(struct request *request)
{
    const char *at = request->query;
    if (!*at || request->match.mount != ROUTE_API)
        return NULL;
    const char *known = router_query(request->match.route, &request->arena);
    while (*at) {
        size_t length = strcspn(at, "&"), name_length = strcspn(at, "=&");
        const char *name = percent_decode_form(&request->arena, at, name_length);
        if (length > 0 && !(name && has_name(known, name)))
            return name ? name : arena_copy_bytes(&request->arena, at, name_length);
        at += length;
        at += *at == '&';
    }
    return NULL;
}

const char *request_query(struct request *request, const char *name)
{
    return request_query_nth(request, name, 0);
}

const char *request_link_key(struct request *request, const char *name)
{
    const char *value = request_query(request, name);
    size_t length = value ? strlen(value) : 0;
    while (length > 0 && !isalnum((unsigned char)value[length - 1]) && value[length - 1] != '-' &&
           value[length - 1] != '_')
        length--;
    return value ? arena_copy_bytes(&request->arena, value, length) : NULL;
}

const char *request_header(struct request *request, const char *name)
{
    return arena_copy(&request->arena, request_peek_header(request, name));
}

const char *request_target(const struct request *request)
{
    return request->target;
}

/* Joins all lines of X-Forwarded-For (RFC 9110, section 5.3). NULL: there is none. */
static const char *forwarded_for(struct request *request)
{
    struct evkeyval *header;
    struct buffer joined;
    const char *first = request_peek_header(request, "X-Forwarded-For");
    if (!first)
        return NULL;
    buffer_init(&joined);
    TAILQ_FOREACH(header, evhttp_request_get_input_headers(request->http), next)
    {
        if (strcasecmp(header->key, "X-Forwarded-For") == 0)
            buffer_printf(&joined, "%s%s", joined.length > 0 ? "," : "", header->value);
    }
    const char *copy = arena_copy(&request->arena, buffer_text(&joined));
    buffer_finish(&joined);
    return copy;
}

/* Without trust all clients of the proxy are one source, and reach its limits together. */
static void warn_of_proxy(struct listener *listener)
{
    if (!listener->has_warned_of_proxy)
        log_event(LOG_WARNING, "proxy_not_trusted");
    listener->has_warned_of_proxy = true;
}

void request_set_address(struct request *request)
{
    const struct trust *trust = &request->listener->trust;
    const char *host = request->http->remote_host, *forwarded = forwarded_for(request);
    const char *peer = arena_copy(&request->arena, host ? host : "");
    if (forwarded && trust_is_loopback(peer) && !trust_has(trust, peer))
        warn_of_proxy(request->listener);
    request->is_direct = !forwarded;
    request->address = trust_client(trust, &request->arena, peer, forwarded);
}

const char *request_address(const struct request *request)
{
    return request->address;
}

json_t *request_body(const struct request *request)
{
    return request->body;
}

bool request_file(const struct request *request, const char *field, struct request_file *ret_file)
{
    const struct multipart_file *file = &request->file;
    if (!file->field || strcmp(file->field, field) != 0)
        return false;
    *ret_file = (struct request_file){file->name, file->bytes, file->length};
    return true;
}

bool request_is_only_shown(const struct request *request)
{
    return request->is_only_shown;
}

const json_t *request_kept_emails(const struct request *request)
{
    return request->kept_emails;
}

bool request_body_is_form(const struct request *request)
{
    return request->body_is_form;
}

const char *request_body_bytes(const struct request *request, size_t *ret_length)
{
    *ret_length = request->body_length;
    return request->body_bytes ? request->body_bytes : "";
}

const char *request_idempotency_key(struct request *request)
{
    const char *key = request->idempotency_key;
    if (!key && request->body_is_form)
        key = json_string_value(json_object_get(request->body, "idempotency_key"));
    return key;
}

const struct event *request_event(const struct request *request)
{
    return request->scope.event;
}

void request_set_caller(struct request *request, const struct caller *caller)
{
    struct caller *copy = arena_alloc(&request->arena, sizeof *copy);
    *copy = *caller;
    request->caller = copy;
}

void request_set_scope(struct request *request, const struct scope *scope)
{
    request->scope = *scope;
}

void request_renew_event(struct request *request, const struct event *event)
{
    struct scope *scope = &request->scope;
    if (scope->frame_origins)
        scope->frame_origins = arena_copy(&request->arena, scope->frame_origins);
    scope->release(scope->event);
    scope->event = event;
}

int64_t request_started_us(const struct request *request)
{
    return request->started_us;
}

int64_t request_deadline_us(const struct request *request)
{
    return request->deadline_us;
}

/* --- The body -------------------------------------------------------------------------------- */

enum { DEPTH_MOST = 16, KEY_MOST_BYTES = 200 };

/* Compares the media type without its parameters (RFC 9110, section 8.3.1). */
static bool has_type(const char *content_type, const char *wanted)
{
    size_t length = strcspn(content_type, "; \t");
    return length == strlen(wanted) && strncasecmp(content_type, wanted, length) == 0;
}

static bool is_json_type(const char *content_type)
{
    size_t length = strcspn(content_type, "; \t");
    return has_type(content_type, "application/json") ||
           (length > 5 && strncasecmp(content_type + length - 5, "+json", 5) == 0);
}

static bool is_too_deep(const json_t *json, int depth)
{
    const char *key;
    json_t *value;
    size_t i;
    if (depth == 0)
        return json_is_object(json) || json_is_array(json);
    if (json_is_array(json)) {
        json_array_foreach (json, i, value) {
            if (is_too_deep(value, depth - 1))
                return true;
        }
    }
    json_object_foreach ((json_t *)json, key, value) {
        if (is_too_deep(value, depth - 1))
            return true;
    }
    return false;
}

static void refuse_json(struct request *request, const char *reason, int line, int column)
{
    json_t *data = json_pack("{s:s*, s:i, s:i}", "reason", reason, "line", line, "column", column);
    reply_problem(request,
                  &(struct problem){.status = 400, .code = "malformed_json", .data = data});
}

static bool read_json(struct request *request)
{
    json_error_t error;
    request->body = json_loadb(request->body_bytes ? request->body_bytes : "", request->body_length,
                               JSON_REJECT_DUPLICATES, &error);
    const char *fault = NULL;
    if (!request->body)
        fault = error.text;
    else if (!json_is_object(request->body))
        fault = "an object is expected";
    else if (is_too_deep(request->body, DEPTH_MOST))
        fault = "it is nested too deeply";
    if (fault)
        refuse_json(request, fault, request->body ? 1 : error.line,
                    request->body ? 1 : error.column);
    return !fault;
}

static const char urlencoded[] = "application/x-www-form-urlencoded",
                  multipart[] = "multipart/form-data";

static bool is_form_type(const struct request *request, const char *content_type)
{
    return has_type(content_type, urlencoded) ||
           (request->match.route->takes_file && has_type(content_type, multipart));
}

static int fields_most(const struct request *request)
{
    return request->match.route->body_of_event ? request->scope.form_fields
                                               : URLENCODED_FIELDS_MOST;
}

static void note_show_in(struct request *request)
{
    request->is_only_shown =
        request_is_page(request) && json_object_del(request->body, "show_in") == 0;
}

static bool read_form(struct request *request, const char *content_type)
{
    const char *bytes = request->body_bytes ? request->body_bytes : "";
    request->body_is_form = true;
    if (has_type(content_type, multipart)
            ? multipart_parse(&request->arena, content_type, bytes, request->body_length,
                              &request->body, &request->file)
            : urlencoded_parse(bytes, request->body_length, fields_most(request), &request->body)) {
        note_show_in(request);
        request->kept_emails = kept_emails_take(&request->arena, request->body);
        return true;
    }
    reply_refuse(request, 400, "malformed_form");
    return false;
}

/* 1 to 200 visible ASCII characters. */
static bool is_good_key(const char *key)
{
    size_t length = strlen(key);
    for (const char *c = key; *c; c++) {
        if (*c <= ' ' || *c > '~')
            return false;
    }
    return length >= 1 && length <= KEY_MOST_BYTES;
}

static bool check_key(struct request *request)
{
    request->idempotency_key = request_header(request, "Idempotency-Key");
    const json_t *field =
        request->body_is_form ? json_object_get(request->body, "idempotency_key") : NULL;
    const char *key = request->idempotency_key;
    if (!key && field)
        key = json_is_string(field) ? json_string_value(field) : "";
    if (!key || is_good_key(key))
        return true;
    reply_refuse(request, 400, "bad_idempotency_key");
    return false;
}

bool request_read_body(struct request *request)
{
    if (strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0)
        return true;
    if (request->match.route->body_of_event && request->body_length > request->scope.form_bytes) {
        reply_refuse(request, 413, "body_too_large");
        return false;
    }
    if (request->match.route->body == BODY_JSON) {
        const char *content_type = request_peek_header(request, "Content-Type");
        bool is_form = content_type && is_form_type(request, content_type);
        if (is_form ? !read_form(request, content_type) : !read_json(request))
            return false;
    }
    return check_key(request);
}

bool request_has_right_type(const struct request *request)
{
    const char *content_type = request_peek_header(request, "Content-Type");
    if (request->match.route->body == BODY_NONE)
        return true;
    if (request_peek_header(request, "Content-Encoding"))
        return false;
    if (!content_type)
        return request->body_length == 0;
    if (request->match.route->body == BODY_MAIL)
        return has_type(content_type, "message/rfc822");
    return is_json_type(content_type) ||
           (request_is_page(request) && is_form_type(request, content_type));
}

/* --- Language ------------------------------------------------------------------------------------
 */

static const struct locale *find_cookie(struct request *request)
{
    const char *code = request_cookie(request, LANGUAGE_COOKIE);
    return code ? locale_find(request->listener->options.locales, code) : NULL;
}

const struct locale *request_locale(struct request *request)
{
    const struct locale_set *locales = request->listener->options.locales;
    if (request->locale)
        return request->locale;
    const char *asked = request_query(request, "lang");
    if (asked)
        request->locale = locale_find(locales, asked);
    if (!request->locale)
        request->locale = find_cookie(request);
    if (!request->locale)
        request->locale =
            locale_negotiate(locales, request_peek_header(request, "Accept-Language"), NULL);
    return request->locale;
}

void request_prefer_locale(struct request *request, const struct locale *locale)
{
    const char *asked = request_query(request, "lang");
    if (locale && !(asked && locale_find(request->listener->options.locales, asked)))
        request->locale = locale;
}
