#include "features/registration/question_view.h"

#include <string.h>

#include "form/countries.h"
#include "features/registration/fields.h"

static void set_text(json_t *object, const char *key, const char *text)
{
    json_object_set_new_nocheck(object, key, json_string_nocheck(text));
}

/* {"id", "slug", "label", "chosen"}. The first of a group has the group's name for its id, so that
 * a link to the question leads into it. */
static void add_option(struct arena *arena, json_t *options, const char *name, const char *slug,
                       const char *label, bool chosen)
{
    json_t *option = json_object();
    size_t at = json_array_size(options);
    set_text(option, "id", at == 0 ? name : arena_printf(arena, "%s.%zu", name, at));
    set_text(option, "slug", slug);
    set_text(option, "label", label);
    json_object_set_new_nocheck(option, "chosen", json_boolean(chosen));
    json_array_append_new(options, option);
}

static json_t *choices(struct arena *arena, const struct question_form *form,
                       const struct question *question, const char *name, const json_t *answer)
{
    json_t *options = json_array();
    for (size_t i = 0; i < question->choice_count; i++) {
        const struct choice *choice = &question->choices[i];
        add_option(arena, options, name, choice->slug,
                   event_text(form->event, &choice->label, form->language),
                   fields_chosen(answer, choice->slug));
    }
    return options;
}

static json_t *countries(const char *language, const json_t *answer)
{
    size_t count;
    const struct country *list = countries_in(language, &count);
    json_t *options = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *option = json_object();
        set_text(option, "slug", list[i].code);
        set_text(option, "label", list[i].name);
        if (fields_chosen(answer, list[i].code))
            json_object_set_new_nocheck(option, "chosen", json_true());
        json_array_append_new(options, option);
    }
    return options;
}

/* What browsers may fill in (WHATWG HTML section 4.10.18.7.1). By the kind, and by the slugs that
 * organisers give to questions of this meaning. */
static const char *autocomplete(const struct question *question)
{
    static const struct {
        const char *slug, *token;
    } known[] = {
        {"company", "organization"},         {"organisation", "organization"},
        {"organization", "organization"},    {"institution", "organization"},
        {"employer", "organization"},        {"firma", "organization"},
        {"einrichtung", "organization"},     {"arbeitgeber", "organization"},
        {"job-title", "organization-title"}, {"role", "organization-title"},
        {"position", "organization-title"},
    };
    if (question->kind == QUESTION_PHONE)
        return "tel";
    if (question->kind == QUESTION_EMAIL)
        return "email";
    if (question->kind == QUESTION_COUNTRY)
        return "country";
    for (size_t i = 0; question->kind == QUESTION_TEXT && i < sizeof known / sizeof *known; i++) {
        if (strcmp(question->slug, known[i].slug) == 0)
            return known[i].token;
    }
    return NULL;
}

/* "as_input": {"type", "inputmode", "is_date"} */
static json_t *input(const struct question *question)
{
    static const struct {
        const char *type, *inputmode;
    } inputs[] = {
        [QUESTION_TEXT] = {"text", NULL},  [QUESTION_NUMBER] = {"text", "decimal"},
        [QUESTION_DATE] = {"date", NULL},  [QUESTION_EMAIL] = {"email", "email"},
        [QUESTION_PHONE] = {"tel", "tel"},
    };
    return json_pack("{s:s, s:s*, s:b}", "type", inputs[question->kind].type, "inputmode",
                     inputs[question->kind].inputmode, "is_date", question->kind == QUESTION_DATE);
}

static json_t *choice_group(const char *type, const char *list, json_t *options)
{
    return json_pack("{s:s, s:s, s:o}", "type", type, "list", list, "options", options);
}

static void add_control(struct arena *arena, json_t *view, const struct question_form *form,
                        const struct question *question, const json_t *answer)
{
    const char *name = json_string_value(json_object_get(view, "name"));
    bool many = question->choice_count > QUESTION_RADIOS_MOST;
    json_t *options = choices(arena, form, question, name, answer);
    if (question->kind == QUESTION_YES_NO)
        json_object_set_new(view, "as_yes_no",
                            json_pack("{s:b, s:b}", "yes", fields_chosen(answer, "true"), "no",
                                      fields_chosen(answer, "false")));
    else if (question->kind == QUESTION_LONG_TEXT)
        json_object_set_new(view, "as_lines", json_true());
    else if (question->kind == QUESTION_COUNTRY)
        json_object_set_new(view, "as_select",
                            json_pack("{s:o}", "options", countries(form->language, answer)));
    else if (question->kind == QUESTION_CHOICE && many)
        json_object_set_new(view, "as_select", json_pack("{s:O}", "options", options));
    else if (question->kind == QUESTION_CHOICE)
        json_object_set_new(view, "as_choices", choice_group("radio", "", json_incref(options)));
    else if (question->kind == QUESTION_SEVERAL)
        json_object_set_new(view, "as_choices",
                            choice_group("checkbox", "[]", json_incref(options)));
    else
        json_object_set_new(view, "as_input", input(question));
    json_decref(options);
}

static const char *choice_label(const struct question_form *form, const struct question *question,
                                const char *slug)
{
    for (size_t i = 0; i < question->choice_count; i++) {
        if (strcmp(question->choices[i].slug, slug) == 0)
            return event_text(form->event, &question->choices[i].label, form->language);
    }
    return "";
}

/* "Will you stay for lunch? – Yes": which answer to which field shows this question. */
static void add_condition(struct arena *arena, json_t *view, const struct question_form *form,
                          const struct question *question, const char *prefix)
{
    if (question->shown_if < 0)
        return;
    const struct question *earlier = &form->event->questions[question->shown_if];
    const char *answer = question->shown_if_answer;
    json_object_set_new(view, "only_if",
                        json_pack("{s:s, s:s, s:b, s:b, s:s, s:s}", "question",
                                  event_text(form->event, &earlier->label, form->language),
                                  "answer", choice_label(form, earlier, answer), "yes",
                                  strcmp(answer, "true") == 0, "no", strcmp(answer, "false") == 0,
                                  "field", arena_printf(arena, "%s.%s", prefix, earlier->slug),
                                  "is", answer));
}

static json_t *question_view(struct arena *arena, const struct question_form *form,
                             const struct question *question, const char *prefix,
                             const json_t *answer)
{
    const char *name = arena_printf(arena, "%s.%s", prefix, question->slug);
    const char *hint = event_text(form->event, &question->hint, form->language);
    const char *token = autocomplete(question);
    json_t *view = fields_view(form->errors, name, answer);
    set_text(view, "label", event_text(form->event, &question->label, form->language));
    if (*hint)
        set_text(view, "hint", hint);
    json_object_set_new_nocheck(view, "required", json_boolean(question->required));
    if (token || !form->is_self)
        set_text(view, "autocomplete", form->is_self ? token : "off");
    add_control(arena, view, form, question, answer);
    add_condition(arena, view, form, question, prefix);
    fields_describe(arena, view);
    return view;
}

json_t *question_views(struct arena *arena, const struct question_form *form, const char *prefix,
                       const json_t *answers)
{
    json_t *views = json_array();
    for (size_t i = 0; i < form->event->question_count; i++) {
        const struct question *question = &form->event->questions[i];
        json_array_append_new(views, question_view(arena, form, question, prefix,
                                                   json_object_get(answers, question->slug)));
    }
    return views;
}
