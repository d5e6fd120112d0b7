#include "http/urlencoded.h"

#include "base/memory.h"
#include "base/text.h"

enum { INDEX_DIGITS = 2 };

/* While the form is read, a list is an object whose keys are indexes. `urlencoded_settle` makes it
 * an array when all indexes are known. */

static bool is_index(const char *key)
{
    size_t length = strlen(key);
    return length >= 1 && length <= INDEX_DIGITS && strspn(key, "0123456789") == length &&
           (length == 1 || key[0] != '0');
}

/* A dotted name in the tree: the parent node and the last key. */
struct place {
    json_t *parent;
    const char *key;
    bool is_list;
};

/* Cuts off the next part of a dotted name, in place. NULL: it is empty. */
static char *cut_part(char **rest)
{
    char *part = *rest, *dot = strchr(part, '.');
    if (dot)
        *dot = '\0';
    *rest = dot ? dot + 1 : NULL;
    return *part ? part : NULL;
}

static bool find_place(json_t *root, char *name, struct place *ret)
{
    size_t length = strlen(name);
    ret->is_list = length > 2 && strcmp(name + length - 2, "[]") == 0;
    if (ret->is_list)
        name[length - 2] = '\0';
    json_t *node = root;
    char *rest = name;
    for (int depth = 0; depth < URLENCODED_DEPTH_MOST; depth++) {
        const char *part = cut_part(&rest);
        if (!part || !json_is_object(node))
            return false;
        if (!rest) {
            ret->parent = node;
            ret->key = part;
            return true;
        }
        json_t *child = json_object_get(node, part);
        if (!child) {
            child = json_object();
            json_object_set_new(node, part, child);
        }
        node = child;
    }
    return false;
}

static bool put(const struct place *place, const char *value)
{
    json_t *there = json_object_get(place->parent, place->key);
    if (json_is_object(there))
        return false;
    if (json_is_array(there))
        return json_array_append_new(there, json_string(value)) == 0;
    if (!there && !place->is_list)
        return json_object_set_new(place->parent, place->key, json_string(value)) == 0;
    json_t *list = json_array();
    if (there)
        json_array_append(list, there);
    json_array_append_new(list, json_string(value));
    return json_object_set_new(place->parent, place->key, list) == 0;
}

/* Browsers send line ends as CR LF (WHATWG HTML, section 4.10.21.8). */
static void use_line_feeds(char *text)
{
    char *end = text;
    for (const char *at = text; *at; at++) {
        if (*at != '\r' || at[1] != '\n')
            *end++ = *at;
    }
    *end = '\0';
}

bool urlencoded_put(json_t *object, char *name, char *value)
{
    struct place place;
    if (!find_place(object, name, &place))
        return false;
    use_line_feeds(value);
    return put(&place, value);
}

static bool add_field(json_t *root, struct arena *arena, const char *field, size_t length)
{
    const char *equals = memchr(field, '=', length);
    size_t name_length = equals ? (size_t)(equals - field) : length;
    const char *from = equals ? equals + 1 : field + length;
    char *name = percent_decode_form(arena, field, name_length);
    char *value = percent_decode_form(arena, from, (size_t)(field + length - from));
    return name && value && urlencoded_put(root, name, value);
}

static bool has_only_indexes(json_t *object)
{
    const char *key;
    json_t *value;
    json_object_foreach (object, key, value) {
        if (!is_index(key))
            return false;
    }
    return json_object_size(object) > 0;
}

/* Makes a list from an object of indexes, in their order and without gaps. */
static json_t *make_list(json_t *object)
{
    json_t *list = json_array();
    for (int i = 0; i <= URLENCODED_INDEX_MOST; i++) {
        char key[INDEX_DIGITS + 2];
        snprintf(key, sizeof key, "%d", i);
        json_t *value = json_object_get(object, key);
        if (value)
            json_array_append(list, value);
    }
    return list;
}

/* The depth of the tree is bounded by find_place. */
void urlencoded_settle(json_t *object)
{
    const char *key;
    json_t *value;
    void *next;
    json_object_foreach_safe(object, next, key, value)
    {
        if (!json_is_object(value))
            continue;
        urlencoded_settle(value);
        if (has_only_indexes(value))
            json_object_set_new(object, key, make_list(value));
    }
}

static bool add_fields(json_t *root, struct arena *arena, const char *body, size_t length,
                       int fields_most)
{
    const char *at = body, *end = body + length;
    int fields = 0;
    while (at < end) {
        const char *ampersand = memchr(at, '&', (size_t)(end - at));
        const char *stop = ampersand ? ampersand : end;
        if (stop > at) {
            if (++fields > fields_most || !add_field(root, arena, at, (size_t)(stop - at)))
                return false;
        }
        at = stop + 1;
    }
    return true;
}

bool urlencoded_parse(const char *body, size_t length, int fields_most, json_t **ret_json)
{
    struct arena arena;
    arena_init(&arena);
    json_t *root = json_object();
    bool parsed = add_fields(root, &arena, body, length, fields_most);
    arena_finish(&arena);
    if (!parsed) {
        json_decref(root);
        return false;
    }
    urlencoded_settle(root);
    *ret_json = root;
    return true;
}
