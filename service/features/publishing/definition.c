#include "features/publishing/definition.h"

#include <limits.h>
#include <string.h>

#include "base/text.h"
#include "event/event_change.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/request.h"

struct query {
    int64_t version;
    bool trial;
};

static const struct form_field query_fields[] = {
    {"version", KIND_INTEGER, FORM_AT(struct query, version), .least = 1, .most = INT_MAX},
    {"trial", KIND_BOOLEAN, FORM_AT(struct query, trial)},
};
static const struct form query_form = FORM(struct query, query_fields);

/* Returns false after it has answered. */
static bool read_query(struct request *request, struct query *query)
{
    const char *wrong = form_read_query(request, &query_form, NULL, query);
    if (wrong)
        form_refuse_parameter(request, "publishing", wrong);
    return !wrong;
}

static void on_found(void *context, const struct event_definition *definition)
{
    struct request *request = context;
    if (!definition)
        return;
    if (definition->version == 0) {
        reply_refuse(request, 404, "not_found");
        return;
    }
    reply_header(request, "ETag",
                 arena_printf(request_arena(request), "\"%d\"", definition->version));
    reply_header(request, "Cache-Control", "no-cache");
    reply_view(request, 200, json_incref(definition->document));
}

void definition_show(struct request *request)
{
    struct query query = {0};
    if (read_query(request, &query))
        event_definition_find(request, (int)query.version, on_found, request);
}

/* Reads If-Match: one version in quotes, or "*". Returns false for anything else. */
static bool read_base(struct request *request, int *ret_version)
{
    const char *tag = request_header(request, "If-Match");
    size_t length = tag ? strlen(tag) : 0;
    long version;
    *ret_version = EVENT_APPLY_ANY;
    if (!tag || strcmp(tag, "*") == 0)
        return true;
    if (length < 3 || tag[0] != '"' || tag[length - 1] != '"')
        return false;
    const char *number = arena_copy_bytes(request_arena(request), tag + 1, length - 2);
    if (!text_parse_number(number, 1, INT_MAX, &version))
        return false;
    *ret_version = (int)version;
    return true;
}

static void on_changed(void *context, const struct event_changed *changed)
{
    struct request *request = context;
    if (changed->outcome == EVENT_CHANGE_CHANGED || changed->outcome == EVENT_CHANGE_UNCHANGED)
        reply_header(request, "ETag",
                     arena_printf(request_arena(request), "\"%d\"", changed->version));
    event_change_reply(request, changed);
}

void definition_put(struct request *request)
{
    struct query query = {0};
    int base_version;
    if (!read_query(request, &query))
        return;
    if (!read_base(request, &base_version)) {
        reply_refuse(request, 400, "bad_if_match");
        return;
    }
    const struct event_change change = {
        .document = json_deep_copy(request_body(request)),
        .base_version = base_version,
        .is_trial = query.trial,
    };
    event_change(request, &change, on_changed, request);
}
