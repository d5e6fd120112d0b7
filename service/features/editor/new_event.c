#include "features/editor/new_event.h"

#include <string.h>

#include "db/db.h"
#include "event/event_change.h"
#include "event/event_file.h"
#include "features/editor/edit.h"
#include "features/editor/look.h"
#include "form/field_view.h"
#include "http/reply.h"
#include "http/request.h"
#include "statements.h"
#include "view/locale.h"
#include "worker.h"

#define NEW_PAGE "features/editor/new.html"

static const struct edit_field new_fields[] = {
    {"title", EDIT_LINE, .is_needed = true, .most = EVENT_FILE_NAME_MOST},
    {"starts_at", EDIT_TIME, .part = "when", .is_needed = true},
    {"ends_at", EDIT_TIME, .is_needed = true},
    {"timezone", EDIT_ZONE, .part = "zone", .is_folded = true, .is_needed = true},
    {"languages", EDIT_LANGUAGES, .is_needed = true},
};

static const struct edit_section new_section = {
    .name = "new", .fields = new_fields, .field_count = sizeof new_fields / sizeof *new_fields};

struct making {
    struct edit edit;      /* first */
    const char *organiser; /* the chosen one */
    struct id organiser_id;
    json_t *choices; /* of organisers */
};

/* --- The page -------------------------------------------------------------------------------- */

static void reply_new(struct making *making, int status)
{
    struct edit *edit = &making->edit;
    size_t count = json_array_size(making->choices);
    json_t *view = look_page(edit);
    json_object_set_new(view, "may", json_boolean(count > 0));
    json_object_set_new(view, "several", json_boolean(count > 1));
    json_object_set(view, "organisers", making->choices);
    edit_reply(edit, status, NEW_PAGE, view);
}

static bool is_chosen(const struct making *making, const struct rows *rows, int row)
{
    const char *typed =
        json_string_value(json_object_get(request_body(making->edit.request), "organiser"));
    const char *slug = rows_text(rows, row, "slug");
    return typed ? strcmp(typed, slug) == 0 : row == 0;
}

/* The language of the person comes first. The others are those of the newest event, if it has this
 * one, too: then the organiser is used to more than one. A new reference. */
static json_t *likely_languages(struct request *request, const char *newest)
{
    const char *own = locale_code(request_locale(request));
    json_t *earlier = newest ? json_loads(newest, 0, NULL) : NULL, *code;
    json_t *languages = json_pack("[s]", own);
    size_t i;
    json_array_foreach (earlier, i, code) {
        if (field_view_chosen(earlier, own) && strcmp(json_string_value(code), own) != 0)
            json_array_append(languages, code);
    }
    json_decref(earlier);
    return languages;
}

static void fill_in(struct making *making, const struct rows *rows, int row)
{
    const char *zone = view_text_of(rows, row, "timezone");
    json_t *document = making->edit.document;
    json_t *codes = likely_languages(making->edit.request, view_text_of(rows, row, "languages"));
    json_object_set_new(document, "timezone", json_string(zone ? zone : "Europe/Berlin"));
    json_object_set_new(document, "languages", codes);
}

static void read_organisers(struct making *making, const struct rows *rows)
{
    making->choices = edit_hold(&making->edit, json_array());
    for (int row = 0; row < rows_count(rows); row++) {
        bool chosen = is_chosen(making, rows, row);
        json_array_append_new(making->choices,
                              json_pack("{s:s, s:s, s:b}", "slug", rows_text(rows, row, "slug"),
                                        "name", rows_text(rows, row, "name"), "chosen", chosen));
        if (!chosen)
            continue;
        making->organiser =
            arena_copy(request_arena(making->edit.request), rows_text(rows, row, "slug"));
        making->organiser_id = rows_id(rows, row, "organiser_id");
        fill_in(making, rows, row);
    }
}

/* --- Making ---------------------------------------------------------------------------------- */

static void on_created(void *context, const struct event_changed *changed)
{
    struct making *making = context;
    struct edit *edit = &making->edit;
    switch (changed->outcome) {
    case EVENT_CHANGE_CHANGED:
    case EVENT_CHANGE_UNCHANGED:
        edit_see_other(edit, arena_printf(request_arena(edit->request),
                                          "/desk/events/%s/edit?done=editor.made", changed->slug));
        return;
    case EVENT_CHANGE_REFUSED:
        edit->errors = edit_hold(edit, json_incref(changed->errors));
        reply_new(making, 422);
        return;
    case EVENT_CHANGE_STALE:
    case EVENT_CHANGE_AWAY:
        break;
    }
    edit_refuse(edit, 503, "busy");
}

static const char *typed_title(const struct making *making)
{
    const char *title = json_string_value(json_object_get(making->edit.document, "title"));
    return title ? title : "";
}

/* The title that was typed is in the main language only. */
static void make(struct making *making)
{
    struct edit *edit = &making->edit;
    edit->base_object = edit_hold(edit, json_deep_copy(edit->document)); /* as the page had it */
    edit_merge(edit, request_body(edit->request));
    json_t *file = json_deep_copy(edit->document);
    json_t *languages = json_object_get(file, "languages");
    const char *main = json_string_value(json_array_get(languages, 0));
    const char *title = typed_title(making);
    if (*title && main && *main)
        json_object_set_new(file, "title", json_pack("{s:s}", main, title));
    json_object_set_new(file, "published", json_false());
    event_change(edit->request,
                 &(struct event_change){.document = file,
                                        .base_version = EVENT_APPLY_NEW,
                                        .organiser_id = &making->organiser_id,
                                        .words = "editor.finding"},
                 on_created, making);
}

/* --- Requests -------------------------------------------------------------------------------- */

static void on_organisers(void *context, const struct db_result *result)
{
    struct making *making = context;
    struct edit *edit = &making->edit;
    if (result->outcome != DB_DONE) {
        struct problem problem = reply_failure(result);
        edit_refuse(edit, problem.status, problem.code);
        return;
    }
    read_organisers(making, result->rows);
    if (!request_body(edit->request))
        reply_new(making, 200);
    else if (!making->organiser)
        reply_new(making, 422);
    else
        make(making);
}

/* Who may change one event only, makes none: the list is empty, and the page says so. */
void new_event_show(struct request *request)
{
    const struct caller *caller = request_caller(request);
    struct making *making = arena_alloc(request_arena(request), sizeof *making);
    struct params *params = editor_edit_organisers_params();
    making->edit = (struct edit){.request = request, .section = &new_section};
    making->edit.document = edit_hold(&making->edit, json_object());
    request_locale(request); /* headers can be read before a wait only */
    for (size_t i = 0; i < caller->membership_count; i++) {
        const struct membership *membership = &caller->memberships[i];
        if ((membership->role & WHO_EDITORS) && id_is_zero(&membership->event_id))
            editor_edit_organisers_add_own(params, &membership->organiser_id);
    }
    db_ask(request_worker(request)->db, params, on_organisers, making);
}
