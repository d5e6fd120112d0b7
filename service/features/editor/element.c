#include "features/editor/element.h"

#include <string.h>

#include "event/event_slug.h"
#include "event/event.h"
#include "features/editor/document.h"
#include "features/editor/edit.h"
#include "features/editor/look.h"
#include "features/editor/section.h"
#include "form/kind.h"
#include "http/reply.h"
#include "http/request.h"
#include "view/locale.h"

#define ELEMENT_PAGE "features/editor/element.html"

enum { MORE_ROWS = 5 };

static const char *typed(const struct edit *edit, const char *name)
{
    return json_string_value(json_object_get(request_body(edit->request), name));
}

static const char *element_path(const struct edit *edit, const char *rest)
{
    return edit_path(edit, arena_printf(request_arena(edit->request), "%s/%s%s", edit->list->name,
                                        edit->slug ? edit->slug : "new", rest));
}

static json_t *list_of(const struct edit *edit, const struct edit_list *list)
{
    return json_object_get(edit->document, list->member);
}

/* --- The page -------------------------------------------------------------------------------- */

static json_t *removal_view(const struct edit *edit)
{
    json_int_t answered = json_integer_value(json_object_get(edit->used, "answered"));
    json_int_t ever = json_integer_value(json_object_get(edit->used, "ever"));
    json_int_t given = json_integer_value(json_object_get(edit->used, "given"));
    json_int_t phones = json_integer_value(json_object_get(edit->used, "phones"));
    bool is_type = strcmp(edit->list->member, "ticket_types") == 0;
    bool is_last = is_type && json_array_size(list_of(edit, edit->list)) < 2;
    return json_pack("{s:s, s:b, s:b, s:I, s:I, s:I, s:I, s:b, s:b, s:b}", "action",
                     element_path(edit, "/remove"), "is_used", is_type && ever > 0, "is_last",
                     is_last, "answered", answered, "given", given, "phones", phones, "ever", ever,
                     "has_answers", answered > 0, "has_given", given > 0, "has_phones", phones > 0);
}

static void reply_element(struct edit *edit, int status)
{
    struct request *request = edit->request;
    const struct edit_list *list = edit->list;
    const char *language = locale_code(request_locale(request));
    json_t *view = look_page(edit);
    json_t *element = edit_object(edit);
    const char *label = edit_text(json_object_get(element, list->label), language);
    json_object_set_new(view, "is", json_pack("{s:b}", list->member, true));
    json_object_set_new(view, "is_new", json_boolean(!edit->slug));
    json_object_set_new(view, "label", json_string(label));
    json_object_set_new(view, "back", json_string(edit_path(edit, list->section)));
    json_object_set_new(
        view, "back_title",
        json_string(edit_word(
            request, arena_printf(request_arena(request), "editor.section.%s", list->section),
            NULL)));
    json_object_set_new(view, "action", json_string(element_path(edit, "")));
    json_object_set_new(view, "zone", json_incref(json_object_get(edit->document, "timezone")));
    if (strcmp(list->member, "questions") == 0)
        json_object_update_new(view,
                               json_pack("{s:s, s:s}", "preview", element_path(edit, "/preview"),
                                         "form", edit_path(edit, "form-preview")));
    if (edit->slug)
        json_object_set_new(view, "removal", removal_view(edit));
    reply_header(request, "Content-Security-Policy", EDIT_POLICY);
    edit_reply(edit, status, ELEMENT_PAGE, view);
}

/* A new item of the programme begins where the last one ends, or when the event begins. */
static void suggest_time(struct edit *edit)
{
    const json_t *last = json_array_get(list_of(edit, edit->list), edit->index - 1);
    json_t *time = json_object_get(last, "ends_at");
    if (!time)
        time = json_object_get(last ? last : edit->document, "starts_at");
    json_t *list = list_of(edit, edit->list);
    if (!list) {
        list = json_array();
        json_object_set_new(edit->document, edit->list->member, list);
    }
    json_array_append_new(list, json_pack("{s:O}", "starts_at", time));
}

