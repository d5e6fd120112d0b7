#include "features/editor/section.h"

#include <string.h>

#include "features/editor/document.h"
#include "features/editor/look.h"
#include "features/editor/value.h"
#include "http/reply.h"
#include "http/request.h"
#include "view/locale.h"
#include "worker.h"

#define SECTION_PAGE "features/editor/section.html"

enum { MINUTE_LENGTH = sizeof "2026-05-13T10:00" - 1 };

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

static void add_consent_facts(const struct edit *edit, const json_t *element, json_t *facts)
{
    const char *need =
        is_true(element, "required") ? "editor.fact.required" : "editor.fact.optional";
    json_array_append_new(facts, fact_word(edit, need, NULL));
    if (is_true(element, "shows_name"))
        json_array_append_new(facts, fact_word(edit, "editor.fact.shows_name", NULL));
}

/* Whether the clocks show an item outside the time of the event. */
static bool element_is_outside(const struct edit *edit, const json_t *element)
{
    const char *starts = json_string_value(json_object_get(edit->document, "starts_at"));
    const char *ends = json_string_value(json_object_get(edit->document, "ends_at"));
    const char *from = json_string_value(json_object_get(element, "starts_at"));
    const char *until = json_string_value(json_object_get(element, "ends_at"));
    return starts && ends && from &&
           (strncmp(from, starts, MINUTE_LENGTH) < 0 || strncmp(from, ends, MINUTE_LENGTH) > 0 ||
            (until && strncmp(until, ends, MINUTE_LENGTH) > 0));
}

static void add_item_facts(const struct edit *edit, const json_t *element, json_t *facts)
{
    json_t *from = json_object_get(element, "starts_at"),
           *until = json_object_get(element, "ends_at");
    static const char *const members[] = {"speakers", "room"};
    json_array_append_new(
        facts, until ? fact_word(edit, "editor.fact.from_until",
                                 json_pack("{s:O, s:O}", "from", from, "until", until))
                     : fact_word(edit, "editor.fact.at", json_pack("{s:O}", "from", from)));
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (json_object_get(element, members[i]))
            json_array_append(facts, json_object_get(element, members[i]));
    }
    if (element_is_outside(edit, element))
        json_array_append_new(facts, fact_word(edit, "editor.fact.outside", NULL));
}

static json_t *facts_of(const struct edit *edit, const struct edit_list *list,
                        const json_t *element)
{
    json_t *facts = json_array(), *types = json_object_get(element, "ticket_types");
    if (strcmp(list->member, "questions") == 0)
        add_question_facts(edit, element, facts);
    else if (strcmp(list->member, "ticket_types") == 0)
        add_type_facts(edit, element, facts);
    else if (list->is_by_time)
        add_item_facts(edit, element, facts);
    else if (strcmp(list->member, "consents") == 0)
        add_consent_facts(edit, element, facts);
    else if (types)
        json_array_append_new(facts, titles_of(edit, types));
    else
        json_array_append_new(facts, fact_word(edit, "editor.fact.all_types", NULL));
    return facts;
}

/* Elements in the order of time can change places only where they start at once. */
static bool may_swap(const struct edit_list *list, const json_t *elements, size_t upper)
{
    const json_t *one = json_array_get(elements, upper),
                 *other = json_array_get(elements, upper + 1);
    if (!other)
        return false;
    return !list->is_by_time ||
           json_equal(json_object_get(one, "starts_at"), json_object_get(other, "starts_at"));
}

static json_t *elements_view(const struct edit *edit, const struct edit_list *list)
{
    json_t *views = json_array(), *element,
           *elements = json_object_get(edit->document, list->member);
    size_t i;
    json_array_foreach (elements, i, element) {
        const char *slug = json_string_value(json_object_get(element, "slug"));
        const char *path =
            edit_path(edit, arena_printf(request_arena(edit->request), "%s/%s", list->name, slug));
        bool may_rise = i > 0 && may_swap(list, elements, i - 1);
        bool may_sink = may_swap(list, elements, i);
        json_array_append_new(
            views,
            json_pack("{s:s, s:s, s:s, s:o, s:b, s:b, s:b, s:b}", "slug", slug, "href", path,
                      "label", edit_text(json_object_get(element, list->label), language_of(edit)),
                      "facts", facts_of(edit, list, element), "movable", may_rise || may_sink,
                      "is_first", !may_rise, "is_last", !may_sink, "is_dependent",
                      json_object_get(element, "shown_if") != NULL));
    }
    return views;
}

static json_t *list_view(const struct edit *edit, const struct edit_list *list)
{
    struct arena *arena = request_arena(edit->request);
    json_t *elements = elements_view(edit, list);
    size_t count = json_array_size(elements);
    json_t *view = json_pack("{s:{s:b}, s:s, s:b, s:b, s:b, s:o}", "is", list->member, true, "add",
                             edit_path(edit, arena_printf(arena, "%s/new", list->name)), "any",
                             count > 0, "sortable", count > 1 && !list->is_by_time, "can_add",
                             count < list->most, "elements", elements);
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

/* --- Who comes ------------------------------------------------------------------------------- */

/* The suggested wording in the event's languages, or else in that of the page. */
static json_t *names_wording(const struct edit *edit)
{
    static const char *const key = "editor.names_consent";
    json_t *label = json_object(), *code, *languages = json_object_get(edit->document, "languages");
    size_t i;
    json_array_foreach (languages, i, code) {
        const struct locale *locale =
            locale_find(request_worker(edit->request)->locales, json_string_value(code));
        struct buffer text;
        if (!locale)
            continue;
        buffer_init(&text);
        locale_text(locale, key, NULL, &text);
        json_object_set_new(label, json_string_value(code), json_string(buffer_text(&text)));
        buffer_finish(&text);
    }
    if (json_object_size(label) == 0)
        json_object_set_new(label, json_string_value(json_array_get(languages, 0)),
                            fact_word(edit, key, NULL));
    return label;
}

/* The event page shows only people who agreed. So the event gets a consent for it. Its slug was
 * never used: nobody agreed to something else under it. */
static void add_names_consent(const struct edit *edit)
{
    json_t *consents = json_object_get(edit->document, "consents"), *consent;
    size_t i;
    json_array_foreach (consents, i, consent) {
        if (is_true(consent, "shows_name"))
            return;
    }
    if (!consents) {
        consents = json_array();
        json_object_set_new(edit->document, "consents", consents);
    }
    const char *slug = arena_printf(request_arena(edit->request), "names-%d", edit->version + 1);
    json_array_append_new(consents, json_pack("{s:s, s:i, s:b, s:b, s:o}", "slug", slug, "version",
                                              1, "required", false, "shows_name", true, "label",
                                              names_wording(edit)));
}

/* --- Saving ---------------------------------------------------------------------------------- */

static void write(struct edit *edit)
{
    bool were_shown = json_is_true(document_get(edit->current, "who_comes.shown"));
    edit_merge(edit, request_body(edit->request));
    if (!were_shown && json_is_true(document_get(edit->document, "who_comes.shown")))
        add_names_consent(edit);
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
