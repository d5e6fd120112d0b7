#include "form/field_view.h"

#include "base/email.h"
#include "base/email_meant.h"
#include "form/countries.h"
#include "form/date_parts.h"
#include "http/kept_emails.h"
#include "view/locale.h"

/* --- Values and errors ----------------------------------------------------------------------- */

const char *field_view_name(struct arena *arena, const char *pointer)
{
    char *name = arena_copy(arena, *pointer == '/' ? pointer + 1 : pointer);
    for (char *at = name; *at; at++) {
        if (*at == '/')
            *at = '.';
    }
    return name;
}

bool field_view_is_at(const char *pointer, const char *name)
{
    if (*pointer == '/')
        pointer++;
    while (*name && (*pointer == *name || (*pointer == '/' && *name == '.')))
        pointer++, name++;
    return *pointer == *name;
}

static const json_t *first_error(const json_t *errors, const char *name)
{
    size_t i;
    json_t *error;
    json_array_foreach ((json_t *)errors, i, error) {
        if (field_view_is_at(json_string_value(json_object_get(error, "pointer")), name))
            return error;
    }
    return NULL;
}

const char *field_view_error(const json_t *errors, const char *name)
{
    return json_string_value(json_object_get(first_error(errors, name), "detail"));
}

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text)
        json_object_set_new_nocheck(object, key, json_string_nocheck(text));
}

static json_t *text_of(const json_t *typed)
{
    char number[32];
    if (json_is_integer(typed))
        snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(typed));
    else if (json_is_real(typed))
        snprintf(number, sizeof number, "%.15g", json_real_value(typed));
    else
        return json_string(json_is_string(typed) ? json_string_value(typed) : "");
    return json_string(number);
}

json_t *field_view_plain(const json_t *errors, const char *name, const json_t *typed)
{
    json_t *view = json_object();
    set_text(view, "name", name);
    json_object_set_new_nocheck(view, "value", text_of(typed));
    set_text(view, "error", field_view_error(errors, name));
    return view;
}

static void add_email_meant(struct arena *arena, const json_t *kept, const json_t *errors,
                            json_t *view)
{
    const char *text = json_string_value(json_object_get(view, "value"));
    const char *name = json_string_value(json_object_get(view, "name"));
    const char *code = json_string_value(json_object_get(first_error(errors, name), "code"));
    struct email email;
    const char *meant = email_parse(arena, text, &email) ? email_meant(arena, email.address) : NULL;
    if (meant && code && strcmp(code, "did_you_mean") == 0)
        json_object_set_new(view, "email_meant",
                            json_pack("{s:s, s:s}", "address", meant, "typed", email.address));
    else if (meant && (!kept || kept_emails_have(kept, email.address)))
        set_text(view, "email_kept", email.address);
}

json_t *field_view_email(struct arena *arena, const json_t *kept, const json_t *errors,
                         const char *name, const json_t *typed)
{
    json_t *view = field_view_plain(errors, name, typed);
    add_email_meant(arena, kept, errors, view);
    return view;
}

void field_view_describe(struct arena *arena, json_t *field)
{
    static const char *const parts[][2] = {
        {"hint", "-hint"}, {"only_if", "-only-if"}, {"error", "-error"}};
    const char *name = json_string_value(json_object_get(field, "name")), *ids = "";
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (json_object_get(field, parts[i][0]))
            ids = arena_printf(arena, "%s%s%s%s", ids, *ids ? " " : "", name, parts[i][1]);
    }
    if (*ids)
        set_text(field, "describedby", ids);
}

bool field_view_chosen(const json_t *typed, const char *slug)
{
    size_t i;
    json_t *item;
    if (json_is_boolean(typed))
        return strcmp(slug, json_is_true(typed) ? "true" : "false") == 0;
    json_array_foreach ((json_t *)typed, i, item) {
        if (json_is_string(item) && strcmp(json_string_value(item), slug) == 0)
            return true;
    }
    return json_is_string(typed) && strcmp(json_string_value(typed), slug) == 0;
}

/* The number of the person that an error is about, from 1; 0: it is about no person. */
static int person_of(const char *pointer)
{
    int index, end = 0;
    return sscanf(pointer, "/attendees/%2d/%n", &index, &end) == 1 && end > 0 ? index + 1 : 0;
}