static void on_loaded(struct edit *edit)
{
    if (edit->slug && !edit_object(edit)) {
        edit_refuse(edit, 404, "not_found");
        return;
    }
    if (!edit->slug && edit->list->is_by_time)
        suggest_time(edit);
    reply_element(edit, 200);
}

bool element_begin(struct request *request, struct edit *ret_edit)
{
    const char *item = request_path(request, "item");
    const struct edit_list *list = edit_list_find(request_path(request, "list"));
    if (!list) {
        reply_refuse(request, 404, "not_found");
        return false;
    }
    *ret_edit = (struct edit){
        .request = request, .list = list, .slug = strcmp(item, "new") == 0 ? NULL : item};
    return true;
}

static void begin(struct request *request, void (*then)(struct edit *edit))
{
    struct edit *edit = arena_alloc(request_arena(request), sizeof *edit);
    if (!element_begin(request, edit))
        return;
    edit->then = then;
    edit_load(edit);
}

void element_show(struct request *request)
{
    begin(request, on_loaded);
}

/* --- Writing --------------------------------------------------------------------------------- */

/* Whether a person who agreed to the earlier text agreed to something else. An added language says
 * nothing new. */
static bool says_otherwise(const json_t *earlier, const json_t *now)
{
    const char *language;
    json_t *said;
    json_object_foreach ((json_t *)earlier, language, said) {
        if (!json_equal(said, json_object_get(now, language)))
            return true;
    }
    return false;
}

static void raise_version(const struct edit *edit, json_t *element)
{
    const json_t *earlier =
        edit->slug ? document_element(edit->current, "consents", edit->slug, NULL) : NULL;
    json_int_t version = json_integer_value(json_object_get(earlier, "version"));
    if (!earlier)
        version = json_integer_value(json_object_get(element, "version"));
    bool is_unaware = earlier && json_is_true(json_object_get(element, "shows_name")) &&
                      !json_is_true(json_object_get(earlier, "shows_name"));
    if (version < 1 || is_unaware ||
        (earlier &&
         says_otherwise(json_object_get(earlier, "label"), json_object_get(element, "label"))))
        version++;
    json_object_set_new(element, "version", json_integer(version));
}

/* "new" is the path of a new element. */
static void add_slug(const struct edit *edit, json_t *element)
{
    json_t *taken = json_array();
    json_array_extend(taken, (json_t *)edit->slugs);
    json_array_append_new(taken, json_string("new"));
    const char *label = edit_text(
        json_object_get(element, edit->list->label),
        json_string_value(json_array_get(json_object_get(edit->document, "languages"), 0)));
    json_object_set_new(
        element, "slug",
        json_string(event_slug(request_arena(edit->request), label, taken, EVENT_SLUG_MOST)));
    json_decref(taken);
}

void element_write(struct edit *edit)
{
    edit_merge(edit, request_body(edit->request));
    json_t *element = edit_object(edit);
    enum kind_id kind;
    if (edit->slug)
        json_object_set_new(element, "slug", json_string(edit->slug));
    else
        add_slug(edit, element);
    if (strcmp(edit->list->member, "consents") == 0)
        raise_version(edit, element);
    if (kind_asked(json_string_value(json_object_get(element, "kind")), &kind) &&
        !kinds[kind].has_choices)
        json_object_del(element, "choices");
}

static const char *list_done(const struct edit *edit, const char *key)
{
    const struct edit_list *list = edit->list ? edit->list : edit->section->list;
    return edit_path(
        edit, arena_printf(request_arena(edit->request), "%s?done=editor.%s", list->section, key));
}

static void on_saved(struct edit *edit)
{
    edit_see_other(edit, list_done(edit, edit->slug ? "saved" : "added"));
}

static void on_refused(struct edit *edit)
{
    reply_element(edit, edit->errors ? 422 : 409);
}

/* --- Rows of choices ------------------------------------------------------------------------- */

static void move_in(json_t *list, size_t from, size_t to)
{
    json_t *item = json_incref(json_array_get(list, from));
    json_array_remove(list, from);
    json_array_insert_new(list, to, item);
}

