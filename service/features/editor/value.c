#include "features/editor/value.h"

#include <string.h>

#include "base/text.h"
#include "event/event_slug.h"
#include "event/event.h"
#include "features/editor/document.h"
#include "form/kind.h"
#include "http/request.h"
#include "view/locale.h"

enum { NUMBER_DIGITS_MOST = 15 };

bool value_has_languages(const struct edit_field *field)
{
    return field->control == EDIT_TEXTS || field->control == EDIT_PARAGRAPH ||
           field->control == EDIT_MARKDOWN;
}

const char *value_name(const struct edit *edit, const struct edit_field *field,
                       const char *language)
{
    return language ? arena_printf(request_arena(edit->request), "%s.%s", field->name, language)
                    : field->name;
}

/* --- Of a definition ------------------------------------------------------------------------- */

static json_t *usual_number(const struct edit_field *field)
{
    return field->usual >= 0 ? json_integer(field->usual) : json_null();
}

json_t *value_stored(const struct edit_field *field, const char *language, const json_t *object)
{
    json_t *stored = document_get(object, field->name);
    bool is_given = stored && !json_is_null(stored);
    if (language && json_is_object(stored))
        stored = json_object_get(stored, language);
    else if (!is_given && field->control == EDIT_CHECK)
        return json_boolean(field->is_usual);
    else if (!is_given && field->control == EDIT_NUMBER)
        return usual_number(field);
    return stored ? json_incref(stored) : json_null();
}

/* --- Of a form ------------------------------------------------------------------------------- */

/* The last one, because a box has a hidden field before it that says that it is not ticked. */
static const char *last_text(const json_t *typed)
{
    if (json_is_array(typed))
        typed = json_array_get(typed, json_array_size(typed) - 1);
    return json_string_value(typed);
}

static json_t *typed_text(const struct edit *edit, const json_t *typed)
{
    const char *text = last_text(typed);
    const char *clean = text ? text_clean_lines(request_arena(edit->request), text) : NULL;
    return clean && *clean ? json_string(clean) : json_null();
}

static json_t *typed_number(const struct edit *edit, const struct edit_field *field,
                            const json_t *typed)
{
    json_t *text = typed_text(edit, typed);
    const char *digits = json_string_value(text);
    if (!digits) {
        json_decref(text);
        return usual_number(field);
    }
    size_t length = strspn(digits, "0123456789");
    if (digits[length] != '\0' || length > NUMBER_DIGITS_MOST)
        return text;
    json_t *number = json_integer(strtoll(digits, NULL, 10));
    json_decref(text);
    return number;
}

/* Of the two times that the clocks offer, the chosen one counts as long as day and time are those
 * for which they were offered. */
static json_t *typed_time(const struct edit *edit, const json_t *typed)
{
    struct arena *arena = request_arena(edit->request);
    const char *date = last_text(json_object_get(typed, "date"));
    const char *time = last_text(json_object_get(typed, "time"));
    const char *choice = last_text(json_object_get(typed, "choice"));
    const char *offered = last_text(json_object_get(typed, "offered"));
    if ((!date || !*date) && (!time || !*time))
        return json_null();
    const char *local = arena_printf(arena, "%sT%s", date ? date : "", time ? time : "");
    bool is_chosen = choice && *choice && offered && strcmp(offered, local) == 0;
    return json_string(is_chosen ? choice : local);
}

static json_t *typed_languages(const json_t *typed)
{
    const char *first = last_text(json_object_get(typed, "main"));
    json_t *languages = json_array(), *others = json_object_get(typed, "others"), *other;
    size_t i;
    json_array_append_new(languages, json_string(first ? first : ""));
    json_array_foreach (others, i, other) {
        const char *code = json_string_value(other);
        if (code && *code && !(first && strcmp(code, first) == 0))
            json_array_append(languages, other);
    }
    return languages;
}