json_t *field_view_problems(struct arena *arena, const json_t *errors, bool several)
{
    json_t *problems = json_array(), *error;
    size_t i;
    json_array_foreach ((json_t *)errors, i, error) {
        const char *pointer = json_string_value(json_object_get(error, "pointer"));
        const char *detail = json_string_value(json_object_get(error, "detail"));
        json_t *problem =
            json_pack("{s:s, s:s}", "field", field_view_name(arena, pointer), "detail", detail);
        if (several && person_of(pointer) > 0)
            json_object_set_new(problem, "number", json_integer(person_of(pointer)));
        json_array_append_new(problems, problem);
    }
    return problems;
}

/* --- Controls -------------------------------------------------------------------------------- */

static const char *word(const struct field_showing *showing, const char *words, const char *name)
{
    const char *key = arena_printf(showing->arena, "%s.%s", words, name);
    struct buffer text;
    if (!locale_has(showing->locale, key))
        return NULL;
    buffer_init(&text);
    locale_text(showing->locale, key, NULL, &text);
    const char *copy = arena_copy(showing->arena, buffer_text(&text));
    buffer_finish(&text);
    return copy;
}

/* The id of the first option is the field's name: links to the field lead to it. */
static json_t *choices(const struct field_showing *showing, const struct form_field *field,
                       const char *name, const json_t *typed)
{
    json_t *options = json_array();
    for (size_t i = 0; i < field->choices.count; i++) {
        const void *choice = kind_choice_at(&field->choices, i);
        const char *slug = *(const char *const *)choice;
        json_t *option = json_object();
        set_text(option, "id", i == 0 ? name : arena_printf(showing->arena, "%s.%zu", name, i));
        set_text(option, "slug", slug);
        set_text(option, "label",
                 field->choice_label ? field->choice_label(showing->context, choice)
                                     : word(showing, field->words, slug));
        json_object_set_new_nocheck(option, "chosen", json_boolean(field_view_chosen(typed, slug)));
        json_array_append_new(options, option);
    }
    return options;
}

static json_t *countries(const struct field_showing *showing, const json_t *typed)
{
    size_t count;
    const struct country *list = countries_in(locale_code(showing->locale), &count);
    json_t *options = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *option = json_object();
        set_text(option, "slug", list[i].code);
        set_text(option, "label", list[i].name);
        if (field_view_chosen(typed, list[i].code))
            json_object_set_new_nocheck(option, "chosen", json_true());
        json_array_append_new(options, option);
    }
    return options;
}

static bool has_chosen(const json_t *options)
{
    size_t i;
    json_t *option;
    json_array_foreach ((json_t *)options, i, option) {
        if (json_is_true(json_object_get(option, "chosen")))
            return true;
    }
    return false;
}

/* A radio button cannot be unchosen, so an optional question has one for no answer. */
static json_t *one_of(const struct form_field *field, json_t *options)
{
    return json_pack("{s:s, s:s, s:b, s:b, s:o}", "type", "radio", "list", "", "can_be_none",
                     field->need != FORM_NEEDED, "none", !has_chosen(options), "options", options);
}

static json_t *some_of(json_t *options)
{
    return json_pack("{s:s, s:s, s:o}", "type", "checkbox", "list", "[]", "options", options);
}

static json_t *yes_no(const json_t *typed)
{
    bool yes = field_view_chosen(typed, "true"), no = field_view_chosen(typed, "false");
    return json_pack("{s:b, s:b, s:b}", "yes", yes, "no", no, "none", !yes && !no);
}

static json_t *input(const struct kind *kind)
{
    return json_pack("{s:s, s:s*, s:b}", "type", kind->input, "inputmode", kind->inputmode,
                     "is_date", strcmp(kind->input, "date") == 0);
}

/* The autocomplete tokens of a birthday are "bday-day" and so on. */
static const char *part_autocomplete(struct arena *arena, const json_t *view, const char *part)
{
    const char *token = json_string_value(json_object_get(view, "autocomplete"));
    return token && strcmp(token, "bday") == 0 ? arena_printf(arena, "bday-%s", part) : "off";
}

/* "as_date": {"parts": [{"part", "id", "label", "value", "autocomplete", "wrong"}]} in the order of
 * the language. */
