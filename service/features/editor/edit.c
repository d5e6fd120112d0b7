#include "features/editor/edit.h"

#include <string.h>

#include "base/text.h"
#include "db/db.h"
#include "event/event_change.h"
#include "event/event_file.h"
#include "event/event_load.h"
#include "event/event_unknown.h"
#include "event/events.h"
#include "event/history.h"
#include "features/editor/document.h"
#include "features/editor/value.h"
#include "http/reply.h"
#include "statements.h"
#include "view/locale.h"
#include "worker.h"

enum { TRIES_MOST = 5 };

/* --- Loading --------------------------------------------------------------------------------- */

json_t *edit_hold(struct edit *edit, json_t *json)
{
    if (!edit->held)
        edit->held = json_array();
    if (json)
        json_array_append_new(edit->held, json);
    return json;
}

static json_t *read_cell(struct edit *edit, const struct rows *rows, const char *column)
{
    if (rows_is_null(rows, 0, column))
        return NULL;
    return edit_hold(edit, json_loads(rows_text(rows, 0, column), JSON_DECODE_ANY, NULL));
}

/* What the element's members are in a definition; NULL: it has no such element. */
static json_t *object_in(const struct edit *edit, json_t *document)
{
    if (!edit->list || !document)
        return document;
    return edit->slug ? document_element(document, edit->list->member, edit->slug, NULL) : NULL;
}

json_t *edit_object(const struct edit *edit)
{
    if (!edit->list)
        return edit->document;
    return json_array_get(json_object_get(edit->document, edit->list->member), edit->index);
}

const char *edit_prefix(const struct edit *edit)
{
    return edit->list ? arena_printf(request_arena(edit->request), "/%s/%zu", edit->list->member,
                                     edit->index)
                      : "";
}

/* A new element is the last one. */
static void find_index(struct edit *edit)
{
    if (!edit->list)
        return;
    edit->index = json_array_size(json_object_get(edit->document, edit->list->member));
    if (edit->slug)
        document_element(edit->document, edit->list->member, edit->slug, &edit->index);
}

static const char *who_wrote(const struct edit *edit, const struct rows *rows)
{
    const char *name = view_text_of(rows, 0, "actor_name");
    json_t *entry = json_pack("{s:s, s:s}", "actor", rows_text(rows, 0, "actor"), "actor_name",
                              name ? name : "–");
    json_t *who = history_who(entry, request_locale(edit->request));
    const char *copy = arena_copy(request_arena(edit->request), json_string_value(who));
    json_decref(entry);
    json_decref(who);
    return copy;
}

static void on_used(void *context, const struct db_result *result)
{
    struct edit *edit = context;
    if (result->outcome != DB_DONE) {
        struct problem problem = reply_failure(result);
        edit_refuse(edit, problem.status, problem.code);
        return;
    }
    json_t *used = read_cell(edit, result->rows, "used");
    edit->used = json_is_object(used) ? used : edit_hold(edit, json_object());
    edit->slugs = read_cell(edit, result->rows, "slugs");
    edit->then(edit);
}

static void load_use(struct edit *edit)
{
    struct params *params = editor_edit_used_params(
        &(struct editor_edit_used){.event_id = &request_event(edit->request)->id,
                                   .list = edit->list->member,
                                   .slug = edit->slug ? edit->slug : ""});
    db_run(request_worker(edit->request)->db,
           &(struct db_query){
               .lane = DB_SLOW, .run = params, .again = true, .on_done = on_used, .context = edit});
}

static void on_loaded(void *context, const struct db_result *result)
{
    struct edit *edit = context;
    const struct rows *rows = result->rows;
    if (result->outcome != DB_DONE || rows_count(rows) == 0) {
        struct problem problem = reply_failure(result);
        bool is_gone = result->outcome == DB_DONE;
        edit_refuse(edit, is_gone ? 404 : problem.status, is_gone ? "not_found" : problem.code);
        return;
    }
    edit->conflicts = NULL;
    edit->errors = NULL;
    edit->is_removed = false;
    edit->version = (int)rows_number(rows, 0, "version");
    edit->current = edit_hold(edit, event_load_text(rows_text(rows, 0, "definition")));
    edit->base = rows_is_null(rows, 0, "base")
                     ? edit->current
                     : edit_hold(edit, event_load_text(rows_text(rows, 0, "base")));
    edit->counts = read_cell(edit, rows, "counts");
    edit->editor = who_wrote(edit, rows);
    edit->document = edit_hold(edit, json_deep_copy(edit->current));
    edit->base_object = object_in(edit, edit->base);
    find_index(edit);
    if (edit->list)
        load_use(edit);
    else
        edit->then(edit);
}

