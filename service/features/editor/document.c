#include "features/editor/document.h"

#include <string.h>

#include "base/text.h"

/* --- Members --------------------------------------------------------------------------------- */

json_t *document_get(const json_t *object, const char *name)
{
    const char *dot;
    while ((dot = strchr(name, '.'))) {
        object = json_object_getn(object, name, (size_t)(dot - name));
        name = dot + 1;
    }
    return json_object_get(object, name);
}

void document_set(json_t *object, const char *name, json_t *value)
{
    const char *dot = strchr(name, '.');
    if (dot) {
        size_t length = (size_t)(dot - name);
        json_t *child = json_object_getn(object, name, length);
        if (!json_is_object(child)) {
            child = json_object();
            json_object_setn_new(object, name, length, child);
        }
        document_set(child, dot + 1, value);
        if (json_object_size(child) == 0)
            json_object_deln(object, name, length);
    } else if (!value || json_is_null(value)) {
        json_object_del(object, name);
        json_decref(value);
    } else {
        json_object_set_new(object, name, value);
    }
}

json_t *document_element(const json_t *document, const char *list, const char *slug,
                         size_t *ret_index)
{
    size_t i;
    json_t *element;
    json_array_foreach (json_object_get(document, list), i, element) {
        const char *other = json_string_value(json_object_get(element, "slug"));
        if (!other || strcmp(other, slug) != 0)
            continue;
        if (ret_index)
            *ret_index = i;
        return element;
    }
    return NULL;
}

/* --- Languages ------------------------------------------------------------------------------- */

static bool has_language(const json_t *languages, const char *code)
{
    size_t i;
    json_t *language;
    json_array_foreach ((json_t *)languages, i, language) {
        const char *other = json_string_value(language);
        if (other && strcmp(other, code) == 0)
            return true;
    }
    return false;
}

static bool is_language(const char *key)
{
    size_t length = strspn(key, "abcdefghijklmnopqrstuvwxyz");
    return (length == 2 || length == 3) && (key[length] == '\0' || key[length] == '-');
}

/* Whether the value is a text by language, also one that this program does not know. */
static bool is_text(const json_t *value)
{
    const char *key;
    json_t *said;
    json_object_foreach ((json_t *)value, key, said) {
        if (!is_language(key) || !json_is_string(said))
            return false;
    }
    return json_object_size(value) > 0;
}

/* True: the text has no language any more. */
static bool drop_from_text(json_t *text, const json_t *languages)
{
    const char *code;
    json_t *said;
    void *next;
    json_object_foreach_safe(text, next, code, said)
    {
        if (!has_language(languages, code))
            json_object_del(text, code);
    }
    return json_object_size(text) == 0;
}

static void drop_in(json_t *value, const json_t *languages)
{
    const char *key;
    size_t i;
    json_t *member;
    void *next;
    json_object_foreach_safe(value, next, key, member)
    {
        bool is_condition = strcmp(key, "shown_if") == 0; /* {"question": "answer"} */
        if (is_condition)
            continue;
        if (!is_text(member))
            drop_in(member, languages);
        else if (drop_from_text(member, languages))
            json_object_del(value, key);
    }
    json_array_foreach (value, i, member)
        drop_in(member, languages);
}

void document_drop_languages(json_t *document)
{
    drop_in(document, json_object_get(document, "languages"));
}
