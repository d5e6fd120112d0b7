#include "features/publishing/versions.h"

#include <limits.h>
#include <string.h>

#include "base/text.h"
#include "db/db.h"
#include "event/event.h"
#include "event/event_change.h"
#include "event/event_diff.h"
#include "event/event_load.h"
#include "event/history.h"
#include "form/field_view.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/request.h"
#include "statements.h"
#include "view/locale.h"
#include "worker.h"

enum {
    VERSIONS_PAGE = 20, /* limit: versions of an event on a page */
};

static const char *page_of(struct request *request, const char *more)
{
    return arena_printf(request_arena(request), "/desk/events/%s/publish/versions%s",
                        request_event(request)->slug, more);
}

static json_t *changes_view(struct request *request, const json_t *before, const json_t *after)
{
    json_t *differences = event_diff(before, after);
    json_t *changes = event_diff_say(differences, before, after, request_locale(request));
    json_decref(differences);
    return changes;
}

/* Returns the number of a version, or 0. */
static int read_version(const char *text)
{
    long version;
    return text && text_parse_number(text, 1, INT_MAX, &version) ? (int)version : 0;
}

/* --- The list -------------------------------------------------------------------------------- */

static json_t *version_view(struct request *request, const struct rows *rows, int row)
{
    bool has_before = row + 1 < rows_count(rows);
    json_t *entry = json_pack("{s:s}", "actor", rows_text(rows, row, "actor"));
    if (!rows_is_null(rows, row, "actor_name"))
        json_object_set_new(entry, "actor_name", json_string(rows_text(rows, row, "actor_name")));
    json_t *view = json_pack(
        "{s:I, s:o, s:s, s:o, s:b}", "version", (json_int_t)rows_number(rows, row, "version"), "at",
        view_time_of(rows, row, "at"), "local_at", rows_text(rows, row, "local_at"), "who",
        history_who(entry, request_locale(request)), "first", !has_before);
    if (has_before) {
        json_t *after = event_load_text(rows_text(rows, row, "definition"));
        json_t *before = event_load_text(rows_text(rows, row + 1, "definition"));
        json_object_set_new(view, "changes", changes_view(request, before, after));
        json_decref(before);
        json_decref(after);
    }
    json_decref(entry);
    return view;
}

static void on_versions(void *context, const struct db_result *result)
{
    struct request *request = context;
    const struct rows *rows = result->rows;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    int newest = request_event(request)->version;
    json_t *versions = json_array();
    for (int row = 0; row < rows_count(rows) && row < VERSIONS_PAGE; row++) {
        json_t *view = version_view(request, rows, row);
        json_object_set_new(view, "is_newest",
                            json_boolean(rows_number(rows, row, "version") >= newest));
        json_array_append_new(versions, view);
    }
    json_t *view =
        json_pack("{s:s, s:o}", "slug", request_event(request)->slug, "versions", versions);
    if (rows_count(rows) > VERSIONS_PAGE)
        json_object_set_new(
            view, "older",
            json_integer((json_int_t)rows_number(rows, VERSIONS_PAGE - 1, "version")));
    reply_view(request, 200, view);
}

void versions_show(struct request *request)
{
    const int64_t before = read_version(request_query(request, "before"));
    const struct publishing_version_list wanted = {
        .event_id = &request_event(request)->id,
        .before = before > 0 ? &before : NULL,
        .most = VERSIONS_PAGE + 1,
    };
    request_locale(request); /* headers can be read before a wait only */
    db_ask(request_worker(request)->db, publishing_version_list_params(&wanted), on_versions,
           request);
}

/* --- Comparing ------------------------------------------------------------------------------- */

/* Lives in its request's arena; the documents are held until the answer. */
struct comparing {
    struct request *request;
    int version, with;    /* with 0: the newest */
    int64_t base_version; /* that the page showed */
    json_t *old;
    json_t *errors;
    const char *old_at;
    json_t *old_who;
    int status;
    bool is_bringing_back, is_meanwhile;
};

static void release(struct comparing *comparing)
{
    json_decref(comparing->old);
    json_decref(comparing->old_who);
    json_decref(comparing->errors);
}

/* The same consent in an old wording is another version of it. Whether the event is public or
 * cancelled is not a matter of versions. */
static json_t *brought_back(const json_t *old, const json_t *newest)
{
    static const char *const kept[] = {"published", "cancelled"};
    size_t i, j;
    json_t *consent, *other, *document = json_deep_copy(old);
    for (i = 0; i < sizeof kept / sizeof *kept; i++) {
        json_t *value = json_object_get(newest, kept[i]);
        if (value)
            json_object_set(document, kept[i], value);
        else
            json_object_del(document, kept[i]);
    }
    json_array_foreach (json_object_get(document, "consents"), i, consent) {
        json_array_foreach (json_object_get(newest, "consents"), j, other) {
            json_int_t now = json_integer_value(json_object_get(other, "version"));
            bool is_same =
                json_equal(json_object_get(consent, "label"), json_object_get(other, "label"));
            if (json_equal(json_object_get(consent, "slug"), json_object_get(other, "slug")) &&
                json_integer_value(json_object_get(consent, "version")) < now)
                json_object_set_new(consent, "version", json_integer(is_same ? now : now + 1));
        }
    }
    return document;
}

