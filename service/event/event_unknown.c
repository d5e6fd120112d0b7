#include "event/event_unknown.h"

#include <stdbool.h>
#include <string.h>

static const char *slug_of(const json_t *element)
{
    return json_string_value(json_object_get(element, "slug"));
}

static json_t *find_element(const json_t *list, const char *slug)
{
    size_t i;
    json_t *element;
    json_array_foreach ((json_t *)list, i, element) {
        const char *other = slug_of(element);
        if (other && slug && strcmp(other, slug) == 0)
            return element;
    }
    return NULL;
}

/* Returns the unknown members with the slug, by which they are found again, or NULL without any. */
static json_t *unknown_of_element(const json_t *stored, const json_t *known)
{
    json_t *unknown = event_unknown(stored, known);
    if (json_object_size(unknown) > 0) {
        json_object_set(unknown, "slug", json_object_get(stored, "slug"));
        return unknown;
    }
    json_decref(unknown);
    return NULL;
}

static json_t *unknown_of_list(const json_t *stored, const json_t *known)
{
    size_t i;
    json_t *element, *list = json_array();
    json_array_foreach ((json_t *)stored, i, element) {
        json_t *same = find_element(known, slug_of(element));
        json_t *unknown = same ? unknown_of_element(element, same) : NULL;
        if (unknown)
            json_array_append_new(list, unknown);
    }
    return list;
}

/* Returns NULL if everything is known. */
static json_t *unknown_of_member(json_t *stored, const json_t *known)
{
    json_t *unknown;
    if (!known)
        return json_incref(stored);
    if (json_is_object(stored) && json_is_object(known))
        unknown = event_unknown(stored, known);
    else if (json_is_array(stored) && json_is_array(known))
        unknown = unknown_of_list(stored, known);
    else
        return NULL;
    if (json_object_size(unknown) + json_array_size(unknown) > 0)
        return unknown;
    json_decref(unknown);
    return NULL;
}

json_t *event_unknown(const json_t *stored, const json_t *known)
{
    const char *key;
    json_t *value, *unknown = json_object();
    json_object_foreach ((json_t *)stored, key, value) {
        json_t *member = unknown_of_member(value, json_object_get(known, key));
        if (member)
            json_object_set_new(unknown, key, member);
    }
    return unknown;
}

/* Calls the function for each element with unknown members. */
static void each_element(json_t *list, const json_t *unknown,
                         void (*act)(json_t *element, const json_t *unknown))
{
    size_t i;
    json_t *part;
    json_array_foreach ((json_t *)unknown, i, part) {
        json_t *element = find_element(list, slug_of(part));
        if (element)
            act(element, part);
    }
}

void event_unknown_keep(json_t *definition, const json_t *unknown)
{
    const char *key;
    json_t *part;
    json_object_foreach ((json_t *)unknown, key, part) {
        json_t *member = json_object_get(definition, key);
        if (!member)
            json_object_set_new(definition, key, json_deep_copy(part));
        else if (json_is_object(member) && json_is_object(part))
            event_unknown_keep(member, part);
        else if (json_is_array(member) && json_is_array(part))
            each_element(member, part, event_unknown_keep);
    }
}

void event_unknown_drop(json_t *file, const json_t *unknown)
{
    const char *key;
    json_t *part;
    json_object_foreach ((json_t *)unknown, key, part) {
        json_t *member = json_object_get(file, key);
        if (strcmp(key, "slug") == 0)
            continue;
        if (json_equal(member, part))
            json_object_del(file, key);
        else if (json_is_object(member) && json_is_object(part))
            event_unknown_drop(member, part);
        else if (json_is_array(member) && json_is_array(part))
            each_element(member, part, event_unknown_drop);
    }
}