/* The version that the page was made from. NULL: the newest. */
static const int64_t *page_version(const struct edit *edit)
{
    const char *text = json_string_value(json_object_get(request_body(edit->request), "version"));
    long version = 0;
    if (!text || !text_parse_number(text, 1, INT32_MAX, &version))
        return NULL;
    int64_t *kept = arena_alloc(request_arena(edit->request), sizeof *kept);
    *kept = version;
    return kept;
}

void edit_load(struct edit *edit)
{
    struct request *request = edit->request;
    request_locale(request); /* headers can be read before a wait only */
    struct params *params = editor_edit_load_params(&(struct editor_edit_load){
        .event_id = &request_event(request)->id, .base = page_version(edit)});
    db_ask(request_worker(request)->db, params, on_loaded, edit);
}

/* --- Merging --------------------------------------------------------------------------------- */

struct merging {
    struct edit *edit;
    const json_t *typed;
    json_t *object; /* of the document */
};

static void note_conflict(struct edit *edit, const struct edit_field *field, const char *name,
                          const json_t *theirs)
{
    if (!edit->conflicts)
        edit->conflicts = edit_hold(edit, json_object());
    json_object_set_new(edit->conflicts, name, json_string(value_say(edit, field, theirs)));
}

/* Whether the person gave their change up for the other one's. */
static bool takes_theirs(const json_t *typed, const char *name)
{
    return document_get(json_object_get(typed, "theirs"), name) != NULL;
}

static void merge_value(const struct merging *merging, const struct edit_field *field,
                        const char *language)
{
    struct edit *edit = merging->edit;
    const char *name = value_name(edit, field, language);
    json_t *mine = value_typed(edit, field, language, merging->typed);
    if (!mine)
        return;
    json_t *base = value_stored(field, language, edit->base_object);
    json_t *theirs = value_stored(field, language, merging->object);
    bool is_mine = !json_equal(mine, base) && !json_equal(mine, theirs);
    if (is_mine && !takes_theirs(merging->typed, name)) {
        if (!json_equal(theirs, base))
            note_conflict(edit, field, name, theirs);
        value_set(edit, field, language, merging->object, json_incref(mine));
    }
    json_decref(mine);
    json_decref(base);
    json_decref(theirs);
}

static void merge_field(const struct merging *merging, const struct edit_field *field)
{
    size_t i;
    json_t *language, *languages;
    if (!value_has_languages(field)) {
        merge_value(merging, field, NULL);
        return;
    }
    languages = json_copy(json_object_get(merging->edit->document, "languages"));
    json_array_foreach (languages, i, language)
        merge_value(merging, field, json_string_value(language));
    json_decref(languages);
}

/* An element that is new, or that somebody removed meanwhile, goes to the end. */
static json_t *merged_object(struct edit *edit)
{
    json_t *object = edit_object(edit), *list;
    if (object)
        return object;
    list = json_object_get(edit->document, edit->list->member);
    if (!list) {
        list = json_array();
        json_object_set_new(edit->document, edit->list->member, list);
    }
    edit->is_removed = edit->base_object != NULL;
    object = edit->base_object ? json_deep_copy(edit->base_object) : json_object();
    json_array_append_new(list, object);
    return object;
}

void edit_merge(struct edit *edit, const json_t *typed)
{
    const struct edit_field *fields = edit->list ? edit->list->fields : edit->section->fields;
    size_t count = edit->list ? edit->list->field_count : edit->section->field_count;
    const struct merging merging = {edit, typed, merged_object(edit)};
    for (size_t i = 0; i < count; i++)
        merge_field(&merging, &fields[i]);
}