/* An address may end in a slash, as browsers show it. */
static json_t *typed_origins(const struct edit *edit, const json_t *typed)
{
    struct arena *arena = request_arena(edit->request);
    const char *text = last_text(typed);
    json_t *origins = json_array();
    for (const char *at = text ? text : ""; *at;) {
        size_t length = strcspn(at, "\n");
        char *line = text_clean(arena, arena_copy_bytes(arena, at, length));
        size_t end = line ? strlen(line) : 0;
        while (end > 0 && line[end - 1] == '/')
            line[--end] = '\0';
        if (end > 0)
            json_array_append_new(origins, json_string(line));
        at += length + (at[length] == '\n');
    }
    return origins;
}

static json_t *typed_list(const json_t *typed)
{
    json_t *list = json_array(), *item;
    size_t i;
    json_array_foreach ((json_t *)typed, i, item) {
        if (json_string_length(item) > 0)
            json_array_append(list, item);
    }
    return list;
}

static json_t *null_if_empty(json_t *list)
{
    if (json_array_size(list) > 0)
        return list;
    json_decref(list);
    return json_null();
}

/* "lunch=true" */
static json_t *typed_condition(const struct edit *edit, const json_t *typed)
{
    const char *text = last_text(typed), *equals = text ? strchr(text, '=') : NULL;
    if (!equals)
        return json_null();
    const char *slug =
        arena_copy_bytes(request_arena(edit->request), text, (size_t)(equals - text));
    const json_t *earlier = document_element(edit->document, "questions", slug, NULL);
    const char *kind = json_string_value(json_object_get(earlier, "kind"));
    json_t *answer = kind && strcmp(kind, kinds[KIND_YES_NO].name) == 0
                         ? json_boolean(strcmp(equals + 1, "true") == 0)
                         : json_string(equals + 1);
    return json_pack("{s:o}", slug, answer);
}

/* --- Choices --------------------------------------------------------------------------------- */

/* All slugs that choices of the question have or had. */
static json_t *taken_slugs(const struct edit *edit, const json_t *choices)
{
    json_t *taken = json_array(), *choice;
    size_t i;
    const struct question *question =
        edit->slug ? event_question(request_event(edit->request), edit->slug) : NULL;
    json_array_foreach ((json_t *)choices, i, choice)
        json_array_append(taken, json_object_get(choice, "slug"));
    for (size_t k = 0; question && k < question->choice_count + question->former_choice_count; k++)
        json_array_append_new(taken, json_string(question->choices[k].slug));
    return taken;
}

static const char *first_text(const json_t *text)
{
    const char *code;
    json_t *said;
    json_object_foreach ((json_t *)text, code, said)
        return json_string_value(said);
    return "";
}

static json_t *find_choice(const json_t *choices, const char *slug)
{
    size_t i;
    json_t *choice;
    json_array_foreach ((json_t *)choices, i, choice) {
        const char *other = json_string_value(json_object_get(choice, "slug"));
        if (other && strcmp(other, slug) == 0)
            return choice;
    }
    return NULL;
}

static json_t *typed_label(const struct edit *edit, const json_t *typed)
{
    json_t *label = json_object(), *said;
    const char *code;
    json_object_foreach ((json_t *)typed, code, said)
        document_set(label, code, typed_text(edit, said));
    return label;
}

/* The rows of a form have the keys "c-SLUG", and "n-0" and so on for new ones. A row without a
 * label is no choice. `earlier` are the choices that the page showed. */
