#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "event/event_diff.h"

enum {
    KEY_BYTES = 200,
    SHOWN_MOST = 80, /* characters of a value in a sentence */
};

/* A difference that is put into words. */
struct telling {
    const struct locale *locale;
    const json_t *before, *after;        /* the definitions */
    const json_t *old_place, *new_place; /* in them, along the path; NULL: not there */
    char member[KEY_BYTES];              /* the path without slugs: "questions_label" */
    struct buffer label;
    bool is_element; /* the path ends at an element of a list */
    bool is_known;   /* there is a word for exactly this member */
};

static void add_word(const struct locale *locale, const char *key, const json_t *data,
                     struct buffer *out)
{
    locale_text(locale, key, data, out);
}

static bool has_word(const struct telling *telling, const char *group, const char *name,
                     char ret_key[KEY_BYTES])
{
    snprintf(ret_key, KEY_BYTES, "change.%s.%.160s", group, name); /* no key is longer */
    return locale_has(telling->locale, ret_key);
}

/* --- Names of elements ----------------------------------------------------------------------- */

static const json_t *element_of(const json_t *list, const char *slug)
{
    size_t i;
    json_t *element;
    json_array_foreach ((json_t *)list, i, element) {
        const char *other = json_string_value(json_object_get(element, "slug"));
        if (other && strcmp(other, slug) == 0)
            return element;
    }
    return NULL;
}

/* Returns a text in the language of the reader, or else in any. */
static const char *text_in(const struct locale *locale, const json_t *text)
{
    const char *said = json_string_value(json_object_get(text, locale_code(locale)));
    const char *language;
    json_t *value;
    json_object_foreach ((json_t *)text, language, value) {
        if (!said)
            said = json_string_value(value);
    }
    return said ? said : json_string_value(text);
}

static const char *name_of(const struct telling *telling, const char *slug)
{
    const json_t *element = telling->new_place ? telling->new_place : telling->old_place;
    const json_t *title = json_object_get(element, "title");
    const char *name = text_in(telling->locale, title ? title : json_object_get(element, "label"));
    return name ? name : slug;
}

/* --- The label ------------------------------------------------------------------------------- */

static void add_element(struct telling *telling, const char *list, const char *slug)
{
    char key[KEY_BYTES];
    telling->old_place = element_of(telling->old_place, slug);
    telling->new_place = element_of(telling->new_place, slug);
    json_t *data = json_pack("{s:s}", "name", name_of(telling, slug));
    if (telling->label.length > 0)
        buffer_add_text(&telling->label, ", ");
    if (has_word(telling, "thing", list, key))
        add_word(telling->locale, key, data, &telling->label);
    else
        buffer_add_text(&telling->label, name_of(telling, slug));
    json_decref(data);
}

/* Follows the path: the label gets the elements of lists, `member` the names of members. */
static void follow(struct telling *telling, const json_t *path)
{
    size_t i;
    json_t *step;
    telling->old_place = telling->before;
    telling->new_place = telling->after;
    const char *list = NULL;
    json_array_foreach ((json_t *)path, i, step) {
        const char *name = json_string_value(step);
        telling->is_element =
            json_is_array(telling->old_place) || json_is_array(telling->new_place);
        if (telling->is_element) {
            add_element(telling, list, name);
            continue;
        }
        size_t length = strlen(telling->member);
        snprintf(telling->member + length, sizeof telling->member - length, "%s%s",
                 length > 0 ? "_" : "", name);
        telling->old_place = json_object_get(telling->old_place, name);
        telling->new_place = json_object_get(telling->new_place, name);
        list = name;
    }
}

/* Texts have a member for each language. Returns the language, or NULL. */
static const char *cut_language(struct telling *telling, const json_t *path)
{
    char key[KEY_BYTES];
    size_t count = json_array_size(path);
    const char *last = json_string_value(json_array_get(path, count > 0 ? count - 1 : 0));
    const json_t *languages = json_object_get(telling->after, "languages");
    size_t i, length = strlen(telling->member), last_length = last ? strlen(last) : 0;
    json_t *language;
    if (has_word(telling, "member", telling->member, key) || length <= last_length)
        return NULL;
    json_array_foreach ((json_t *)languages, i, language) {
        if (strcmp(json_string_value(language), last) == 0) {
            telling->member[length - last_length - 1] = '\0';
            return last;
        }
    }
    return NULL;
}

static void add_language(struct telling *telling, const char *language)
{
    char key[KEY_BYTES];
    snprintf(key, sizeof key, "history.language.%s", language);
    buffer_add_text(&telling->label, " (");
    if (locale_has(telling->locale, key))
        add_word(telling->locale, key, NULL, &telling->label);
    else
        buffer_add_text(&telling->label, language);
    buffer_add_char(&telling->label, ')');
}

/* A member that has no word, because a newer program made it, is named by what it is in. */
static void add_member(struct telling *telling)
{
    char key[KEY_BYTES], *end;
    telling->is_known = has_word(telling, "member", telling->member, key);
    bool is_in_element = telling->label.length > 0;
    while (!locale_has(telling->locale, key) && (end = strrchr(telling->member, '_')) &&
           !(is_in_element && end == strchr(telling->member, '_'))) {
        *end = '\0';
        has_word(telling, "member", telling->member, key);
    }
    if (!locale_has(telling->locale, key))
        has_word(telling, "member", "other", key);
    if (telling->label.length > 0)
        buffer_add_text(&telling->label, ": ");
    add_word(telling->locale, key, NULL, &telling->label);
}

