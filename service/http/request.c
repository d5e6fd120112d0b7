#include "http/request.h"

#include <event2/http.h>
#include <event2/http_struct.h>

#include "base/clock.h"
#include "base/memory.h"
#include "http/connection.h"
#include "http/counters.h"
#include "http/exchange.h"
#include "base/encode.h"

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
    counters_set_in_flight(listener->counters, listener->pending);
    deadline_add(request);
    return request;
}

void request_destroy(struct request *request)
{
    deadline_remove(request);
    request->listener->pending--;
    counters_set_in_flight(request->listener->counters, request->listener->pending);
    if (request->connection)
        connection_answered(request->connection);
    if (request->scope.event)
        request->scope.release(request->scope.event);
    json_decref(request->body);
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

const struct route *request_route(const struct request *request)
{
    return request->match.route;
}

bool request_is_page(const struct request *request)
{
    return request->match.mount == ROUTE_PAGE;
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

/* Those past the limit are not looked at. */
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

const char *request_query(struct request *request, const char *name)
{
    if (request->parameter_count < 0)
        read_query(request);
    for (int i = 0; i < request->parameter_count; i++) {
        if (strcmp(request->parameters[i].name, name) == 0)
            return request->parameters[i].value;
    }
    return NULL;
}

const char *request_header(struct request *request, const char *name)
{
    return arena_copy(&request->arena, request_peek_header(request, name));
}

const char *request_target(const struct request *request)
{
    return request->target;
}

const char *request_address(struct request *request)
{
    if (!request->address && request->http) {
        const char *peer = arena_copy(&request->arena, request->http->remote_host);
        request->address = trust_client(&request->listener->trust, &request->arena, peer,
                                        request_peek_header(request, "X-Forwarded-For"));
    }
    return request->address ? request->address : "";
}

json_t *request_body(const struct request *request)
{
    return request->body;
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

int64_t request_started_us(const struct request *request)
{
    return request->started_us;
}

int64_t request_deadline_us(const struct request *request)
{
    return request->deadline_us;
}