static void reply_comparison(struct comparing *comparing, const struct event_definition *newer)
{
    struct request *request = comparing->request;
    bool is_newest = newer->version == newer->newest;
    json_t *changes = changes_view(request, comparing->old, newer->document);
    json_t *view = json_pack(
        "{s:s, s:i, s:s, s:O, s:i, s:i, s:b, s:b, s:O, s:b}", "slug", request_event(request)->slug,
        "version", comparing->version, "local_at", comparing->old_at, "who", comparing->old_who,
        "with", newer->version, "newest", newer->newest, "with_newest", is_newest, "same",
        json_array_size(changes) == 0, "changes", changes, "meanwhile", comparing->is_meanwhile);
    if (is_newest) {
        json_t *document = brought_back(comparing->old, newer->document);
        json_t *back = changes_view(request, newer->document, document);
        json_object_set_new(view, "brings_back", json_boolean(json_array_size(back) > 0));
        json_object_set_new(view, "back", json_pack("{s:O}", "changes", back));
        json_decref(back);
        json_decref(document);
    }
    if (comparing->errors)
        json_object_set(view, "problems", comparing->errors);
    json_object_set_new(view, "has_problems", json_boolean(comparing->errors != NULL));
    json_decref(changes);
    release(comparing);
    reply_page(request, comparing->status, "features/publishing/version.html", view);
}

static void show(struct comparing *comparing);

static void on_brought_back(void *context, const struct event_changed *changed)
{
    struct comparing *comparing = context;
    struct request *request = comparing->request;
    const char *done = "?done=publishing.brought_back";
    release(comparing);
    comparing->old = comparing->old_who = comparing->errors = NULL;
    switch (changed->outcome) {
    case EVENT_CHANGE_CHANGED:
    case EVENT_CHANGE_UNCHANGED:
        reply_see_other(request, page_of(request, done));
        return;
    case EVENT_CHANGE_REFUSED:
        comparing->errors = json_incref(changed->errors);
        comparing->status = 422;
        show(comparing);
        return;
    case EVENT_CHANGE_STALE:
        comparing->is_meanwhile = true;
        comparing->status = 409;
        show(comparing);
        return;
    case EVENT_CHANGE_AWAY:
        break;
    }
    reply_busy(request, "busy");
}

static void on_newer(void *context, const struct event_definition *newer)
{
    struct comparing *comparing = context;
    if (!newer) {
        release(comparing);
        return;
    }
    if (newer->version == 0) {
        release(comparing);
        reply_refuse(comparing->request, 404, "not_found");
        return;
    }
    if (!comparing->is_bringing_back) {
        reply_comparison(comparing, newer);
        return;
    }
    comparing->is_bringing_back = false;
    const struct event_change change = {
        .document = brought_back(comparing->old, newer->document),
        .base_version = (int)comparing->base_version,
    };
    event_change(comparing->request, &change, on_brought_back, comparing);
}

static void on_old(void *context, const struct event_definition *old)
{
    struct comparing *comparing = context;
    if (!old) {
        release(comparing);
        return;
    }
    if (old->version == 0) {
        release(comparing);
        reply_refuse(comparing->request, 404, "not_found");
        return;
    }
    comparing->old = json_incref(old->document);
    comparing->old_who = json_incref(old->who);
    comparing->old_at = arena_copy(request_arena(comparing->request), old->local_at);
    event_definition_find(comparing->request, comparing->with, on_newer, comparing);
}

static void show(struct comparing *comparing)
{
    event_definition_find(comparing->request, comparing->version, on_old, comparing);
}

static struct comparing *begin(struct request *request)
{
    struct comparing *comparing = arena_alloc(request_arena(request), sizeof *comparing);
    *comparing = (struct comparing){
        .request = request,
        .version = read_version(request_path(request, "version")),
        .with = read_version(request_query(request, "with")),
        .status = 200,
    };
    if (comparing->version > 0)
        return comparing;
    reply_refuse(request, 404, "not_found");
    return NULL;
}

void versions_compare(struct request *request)
{
    struct comparing *comparing = begin(request);
    if (comparing)
        show(comparing);
}

struct typed {
    int64_t version;
};

static const struct form_field typed_fields[] = {
    {"version", KIND_INTEGER, FORM_AT(struct typed, version), FORM_NEEDED, .least = 1,
     .most = INT_MAX},
};
static const struct form typed_form = FORM(struct typed, typed_fields);

void versions_bring_back(struct request *request)
{
    struct comparing *comparing = begin(request);
    struct typed typed = {0};
    if (!comparing)
        return;
    comparing->with = 0;
    comparing->errors = form_read_body(request, &typed_form, NULL, &typed);
    comparing->is_bringing_back = !comparing->errors;
    comparing->base_version = typed.version;
    if (comparing->errors)
        comparing->status = 422;
    show(comparing);
}
