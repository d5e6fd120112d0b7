#include "features/editor/section.h"

#include <string.h>

#include "features/editor/document.h"
#include "features/editor/look.h"
#include "features/editor/value.h"
#include "http/reply.h"
#include "http/request.h"
#include "view/locale.h"

#define SECTION_PAGE "features/editor/section.html"

/* --- Lists ----------------------------------------------------------------------------------- */

static const char *language_of(const struct edit *edit)
{
    return locale_code(request_locale(edit->request));
}

static bool is_true(const json_t *element, const char *name)
{
    return json_is_true(json_object_get(element, name));
}

static json_t *fact_word(const struct edit *edit, const char *key, json_t *data)
{
    return json_string(edit_word(edit->request, key, data));
}

static json_t *titles_of(const struct edit *edit, const json_t *slugs)
{
    const char *all = "";
    size_t i;
    json_t *slug;
    json_array_foreach ((json_t *)slugs, i, slug)
        all =
            arena_printf(request_arena(edit->request), "%s%s%s", all, i > 0 ? ", " : "",
                         edit_text(json_object_get(document_element(edit->document, "ticket_types",
                                                                    json_string_value(slug), NULL),
                                                   "title"),
                                   language_of(edit)));
    return json_string(all);
}

static void add_question_facts(const struct edit *edit, const json_t *element, json_t *facts)
{
    const char *kind = json_string_value(json_object_get(element, "kind"));
    size_t choices = json_array_size(json_object_get(element, "choices"));
    const char *condition = value_condition(edit, json_object_get(element, "shown_if"));
    json_array_append_new(
        facts,
        fact_word(edit, arena_printf(request_arena(edit->request), "editor.kind.%s", kind), NULL));
    if (choices > 0)
        json_array_append_new(facts, fact_word(edit, "editor.fact.choices",
                                               json_pack("{s:I}", "n", (json_int_t)choices)));
    if (is_true(element, "required"))
        json_array_append_new(facts, fact_word(edit, "editor.fact.required", NULL));
    if (json_object_get(element, "asked_by"))
        json_array_append_new(facts, fact_word(edit, "editor.fact.by_organiser", NULL));
    if (condition)
        json_array_append_new(facts, fact_word(edit, "editor.fact.only_if",
                                               json_pack("{s:s}", "condition", condition)));
}

static void add_type_facts(const struct edit *edit, const json_t *element, json_t *facts)
{
    const json_t *capacity = json_object_get(element, "capacity");
    const char *slug = json_string_value(json_object_get(element, "slug"));
    json_int_t taken =
        json_integer_value(json_object_get(json_object_get(edit->counts, "types"), slug));
    json_int_t places = json_integer_value(capacity);
    if (json_is_integer(capacity) && places == 0)
        json_array_append_new(facts, fact_word(edit, "editor.fact.closed", NULL));
    else if (json_is_integer(capacity))
        json_array_append_new(
            facts, fact_word(edit, "editor.fact.places", json_pack("{s:I}", "n", places)));
    json_array_append_new(facts,
                          fact_word(edit, "editor.fact.taken", json_pack("{s:I}", "n", taken)));
    if (json_object_get(element, "code"))
        json_array_append_new(facts, fact_word(edit, "editor.fact.code", NULL));
    if (is_true(element, "approval"))
        json_array_append_new(facts, fact_word(edit, "editor.fact.approval", NULL));
    if (json_object_get(element, "days"))
        json_array_append_new(
            facts,
            fact_word(edit, "editor.fact.days",
                      json_pack("{s:I}", "n",
                                (json_int_t)json_array_size(json_object_get(element, "days")))));
}

static json_t *facts_of(const struct edit *edit, const struct edit_list *list,
                        const json_t *element)
{
    json_t *facts = json_array(), *types = json_object_get(element, "ticket_types");
    if (strcmp(list->member, "questions") == 0)
        add_question_facts(edit, element, facts);
    else if (strcmp(list->member, "ticket_types") == 0)
        add_type_facts(edit, element, facts);
    else if (strcmp(list->member, "consents") == 0)
        json_array_append_new(facts,
                              fact_word(edit,
                                        is_true(element, "required") ? "editor.fact.required"
                                                                     : "editor.fact.optional",
                                        NULL));
    else if (types)
        json_array_append_new(facts, titles_of(edit, types));
    else
        json_array_append_new(facts, fact_word(edit, "editor.fact.all_types", NULL));
    return facts;
}