static json_t *typed_choices(const struct edit *edit, const json_t *typed, const json_t *earlier)
{
    struct arena *arena = request_arena(edit->request);
    json_t *choices = json_array(), *row, *taken = taken_slugs(edit, earlier);
    const char *key;
    json_object_foreach ((json_t *)typed, key, row) {
        json_t *label = typed_label(edit, json_object_get(row, "label"));
        bool is_old = strncmp(key, "c-", 2) == 0 && text_is_slug(key + 2, EVENT_SLUG_MOST);
        if (json_object_size(label) == 0) {
            json_decref(label);
            continue;
        }
        const char *slug =
            is_old ? key + 2 : event_slug(arena, first_text(label), taken, EVENT_SLUG_MOST);
        json_t *known = find_choice(earlier, slug);
        json_t *choice = known ? json_copy(known) : json_pack("{s:s}", "slug", slug);
        json_object_set_new(choice, "label", label);
        json_array_append_new(taken, json_string(slug));
        json_array_append_new(choices, choice);
    }
    json_decref(taken);
    return null_if_empty(choices);
}

json_t *value_typed(const struct edit *edit, const struct edit_field *field, const char *language,
                    const json_t *typed)
{
    const char *kind = last_text(json_object_get(typed, "kind"));
    const json_t *element = edit_object(edit);
    typed = document_get(typed, value_name(edit, field, language));
    if (!typed)
        return NULL;
    switch (field->control) {
    case EDIT_LINE:
    case EDIT_TEXTS:
    case EDIT_PARAGRAPH:
    case EDIT_MARKDOWN:
    case EDIT_ZONE:
    case EDIT_KIND:
    case EDIT_COMPANY:
        return typed_text(edit, typed);
    case EDIT_TIME:
        return typed_time(edit, typed);
    case EDIT_NUMBER:
        return typed_number(edit, field, typed);
    case EDIT_CHECK:
        return json_boolean(last_text(typed) && strcmp(last_text(typed), "true") == 0);
    case EDIT_LANGUAGES:
        return typed_languages(typed);
    case EDIT_ORIGINS:
        return null_if_empty(typed_origins(edit, typed));
    case EDIT_DAYS:
    case EDIT_TYPES:
        return null_if_empty(typed_list(typed));
    case EDIT_CONDITION:
        return typed_condition(edit, typed);
    case EDIT_ASKED_BY:
        return last_text(typed) && strcmp(last_text(typed), "organiser") == 0
                   ? json_string("organiser")
                   : json_null();
    case EDIT_CHOICES:
        break;
    }
    enum kind_id id;
    if (!kind)
        kind = json_string_value(json_object_get(element, "kind"));
    if (kind_asked(kind, &id) && !kinds[id].has_choices)
        return json_null();
    return typed_choices(
        edit, typed, json_object_get(edit->base_object ? edit->base_object : element, field->name));
}

/* --- Into a definition ----------------------------------------------------------------------- */

/* A text for all languages becomes one by language. */
static void spread_text(const struct edit *edit, const struct edit_field *field, json_t *object)
{
    json_t *stored = document_get(object, field->name), *texts, *code;
    size_t i;
    if (!json_is_string(stored))
        return;
    texts = json_object();
    json_array_foreach (json_object_get(edit->document, "languages"), i, code)
        json_object_set(texts, json_string_value(code), stored);
    document_set(object, field->name, texts);
}

void value_set(const struct edit *edit, const struct edit_field *field, const char *language,
               json_t *object, json_t *value)
{
    bool is_usual = (field->control == EDIT_CHECK && json_is_true(value) == field->is_usual) ||
                    (field->control == EDIT_NUMBER && json_is_integer(value) &&
                     json_integer_value(value) == field->usual);
    if (language)
        spread_text(edit, field, object);
    if (is_usual) {
        json_decref(value);
        value = NULL;
    }
    document_set(object, value_name(edit, field, language), value);
    if (field->control == EDIT_LANGUAGES)
        document_drop_languages(object);
}

/* --- For people ------------------------------------------------------------------------------ */

const char *value_language(struct request *request, const char *code)
{
    const char *key = arena_printf(request_arena(request), "editor.language.%s", code);
    return locale_has(request_locale(request), key) ? edit_word(request, key, NULL)
                                                    : arena_copy(request_arena(request), code);
}

