/* Bodies as the row of the request wants them: JSON, or on pages a form that becomes JSON. */
#include <strings.h>

#include "http/exchange.h"
#include "http/urlencoded.h"

enum { DEPTH_MOST = 16, KEY_MOST_BYTES = 200 };

/* Only the media type counts, not its parameters (RFC 9110 section 8.3.1). */
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

static bool read_form(struct request *request)
{
    request->body_is_form = true;
    if (urlencoded_parse(request->body_bytes ? request->body_bytes : "", request->body_length,
                         &request->body))
        return true;
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

bool body_read(struct request *request)
{
    if (strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0)
        return true;
    if (request->match.route->body == BODY_JSON) {
        const char *content_type = request_peek_header(request, "Content-Type");
        bool is_form = content_type && has_type(content_type, "application/x-www-form-urlencoded");
        if (is_form ? !read_form(request) : !read_json(request))
            return false;
    }
    return check_key(request);
}

bool body_has_right_type(const struct request *request)
{
    const char *content_type = request_peek_header(request, "Content-Type");
    if (request->match.route->body == BODY_NONE)
        return true;
    if (request_peek_header(request, "Content-Encoding"))
        return false;
    if (!content_type)
        return request->body_length == 0;
    return is_json_type(content_type) ||
           (request_is_page(request) &&
            has_type(content_type, "application/x-www-form-urlencoded"));
}
