#include "event/event_diff.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "view/escape.h"

enum { VALUE_SHOWN_MOST = 60 };

/* Lists whose elements have slugs, and the word for one element. */
static const struct {
    const char *key, *thing;
} named_lists[] = {
    {"ticket_types", "ticket type"},
    {"questions", "question"},
    {"consents", "consent"},
    {"doors", "door"},
    {"choices", "choice"},
    {"programme", "programme item"},
    {NULL, NULL},
};

static const char *thing_of(const char *key)
{
    int i = 0;
    while (named_lists[i].key && strcmp(named_lists[i].key, key) != 0)
        i++;
    return named_lists[i].thing;
}

/* --- Comparing ------------------------------------------------------------------------------- */

struct comparison {
    json_t *differences;
    json_t *path; /* of what is compared now */
};

static void compare(struct comparison *comparison, const json_t *before, const json_t *after);

static void enter(struct comparison *comparison, const char *name)
{
    json_array_append_new(comparison->path, json_string(name));
}

static void leave(struct comparison *comparison)
{
    json_array_remove(comparison->path, json_array_size(comparison->path) - 1);
}

static json_t *add_difference(struct comparison *comparison)
{
    json_t *difference = json_pack("{s:o}", "path", json_copy(comparison->path));
    json_array_append_new(comparison->differences, difference);
    return difference;
}

static void add_change(struct comparison *comparison, const json_t *before, const json_t *after)
{
    json_t *difference = add_difference(comparison);
    if (before)
        json_object_set(difference, "before", (json_t *)before);
    if (after)
        json_object_set(difference, "after", (json_t *)after);
}

static const char *slug_of(const json_t *element)
{
    return json_string_value(json_object_get(element, "slug"));
}

static const json_t *find(const json_t *list, const char *slug)
{
    size_t i;
    json_t *element;
    json_array_foreach ((json_t *)list, i, element) {
        if (strcmp(slug_of(element), slug) == 0)
            return element;
    }
    return NULL;
}

/* Compares the order of the elements that both lists have. */
static bool same_order(const json_t *before, const json_t *after)
{
    size_t i, at = 0;
    json_t *element;
    json_array_foreach ((json_t *)after, i, element) {
        const char *slug = slug_of(element);
        if (!find(before, slug))
            continue;
        const char *here;
        do {
            here = slug_of(json_array_get(before, at++));
        } while (here && !find(after, here));
        if (!here || strcmp(here, slug) != 0)
            return false;
    }
    return true;
}

static void compare_element(struct comparison *comparison, const char *slug, const json_t *before,
                            const json_t *after)
{
    enter(comparison, slug);
    if (before && after)
        compare(comparison, before, after);
    else
        add_change(comparison, before, after);
    leave(comparison);
}

static void compare_lists(struct comparison *comparison, const json_t *before, const json_t *after)
{
    size_t i;
    json_t *element;
    json_array_foreach ((json_t *)before, i, element) {
        if (!find(after, slug_of(element)))
            compare_element(comparison, slug_of(element), element, NULL);
    }
    json_array_foreach ((json_t *)after, i, element) {
        const char *slug = slug_of(element);
        compare_element(comparison, slug, find(before, slug), element);
    }
    if (!same_order(before, after))
        json_object_set_new(add_difference(comparison), "order", json_true());
}

/* The ticket types of a door are strings, and lists of a newer version may have other elements. */
static bool has_slugs(const json_t *list)
{
    size_t i;
    json_t *element;
    json_array_foreach ((json_t *)list, i, element) {
        if (!slug_of(element))
            return false;
    }
    return !list || json_is_array(list);
}

static void compare_member(struct comparison *comparison, const char *key, const json_t *before,
                           const json_t *after)
{
    enter(comparison, key);
    if (thing_of(key) && has_slugs(before) && has_slugs(after))
        compare_lists(comparison, before, after);
    else
        compare(comparison, before, after);
    leave(comparison);
}

static void compare(struct comparison *comparison, const json_t *before, const json_t *after)
{
    const char *key;
    json_t *value;
    if (json_equal(before, after))
        return;
    if (!json_is_object(before) || !json_is_object(after)) {
        add_change(comparison, before, after);
        return;
    }
    json_object_foreach ((json_t *)before, key, value)
        compare_member(comparison, key, value, json_object_get(after, key));
    json_object_foreach ((json_t *)after, key, value) {
        if (!json_object_get(before, key))
            compare_member(comparison, key, NULL, value);
    }
}

json_t *event_diff(const json_t *before, const json_t *after)
{
    struct comparison comparison = {.differences = json_array(), .path = json_array()};
    compare(&comparison, before, after);
    json_decref(comparison.path);
    return comparison.differences;
}

/* --- For the command line -------------------------------------------------------------------- */

/* Returns whether the path ends at an element of a list. */
static bool write_path(const json_t *path, struct buffer *out)
{
    size_t count = json_array_size(path);
    bool is_slug = false, ends_with_slug = false;
    for (size_t i = 0; i < count; i++) {
        const char *name = json_string_value(json_array_get(path, i));
        const char *thing = is_slug || i + 1 == count ? NULL : thing_of(name);
        buffer_printf(out, "%s%s", i > 0 ? " " : "", thing ? thing : name);
        ends_with_slug = is_slug;
        is_slug = thing != NULL;
    }
    return ends_with_slug;
}

static void write_value(struct buffer *out, const json_t *value)
{
    if (!value || json_is_null(value)) {
        buffer_add_text(out, "none");
        return;
    }
    char *text = json_dumps(value, JSON_ENCODE_ANY | ESCAPE_REALS);
    buffer_add_text(out, text);
    free(text);
}

static void write_change(const json_t *before, const json_t *after, struct buffer *out)
{
    struct buffer old, new;
    buffer_init(&old);
    buffer_init(&new);
    write_value(&old, before);
    write_value(&new, after);
    if (text_length(buffer_text(&old)) > VALUE_SHOWN_MOST ||
        text_length(buffer_text(&new)) > VALUE_SHOWN_MOST)
        buffer_add_text(out, !before ? "added" : !after ? "removed" : "changed");
    else
        buffer_printf(out, "%s → %s", buffer_text(&old), buffer_text(&new));
    buffer_finish(&old);
    buffer_finish(&new);
}

static void write_difference(const json_t *difference, struct buffer *out)
{
    const json_t *before = json_object_get(difference, "before");
    const json_t *after = json_object_get(difference, "after");
    bool is_element = write_path(json_object_get(difference, "path"), out);
    buffer_add_text(out, " ");
    if (json_object_get(difference, "order"))
        buffer_add_text(out, "in another order");
    else if (is_element)
        buffer_add_text(out, before ? "removed" : "added");
    else
        write_change(before, after, out);
}

void event_diff_write(const json_t *differences, const char *lead, const char *tail,
                      struct buffer *out)
{
    size_t i;
    json_t *difference;
    json_array_foreach ((json_t *)differences, i, difference) {
        buffer_add_text(out, lead);
        write_difference(difference, out);
        buffer_add_text(out, tail);
    }
}