static const char *label_of(const struct edit *edit, const json_t *object, const char *member)
{
    return edit_text(json_object_get(object, member), locale_code(request_locale(edit->request)));
}

const char *value_condition(const struct edit *edit, const json_t *shown_if)
{
    const char *slug;
    json_t *answer;
    json_object_foreach ((json_t *)shown_if, slug, answer) {
        const json_t *earlier = document_element(edit->document, "questions", slug, NULL);
        const json_t *choice = find_choice(json_object_get(earlier, "choices"),
                                           json_is_string(answer) ? json_string_value(answer) : "");
        const char *text =
            json_is_boolean(answer)
                ? edit_word(edit->request, json_is_true(answer) ? "editor.yes" : "editor.no", NULL)
                : label_of(edit, choice, "label");
        return arena_printf(request_arena(edit->request), "%s – %s",
                            label_of(edit, earlier, "label"), text);
    }
    return NULL;
}

static const char *say_item(const struct edit *edit, const struct edit_field *field,
                            const json_t *item)
{
    const char *text = json_string_value(item);
    struct buffer date;
    if (field->control == EDIT_CHOICES)
        return label_of(edit, item, "label");
    if (field->control == EDIT_LANGUAGES)
        return value_language(edit->request, text ? text : "");
    if (field->control == EDIT_TYPES)
        return label_of(edit, document_element(edit->document, "ticket_types", text, NULL),
                        "title");
    if (field->control != EDIT_DAYS)
        return text ? text : "";
    buffer_init(&date);
    if (!text || !locale_format_local(request_locale(edit->request), text, LOCALE_DATE_LONG, &date))
        buffer_add_text(&date, text ? text : "");
    const char *copy = arena_copy(request_arena(edit->request), buffer_text(&date));
    buffer_finish(&date);
    return copy;
}

static const char *say_time(const struct edit *edit, const char *value)
{
    size_t length = strlen(value), minute = strlen("2026-05-13T10:00");
    const char *time =
        arena_copy_bytes(request_arena(edit->request), value, length < minute ? length : minute);
    struct buffer text;
    buffer_init(&text);
    if (locale_format_local(request_locale(edit->request), time, LOCALE_DATE_LONG, &text)) {
        buffer_add_text(&text, ", ");
        if (!locale_format_local(request_locale(edit->request), time, LOCALE_TIME, &text))
            buffer_add_text(&text, time);
    } else {
        buffer_add_text(&text, time);
    }
    const char *copy = arena_copy(request_arena(edit->request), buffer_text(&text));
    buffer_finish(&text);
    return copy;
}

const char *value_say(const struct edit *edit, const struct edit_field *field, const json_t *value)
{
    struct arena *arena = request_arena(edit->request);
    const char *text = json_string_value(value), *all = "";
    size_t i;
    json_t *item;
    json_array_foreach ((json_t *)value, i, item)
        all = arena_printf(arena, "%s%s%s", all, i > 0 ? ", " : "", say_item(edit, field, item));
    if (*all)
        return all;
    if (json_is_boolean(value))
        return edit_word(edit->request, json_is_true(value) ? "editor.yes" : "editor.no", NULL);
    if (json_is_integer(value))
        return arena_printf(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    if (field->control == EDIT_CONDITION && json_is_object(value))
        return value_condition(edit, value);
    if (field->control == EDIT_ASKED_BY)
        return edit_word(edit->request,
                         text ? "editor.asked_by.organiser" : "editor.asked_by.guest", NULL);
    if (!text)
        return edit_word(edit->request, "editor.nothing", NULL);
    if (field->control == EDIT_TIME)
        return say_time(edit, text);
    if (field->control == EDIT_COMPANY)
        return label_of(edit, document_element(edit->document, "questions", text, NULL), "label");
    if (field->control == EDIT_KIND)
        return edit_word(edit->request, arena_printf(arena, "editor.kind.%s", text), NULL);
    return arena_copy(arena, text);
}
