#include "event/history.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "view/escape.h"

enum { KEY_BYTES = 128 };

static json_t *text_of(const struct locale *locale, const char *key, const json_t *data)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(locale, key, data, &text);
    json_t *json = json_string(buffer_text(&text));
    buffer_finish(&text);
    return json;
}

/* The word for a member's value, like history.status.confirmed; else the value itself. */
static json_t *value_text(const struct locale *locale, const char *member, json_t *value)
{
    char key[KEY_BYTES];
    if (json_is_boolean(value))
        return text_of(locale, json_is_true(value) ? "answer.yes" : "answer.no", NULL);
    if (!json_is_string(value)) {
        char *text = json_dumps(value, JSON_ENCODE_ANY | ESCAPE_REALS);
        json_t *json = json_string(text);
        free(text);
        return json;
    }
    snprintf(key, sizeof key, "history.%s.%s", member, json_string_value(value));
    return locale_has(locale, key) ? text_of(locale, key, NULL) : json_incref(value);
}

static json_t *change_view(const struct locale *locale, json_t *change)
{
    static const char *const sides[] = {"before", "after"};
    char key[KEY_BYTES];
    const char *member = json_string_value(json_object_get(change, "member"));
    json_t *label = json_object_get(change, "label");
    snprintf(key, sizeof key, "history.member.%s", member);
    json_t *view = json_object();
    if (label)
        json_object_set(view, "label", label);
    else if (locale_has(locale, key))
        json_object_set_new(view, "label", text_of(locale, key, NULL));
    else
        json_object_set_new(view, "label", json_string(member));
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        json_t *value = json_object_get(change, sides[i]);
        if (value)
            json_object_set_new(view, sides[i], value_text(locale, member, value));
    }
    return view;
}

static json_t *changes_view(const struct locale *locale, const json_t *changes)
{
    size_t i;
    json_t *change, *views = json_array();
    json_array_foreach (changes, i, change) {
        if (json_object_get(change, "before") || json_object_get(change, "after"))
            json_array_append_new(views, change_view(locale, change));
    }
    return views;
}

json_t *history_who(const json_t *entry, const struct locale *locale)
{
    char key[KEY_BYTES];
    const char *actor = json_string_value(json_object_get(entry, "actor"));
    snprintf(key, sizeof key, "history.who.%.*s", (int)strcspn(actor, " "), actor);
    return locale_has(locale, key) ? text_of(locale, key, entry) : json_string(actor);
}

json_t *history_action(const char *action, const struct locale *locale)
{
    char key[KEY_BYTES];
    snprintf(key, sizeof key, "history.action.%s", action);
    return locale_has(locale, key) ? text_of(locale, key, NULL) : json_string(action);
}

void history_say(json_t *entry, const struct locale *locale)
{
    const char *action = json_string_value(json_object_get(entry, "action"));
    json_object_set_new(entry, "text", history_action(action, locale));
    json_object_set_new(entry, "who", history_who(entry, locale));
    json_t *changes = changes_view(locale, json_object_get(entry, "changes"));
    json_object_set_new(entry, "has_changes", json_boolean(json_array_size(changes) > 0));
    json_object_set_new(entry, "changes", changes);
}