static void say_label(struct telling *telling, const json_t *path)
{
    follow(telling, path);
    if (telling->is_element) {
        telling->is_known = true;
        return;
    }
    const char *language = cut_language(telling, path);
    add_member(telling);
    if (language)
        add_language(telling, language);
}

/* --- Values ---------------------------------------------------------------------------------- */

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* "2026-10-25T02:30+02:00" → "25 October 2026, 02:30" */
static bool add_time(const struct locale *locale, const char *text, struct buffer *out)
{
    char local[] = "2026-10-25T02:30";
    if (strlen(text) < sizeof local - 1)
        return false;
    memcpy(local, text, sizeof local - 1);
    if (!locale_format_local(locale, local, LOCALE_DATE_SHORT, out))
        return false;
    buffer_add_text(out, ", ");
    if (!locale_format_local(locale, local, LOCALE_TIME, out))
        return false;
    if (strlen(text) > sizeof local - 1)
        buffer_printf(out, " (UTC%s)", text + sizeof local - 1);
    return true;
}

static void add_list(const struct telling *telling, const json_t *list, struct buffer *out);

static void add_value(const struct telling *telling, const json_t *value, struct buffer *out)
{
    char key[KEY_BYTES];
    const char *text = json_string_value(value);
    bool is_time = ends_with(telling->member, "_at") || ends_with(telling->member, "until");
    bool is_word = ends_with(telling->member, "_kind") || ends_with(telling->member, "_asked_by");
    if (json_is_boolean(value))
        add_word(telling->locale, json_is_true(value) ? "change.yes" : "change.no", NULL, out);
    else if (json_is_integer(value))
        locale_format_number(telling->locale, json_integer_value(value), out);
    else if (json_is_array(value))
        add_list(telling, value, out);
    else if (text && is_time && add_time(telling->locale, text, out))
        return;
    else if (text && is_word && has_word(telling, "value", text, key))
        add_word(telling->locale, key, NULL, out);
    else if (text)
        buffer_add_text(out, text);
}

static void add_list(const struct telling *telling, const json_t *list, struct buffer *out)
{
    size_t i;
    json_t *element;
    json_array_foreach ((json_t *)list, i, element) {
        const json_t *title = json_object_get(element, "title");
        buffer_add_text(out, i > 0 ? ", " : "");
        if (json_is_object(element))
            buffer_add_text(out, title ? text_in(telling->locale, title) : "…");
        else
            add_value(telling, element, out);
    }
}

/* A boolean that is absent has its default, so it is not the one that it became or was. */
static json_t *value_of(const json_t *difference, const char *side)
{
    bool is_before = strcmp(side, "before") == 0;
    json_t *value = json_object_get(difference, side);
    const json_t *other = json_object_get(difference, is_before ? "after" : "before");
    if (value || !json_is_boolean(other))
        return json_incref(value);
    return json_boolean(json_is_false(other));
}

/* Sets nothing if there is no value, or none that people can read. */
static void set_value(const struct telling *telling, const json_t *difference, const char *side,
                      json_t *view)
{
    json_t *value = value_of(difference, side);
    struct buffer text;
    buffer_init(&text);
    if (value && telling->is_known && !telling->is_element && !json_is_object(value))
        add_value(telling, value, &text);
    if (text.length > 0)
        json_object_set_new(view, side, json_string(buffer_text(&text)));
    buffer_finish(&text);
    json_decref(value);
}

/* --- Sentences ------------------------------------------------------------------------------- */

static bool is_short(const json_t *view, const char *side)
{
    const char *text = json_string_value(json_object_get(view, side));
    return !text || (text_length(text) <= SHOWN_MOST && !strchr(text, '\n'));
}

/* Returns the key of the sentence. */
static const char *sentence(const struct telling *telling, const json_t *difference,
                            const json_t *view)
{
    bool had = json_object_get(view, "before"), has = json_object_get(view, "after");
    if (json_object_get(difference, "order"))
        return "change.order";
    if (telling->is_element)
        return json_object_get(difference, "before") ? "change.removed" : "change.added";
    if (!is_short(view, "before") || !is_short(view, "after") || (!had && !has))
        return "change.changed";
    return had && has ? "change.from_to" : has ? "change.now" : "change.no_more";
}

static json_t *say(struct telling *telling, const json_t *difference)
{
    struct buffer text;
    buffer_init(&telling->label);
    buffer_init(&text);
    say_label(telling, json_object_get(difference, "path"));
    json_t *view = json_pack("{s:s}", "label", buffer_text(&telling->label));
    set_value(telling, difference, "before", view);
    set_value(telling, difference, "after", view);
    locale_text(telling->locale, sentence(telling, difference, view), view, &text);
    json_object_set_new(view, "text", json_string(buffer_text(&text)));
    if (!is_short(view, "before") || !is_short(view, "after"))
        json_object_set_new(view, "is_long", json_true());
    buffer_finish(&telling->label);
    buffer_finish(&text);
    return view;
}

json_t *event_diff_say(const json_t *differences, const json_t *before, const json_t *after,
                       const struct locale *locale)
{
    size_t i;
    json_t *difference, *views = json_array();
    json_array_foreach ((json_t *)differences, i, difference) {
        struct telling telling = {.locale = locale, .before = before, .after = after};
        json_array_append_new(views, say(&telling, difference));
    }
    return views;
}
