#include "features/publishing/file.h"

#include <limits.h>
#include <string.h>

#include "event/event.h"
#include "event/event_change.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/request.h"
#include "view/locale.h"

#define FILE_PAGE "features/publishing/file.html"

struct typed {
    const char *file;
    int64_t version; /* that the page with the changes showed; 0: the first step */
};

static const struct form_field typed_fields[] = {
    {"file", KIND_RAW, FORM_AT(struct typed, file), FORM_NEEDED, "file_needed",
     .most = EVENT_FILE_MOST_BYTES},
    {"version", KIND_INTEGER, FORM_AT(struct typed, version), .least = 1, .most = INT_MAX},
};
static const struct form typed_form = FORM(struct typed, typed_fields);

/* Lives in its request's arena. */
struct uploading {
    struct request *request;
    struct typed typed;
    bool is_applied;
};

/* --- Showing and downloading ----------------------------------------------------------------- */

static void reply_file(struct request *request, int status, json_t *view)
{
    const char *file = json_string_value(json_object_get(request_body(request), "file"));
    json_object_set_new(view, "slug", json_string(request_event(request)->slug));
    if (file)
        json_object_set_new(view, "file", json_string(file));
    reply_page(request, status, FILE_PAGE, view);
}

void file_show(struct request *request)
{
    reply_file(request, 200, json_object());
}

static void on_found(void *context, const struct event_definition *definition)
{
    struct request *request = context;
    if (!definition)
        return;
    char *text = json_dumps(definition->document, JSON_INDENT(2));
    reply_file_name(request, REPLY_ATTACHMENT,
                    arena_printf(request_arena(request), "%s.json", request_event(request)->slug));
    reply_bytes(request, 200, "application/json", text, strlen(text));
    free(text);
}

void file_download(struct request *request)
{
    event_definition_find(request, 0, on_found, request);
}

/* --- Uploading ------------------------------------------------------------------------------- */

/* Takes the errors. */
static void reply_errors(struct request *request, json_t *errors)
{
    reply_file(request, 422, json_pack("{s:b, s:o}", "has_problems", true, "problems", errors));
}

static void on_changed(void *context, const struct event_changed *changed)
{
    struct uploading *uploading = context;
    struct request *request = uploading->request;
    switch (changed->outcome) {
    case EVENT_CHANGE_CHANGED:
        if (uploading->is_applied)
            reply_see_other(request, arena_printf(request_arena(request),
                                                  "/desk/events/%s/publish?done=publishing.applied",
                                                  request_event(request)->slug));
        else
            reply_file(request, 200,
                       json_pack("{s:b, s:i, s:O}", "changes_something", true, "version",
                                 changed->version, "changes", changed->changes));
        return;
    case EVENT_CHANGE_UNCHANGED:
        reply_file(request, 200, json_pack("{s:b}", "changes_nothing", true));
        return;
    case EVENT_CHANGE_REFUSED:
        reply_errors(request, json_incref(changed->errors));
        return;
    case EVENT_CHANGE_STALE:
        reply_file(request, 409, json_pack("{s:{s:O}}", "meanwhile", "changes", changed->changes));
        return;
    case EVENT_CHANGE_AWAY:
        break;
    }
    reply_busy(request, "busy");
}

/* Returns NULL after it has answered. */
static json_t *read_file(struct uploading *uploading)
{
    struct request *request = uploading->request;
    json_t *errors = form_read_body(request, &typed_form, NULL, &uploading->typed);
    json_error_t error;
    if (errors) {
        reply_errors(request, errors);
        return NULL;
    }
    json_t *document = json_loads(uploading->typed.file, JSON_REJECT_DUPLICATES, &error);
    if (json_is_object(document))
        return document;
    json_decref(document);
    struct findings findings;
    findings_init(&findings, request_locale(request));
    findings_add(&findings, "/file", "file_unreadable",
                 json_pack("{s:i, s:i}", "line", error.line, "column", error.column));
    reply_errors(request, findings_take(&findings));
    return NULL;
}

static void upload(struct request *request, bool is_applied)
{
    struct uploading *uploading = arena_alloc(request_arena(request), sizeof *uploading);
    *uploading = (struct uploading){.request = request, .is_applied = is_applied};
    json_t *document = read_file(uploading);
    if (!document)
        return;
    const struct event_change change = {
        .document = document,
        .base_version = is_applied ? (int)uploading->typed.version : EVENT_APPLY_ANY,
        .is_trial = !is_applied,
    };
    event_change(request, &change, on_changed, uploading);
}

void file_check(struct request *request)
{
    upload(request, false);
}

void file_apply(struct request *request)
{
    upload(request, true);
}