static json_t *date_parts(const struct field_showing *showing, json_t *view, const json_t *typed)
{
    static const char letters[] = "dmy";
    const char *order = word(showing, "field", "date_order"), *letter;
    const char *name = json_string_value(json_object_get(view, "name"));
    json_t *list = json_array();
    for (const char *at = order ? order : letters; *at; at++) {
        if (!(letter = strchr(letters, *at)))
            continue;
        size_t i = (size_t)(letter - letters);
        const char *part = date_part_names[i];
        const char *id = arena_printf(showing->arena, "%s.%s", name, part);
        const char *error = field_view_error(showing->errors, id);
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "part", part, "id", id, "label",
                            word(showing, "field.part", part), "value",
                            date_part_shown(showing->arena, typed, i), "autocomplete",
                            part_autocomplete(showing->arena, view, part), "wrong", error != NULL));
        if (error && !json_object_get(view, "error"))
            set_text(view, "error", error);
    }
    return json_pack("{s:o}", "parts", list);
}

static void add_control(const struct field_showing *showing, json_t *view,
                        const struct form_field *field, const json_t *typed)
{
    const struct kind *kind = &kinds[field->kind];
    const char *name = json_string_value(json_object_get(view, "name"));
    if (field->by_heart) {
        json_object_set_new(view, "as_date", date_parts(showing, view, typed));
        return;
    }
    switch (kind->control) {
    case KIND_AS_INPUT:
        json_object_set_new(view, "as_input", input(kind));
        break;
    case KIND_AS_LINES:
        json_object_set_new(view, "as_lines", json_true());
        break;
    case KIND_AS_ONE_OF:
        if (field->choices.count > FIELD_RADIOS_MOST)
            json_object_set_new(
                view, "as_select",
                json_pack("{s:o}", "options", choices(showing, field, name, typed)));
        else
            json_object_set_new(view, "as_choices",
                                one_of(field, choices(showing, field, name, typed)));
        break;
    case KIND_AS_SOME_OF:
        json_object_set_new(view, "as_choices", some_of(choices(showing, field, name, typed)));
        break;
    case KIND_AS_COUNTRIES:
        json_object_set_new(view, "as_select",
                            json_pack("{s:o}", "options", countries(showing, typed)));
        break;
    case KIND_AS_YES_NO:
        json_object_set_new(view, "as_yes_no", yes_no(typed));
        break;
    case KIND_AS_CHECKBOX:
        json_object_set_new(
            view, "as_checkbox",
            json_pack("{s:b}", "checked",
                      field_view_chosen(typed, "true") || field_view_chosen(typed, "on")));
        break;
    }
}

/* --- Fields ---------------------------------------------------------------------------------- */

json_t *field_view(const struct field_showing *showing, const struct form_field *field,
                   const char *prefix, const json_t *typed)
{
    const char *name =
        *prefix ? arena_printf(showing->arena, "%s.%s", prefix, field->name) : field->name;
    const char *autocomplete =
        field->autocomplete ? field->autocomplete : kinds[field->kind].autocomplete;
    json_t *view = field_view_plain(showing->errors, name, typed);
    set_text(view, "label",
             field->label   ? field->label
             : field->words ? word(showing, field->words, "label")
                            : NULL);
    set_text(view, "hint",
             field->hint    ? field->hint
             : field->words ? word(showing, field->words, "hint")
                            : NULL);
    json_object_set_new_nocheck(view, "required", json_boolean(field->need == FORM_NEEDED));
    set_text(view, "autocomplete", showing->is_self ? autocomplete : "off");
    add_control(showing, view, field, typed);
    if (field->kind == KIND_EMAIL)
        add_email_meant(showing->arena, showing->kept_emails, showing->errors, view);
    field_view_describe(showing->arena, view);
    return view;
}

json_t *field_views(const struct field_showing *showing, const struct form *form,
                    const json_t *typed)
{
    json_t *views = json_array();
    json_t *problems = field_view_problems(showing->arena, showing->errors, false);
    for (size_t i = 0; i < form->count; i++) {
        const struct form_field *field = &form->fields[i];
        if (!field->of && !field->read && field->bytes > 0 &&
            (!field->shown || field->shown(showing->context)))
            json_array_append_new(
                views, field_view(showing, field, "", json_object_get(typed, field->name)));
    }
    return json_pack("{s:o, s:b, s:o}", "fields", views, "has_problems",
                     json_array_size(problems) > 0, "problems", problems);
}