/* Does what a button beside a choice says: "up:vegan". Nothing is saved. */
static void act_on_choice(struct edit *edit, const char *act)
{
    json_t *choices = json_object_get(edit_object(edit), "choices"), *choice;
    const char *colon = strchr(act, ':');
    size_t i;
    if (strcmp(act, "more") == 0)
        edit->empty_rows = MORE_ROWS;
    json_array_foreach (choices, i, choice) {
        const char *slug = json_string_value(json_object_get(choice, "slug"));
        if (!colon || strcmp(colon + 1, slug) != 0)
            continue;
        if (strncmp(act, "up:", 3) == 0 && i > 0)
            move_in(choices, i, i - 1);
        else if (strncmp(act, "down:", 5) == 0 && i + 1 < json_array_size(choices))
            move_in(choices, i, i + 1);
        else if (strncmp(act, "remove:", 7) == 0)
            json_array_remove(choices, i);
        break;
    }
}

static void save(struct edit *edit)
{
    static const struct edit_saving saving = {element_write, on_saved, on_refused};
    const char *act = typed(edit, "act");
    if (!act) {
        edit_save(edit, &saving);
        return;
    }
    edit_merge(edit, request_body(edit->request));
    edit->conflicts = NULL; /* saving tells them */
    act_on_choice(edit, act);
    reply_element(edit, 200);
}

void element_save(struct request *request)
{
    begin(request, save);
}

/* --- Moving and removing --------------------------------------------------------------------- */

static void write_move(struct edit *edit)
{
    json_t *list = list_of(edit, edit->section->list);
    const char *to = typed(edit, "to"), *before = typed(edit, "before");
    size_t from, at = json_array_size(list);
    if (!document_element(edit->document, edit->section->list->member, edit->slug, &from))
        return;
    if (to && strcmp(to, "up") == 0)
        move_in(list, from, from > 0 ? from - 1 : 0);
    else if (to && strcmp(to, "down") == 0)
        move_in(list, from, from + 1 < at ? from + 1 : from);
    else if (before) {
        document_element(edit->document, edit->section->list->member, before, &at);
        move_in(list, from, at > from ? at - 1 : at);
    }
}

static void write_removal(struct edit *edit)
{
    json_t *list = list_of(edit, edit->section->list);
    size_t at;
    if (document_element(edit->document, edit->section->list->member, edit->slug, &at))
        json_array_remove(list, at);
    if (list && json_array_size(list) == 0)
        json_object_del(edit->document, edit->section->list->member);
}

/* The page of the section says why, and shows the list as it is. */
static void on_list_refused(struct edit *edit)
{
    edit->document = edit_hold(edit, json_deep_copy(edit->current));
    section_reply(edit, 422);
}

static void on_moved(struct edit *edit)
{
    edit_see_other(
        edit, edit_path(edit, arena_printf(request_arena(edit->request), "%s?done=editor.moved#%s",
                                           edit->section->name, edit->slug)));
}

static void on_removed(struct edit *edit)
{
    edit_see_other(edit, list_done(edit, "removed"));
}

static void move(struct edit *edit)
{
    static const struct edit_saving saving = {write_move, on_moved, on_list_refused};
    edit_save(edit, &saving);
}

static void take_away(struct edit *edit)
{
    static const struct edit_saving saving = {write_removal, on_removed, on_list_refused};
    edit_save(edit, &saving);
}

static void begin_in_section(struct request *request, void (*then)(struct edit *edit))
{
    struct edit *edit = arena_alloc(request_arena(request), sizeof *edit);
    if (!element_begin(request, edit))
        return;
    edit->section = edit_section_find(edit->list->section);
    edit->list = NULL;
    edit->then = then;
    if (edit->slug)
        edit_load(edit);
    else
        reply_refuse(request, 404, "not_found");
}

void element_move(struct request *request)
{
    begin_in_section(request, move);
}

void element_remove(struct request *request)
{
    begin_in_section(request, take_away);
}