static json_t *elements_view(const struct edit *edit, const struct edit_list *list)
{
    json_t *views = json_array(), *element,
           *elements = json_object_get(edit->document, list->member);
    size_t i, count = json_array_size(elements);
    json_array_foreach (elements, i, element) {
        const char *slug = json_string_value(json_object_get(element, "slug"));
        const char *path =
            edit_path(edit, arena_printf(request_arena(edit->request), "%s/%s", list->name, slug));
        json_array_append_new(
            views,
            json_pack("{s:s, s:s, s:s, s:o, s:b, s:b, s:b}", "slug", slug, "href", path, "label",
                      edit_text(json_object_get(element, list->label), language_of(edit)), "facts",
                      facts_of(edit, list, element), "is_first", i == 0, "is_last", i + 1 == count,
                      "is_dependent", json_object_get(element, "shown_if") != NULL));
    }
    return views;
}

static json_t *list_view(const struct edit *edit, const struct edit_list *list)
{
    struct arena *arena = request_arena(edit->request);
    json_t *elements = elements_view(edit, list);
    size_t count = json_array_size(elements);
    json_t *view =
        json_pack("{s:{s:b}, s:s, s:b, s:b, s:b, s:o}", "is", list->member, true, "add",
                  edit_path(edit, arena_printf(arena, "%s/new", list->name)), "any", count > 0,
                  "several", count > 1, "can_add", count < list->most, "elements", elements);
    return view;
}

/* --- The page of a section ------------------------------------------------------------------- */

void section_reply(struct edit *edit, int status)
{
    struct arena *arena = request_arena(edit->request);
    const struct edit_section *section = edit->section;
    json_t *view = look_page(edit);
    json_object_set_new(view, "section", json_pack("{s:b}", section->name, true));
    json_object_set_new(
        view, "title",
        fact_word(edit, arena_printf(arena, "editor.section.%s", section->name), NULL));
    json_object_set_new(view, "back", json_string(edit_path(edit, "")));
    json_object_set_new(view, "action", json_string(edit_path(edit, section->name)));
    json_object_set_new(view, "has_fields", json_boolean(section->field_count > 0));
    json_object_set_new(view, "zone", json_incref(json_object_get(edit->document, "timezone")));
    if (section->list)
        json_object_set_new(view, "list", list_view(edit, section->list));
    if (strcmp(section->name, "questions") == 0)
        json_object_set_new(view, "try", json_string(edit_path(edit, "form-preview")));
    if (strcmp(section->name, "text") == 0)
        json_object_set_new(view, "preview", json_string(edit_path(edit, "text/preview")));
    reply_header(edit->request, "Content-Security-Policy", EDIT_POLICY);
    edit_reply(edit, status, SECTION_PAGE, view);
}

static void on_loaded(struct edit *edit)
{
    section_reply(edit, 200);
}

/* NULL: there is no such section, and the request was answered. */
static struct edit *begin(struct request *request, void (*then)(struct edit *edit))
{
    const struct edit_section *section = edit_section_find(request_path(request, "section"));
    if (!section) {
        reply_refuse(request, 404, "not_found");
        return NULL;
    }
    struct edit *edit = arena_alloc(request_arena(request), sizeof *edit);
    *edit = (struct edit){.request = request, .section = section, .then = then};
    return edit;
}

void section_show(struct request *request)
{
    struct edit *edit = begin(request, on_loaded);
    if (edit)
        edit_load(edit);
}

static void write(struct edit *edit)
{
    edit_merge(edit, request_body(edit->request));
}

static void on_saved(struct edit *edit)
{
    edit_see_other(edit, edit->moved > 0
                             ? edit_path(edit, arena_printf(request_arena(edit->request),
                                                            "?done=editor.saved_moved&n=%lld",
                                                            (long long)edit->moved))
                             : edit_path(edit, "?done=editor.saved"));
}

static void on_refused(struct edit *edit)
{
    section_reply(edit, edit->errors ? 422 : 409);
}

static void save(struct edit *edit)
{
    static const struct edit_saving saving = {write, on_saved, on_refused};
    edit_save(edit, &saving);
}

void section_save(struct request *request)
{
    struct edit *edit = begin(request, save);
    if (edit)
        edit_load(edit);
}