/* --- Checking -------------------------------------------------------------------------------- */

struct event *edit_event(const json_t *document)
{
    struct findings findings;
    findings_init(&findings, NULL);
    struct event *event = event_file_read_stored(document, &findings);
    findings_finish(&findings);
    return event;
}

/* The definition without what a newer program wrote. A new reference. */
static json_t *known_part(const struct edit *edit)
{
    json_t *known = json_deep_copy(edit->document);
    struct event *event = edit_event(edit->current);
    if (event) {
        json_t *written = event_file_write(event), *unknown = event_unknown(edit->current, written);
        event_unknown_drop(known, unknown);
        json_decref(written);
        json_decref(unknown);
        events_release(event);
    }
    return known;
}

bool edit_check(struct edit *edit)
{
    struct findings findings;
    findings_init(&findings, request_locale(edit->request));
    findings.words = "editor.finding";
    edit->checked = edit->document;
    json_t *known = known_part(edit);
    struct event *event = event_file_read(known, &findings);
    json_decref(known);
    if (event) {
        events_release(event);
        findings_finish(&findings);
        return true;
    }
    edit->errors = edit_hold(edit, findings_take(&findings));
    return false;
}

/* --- Saving ---------------------------------------------------------------------------------- */

/* Somebody saved between loading and saving. */
static void try_again(struct edit *edit)
{
    edit_save(edit, edit->saving);
}

static void on_changed(void *context, const struct event_changed *changed)
{
    struct edit *edit = context;
    switch (changed->outcome) {
    case EVENT_CHANGE_CHANGED:
    case EVENT_CHANGE_UNCHANGED:
        edit->moved = changed->moved;
        edit->saving->saved(edit);
        return;
    case EVENT_CHANGE_REFUSED:
        edit->errors = edit_hold(edit, json_incref(changed->errors));
        edit->saving->refused(edit);
        return;
    case EVENT_CHANGE_STALE:
        if (++edit->tries < TRIES_MOST) {
            edit->then = try_again;
            edit_load(edit);
            return;
        }
        break;
    case EVENT_CHANGE_AWAY:
        break;
    }
    edit_refuse(edit, 503, "busy");
}

void edit_save(struct edit *edit, const struct edit_saving *saving)
{
    edit->saving = saving;
    saving->write(edit);
    if (edit->conflicts || edit->is_removed || !edit_check(edit))
        saving->refused(edit);
    else
        event_change(edit->request,
                     &(struct event_change){.document = json_deep_copy(edit->document),
                                            .base_version = edit->version,
                                            .words = "editor.finding"},
                     on_changed, edit);
}

/* --- Answers --------------------------------------------------------------------------------- */

const char *edit_path(const struct edit *edit, const char *rest)
{
    return arena_printf(request_arena(edit->request), "/desk/events/%s/edit%s%s",
                        request_event(edit->request)->slug, *rest && *rest != '?' ? "/" : "", rest);
}

static void release(struct edit *edit)
{
    json_decref(edit->held);
    edit->held = NULL;
}

void edit_reply(struct edit *edit, int status, const char *template, json_t *view)
{
    release(edit);
    reply_page(edit->request, status, template, view);
}

void edit_see_other(struct edit *edit, const char *path)
{
    release(edit);
    reply_see_other(edit->request, path);
}

void edit_refuse(struct edit *edit, int status, const char *code)
{
    release(edit);
    reply_refuse(edit->request, status, code);
}

const char *edit_word(struct request *request, const char *key, json_t *data)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(request_locale(request), key, data, &text);
    const char *copy = arena_copy(request_arena(request), buffer_text(&text));
    buffer_finish(&text);
    json_decref(data);
    return copy;
}

const char *edit_text(const json_t *text, const char *language)
{
    const json_t *said = json_object_get(text, language);
    const char *code;
    json_t *other;
    if (json_is_string(text))
        return json_string_value(text);
    json_object_foreach ((json_t *)text, code, other)
        said = said ? said : other;
    return said ? json_string_value(said) : "";
}
