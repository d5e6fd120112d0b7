#include "features/event/event_diff.h"

#include "base/text.h"

enum { VALUE_SHOWN_MOST = 60, PATH_BYTES = 400 };

struct comparison {
    const char *lead, *tail; /* before and after each difference */
    struct buffer *out;
    size_t differences;
};

/* Lists whose items have slugs, and the word for one item. */
static const struct {
    const char *key, *thing;
} named_lists[] = {
    {"ticket_types", "ticket type"}, {"questions", "question"},
    {"consents", "consent"},         {"doors", "door"},
    {"choices", "choice"},           {NULL, NULL},
};

static void compare(struct comparison *comparison, const char *path, const json_t *before,
                    const json_t *after);

static void add_difference(struct comparison *comparison, const char *path, const char *what)
{
    buffer_printf(comparison->out, "%s%s %s%s", comparison->lead, path, what, comparison->tail);
    comparison->differences++;
}

static void add_value(struct buffer *out, const json_t *value)
{
    if (!value || json_is_null(value)) {
        buffer_add_text(out, "none");
        return;
    }
    char *text = json_dumps(value, JSON_ENCODE_ANY);
    buffer_add_text(out, text);
    free(text);
}

static void add_change(struct comparison *comparison, const char *path, const json_t *before,
                       const json_t *after)
{
    struct buffer old, new;
    buffer_init(&old);
    buffer_init(&new);
    add_value(&old, before);
    add_value(&new, after);
    if (text_length(buffer_text(&old)) > VALUE_SHOWN_MOST ||
        text_length(buffer_text(&new)) > VALUE_SHOWN_MOST) {
        add_difference(comparison, path, !before ? "added" : !after ? "removed" : "changed");
    } else {
        buffer_add_text(&old, " → ");
        buffer_add_text(&old, buffer_text(&new));
        add_difference(comparison, path, buffer_text(&old));
    }
    buffer_finish(&old);
    buffer_finish(&new);
}

static const json_t *find(const json_t *list, const char *slug)
{
    size_t i;
    json_t *item;
    json_array_foreach ((json_t *)list, i, item) {
        if (strcmp(json_string_value(json_object_get(item, "slug")), slug) == 0)
            return item;
    }
    return NULL;
}

static void extend(char ret_path[PATH_BYTES], const char *path, const char *name, const char *slug)
{
    snprintf(ret_path, PATH_BYTES, "%s%s%s%s%s", path, *path ? " " : "", name, slug ? " " : "",
             slug ? slug : "");
}

/* Compares the order of the items that both lists have. */
static bool same_order(const json_t *before, const json_t *after)
{
    size_t i, at = 0;
    json_t *item;
    json_array_foreach ((json_t *)after, i, item) {
        const char *slug = json_string_value(json_object_get(item, "slug"));
        if (!find(before, slug))
            continue;
        const json_t *here;
        do {
            here = json_object_get(json_array_get(before, at++), "slug");
        } while (here && !find(after, json_string_value(here)));
        if (!here || strcmp(json_string_value(here), slug) != 0)
            return false;
    }
    return true;
}

static void compare_lists(struct comparison *comparison, const char *path, const char *key,
                          const char *thing, const json_t *before, const json_t *after)
{
    size_t i;
    json_t *item;
    char here[PATH_BYTES];
    json_array_foreach ((json_t *)before, i, item) {
        const char *slug = json_string_value(json_object_get(item, "slug"));
        extend(here, path, thing, slug);
        if (!find(after, slug))
            add_difference(comparison, here, "removed");
    }
    json_array_foreach ((json_t *)after, i, item) {
        const char *slug = json_string_value(json_object_get(item, "slug"));
        const json_t *earlier = find(before, slug);
        extend(here, path, thing, slug);
        if (earlier)
            compare(comparison, here, earlier, item);
        else
            add_difference(comparison, here, "added");
    }
    extend(here, path, key, NULL);
    if (!same_order(before, after))
        add_difference(comparison, here, "in another order");
}

/* The ticket types of a door are strings, and lists of a newer version may have other items. */
static bool has_slugs(const json_t *list)
{
    size_t i;
    json_t *item;
    json_array_foreach ((json_t *)list, i, item) {
        if (!json_is_string(json_object_get(item, "slug")))
            return false;
    }
    return !list || json_is_array(list);
}

static void compare_member(struct comparison *comparison, const char *path, const char *key,
                           const json_t *before, const json_t *after)
{
    char here[PATH_BYTES];
    for (int i = 0; named_lists[i].key; i++) {
        if (strcmp(named_lists[i].key, key) == 0 && has_slugs(before) && has_slugs(after)) {
            compare_lists(comparison, path, key, named_lists[i].thing, before, after);
            return;
        }
    }
    extend(here, path, key, NULL);
    compare(comparison, here, before, after);
}

static void compare(struct comparison *comparison, const char *path, const json_t *before,
                    const json_t *after)
{
    const char *key;
    json_t *value;
    if (json_equal(before, after))
        return;
    if (!json_is_object(before) || !json_is_object(after)) {
        add_change(comparison, path, before, after);
        return;
    }
    json_object_foreach ((json_t *)before, key, value)
        compare_member(comparison, path, key, value, json_object_get(after, key));
    json_object_foreach ((json_t *)after, key, value) {
        if (!json_object_get(before, key))
            compare_member(comparison, path, key, NULL, value);
    }
}

size_t event_diff(const json_t *before, const json_t *after, const char *lead, const char *tail,
                  struct buffer *out)
{
    struct comparison comparison = {.lead = lead, .tail = tail, .out = out};
    compare(&comparison, "", before, after);
    return comparison.differences;
}
