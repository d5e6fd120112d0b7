#include "form/strict.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/text.h"

struct place strict_document(const struct strict *strict, const json_t *value)
{
    return (struct place){.strict = strict, .value = value};
}

struct place strict_member(const struct place *object, const char *key)
{
    return (struct place){.strict = object->strict,
                          .above = object,
                          .key = key,
                          .value = json_object_get(object->value, key)};
}

struct place strict_element(const struct place *list, size_t index)
{
    return (struct place){.strict = list->strict,
                          .above = list,
                          .index = index,
                          .value = json_array_get(list->value, index)};
}

static void add_pointer(const struct place *place, struct buffer *out)
{
    if (!place->above)
        return;
    add_pointer(place->above, out);
    buffer_add_char(out, '/');
    if (!place->key)
        buffer_printf(out, "%zu", place->index);
    for (const char *at = place->key; at && *at; at++) {
        if (*at == '~')
            buffer_add_text(out, "~0");
        else if (*at == '/')
            buffer_add_text(out, "~1");
        else
            buffer_add_char(out, *at);
    }
}

void strict_refuse(const struct place *place, const char *code, json_t *data)
{
    char full_code[64];
    struct buffer pointer;
    buffer_init(&pointer);
    add_pointer(place, &pointer);
    snprintf(full_code, sizeof full_code, "event.%s", code);
    findings_add(place->strict->findings, buffer_text(&pointer), full_code, data);
    buffer_finish(&pointer);
}

bool strict_is_given(const struct place *place)
{
    return place->value && !json_is_null(place->value);
}

/* Whether there is a value of the right type. */
static bool expect(const struct place *place, bool right_type, const char *code)
{
    if (!strict_is_given(place))
        strict_refuse(place, "missing", NULL);
    else if (!right_type)
        strict_refuse(place, code, NULL);
    else
        return true;
    return false;
}

static bool is_known(const char *const *known, const char *key)
{
    while (*known && strcmp(*known, key) != 0)
        known++;
    return *known != NULL;
}

static void refuse_unknown(const struct place *object, const char *key, const char *const *known)
{
    struct buffer names;
    buffer_init(&names);
    for (; *known; known++)
        buffer_printf(&names, "%s%s", names.length > 0 ? ", " : "", *known);
    struct place place = strict_member(object, key);
    strict_refuse(&place, "unknown_key",
                  json_pack("{s:s, s:s}", "key", key, "known", buffer_text(&names)));
    buffer_finish(&names);
}

bool strict_object(const struct place *place, const char *const *known)
{
    if (!expect(place, json_is_object(place->value), "object_expected"))
        return false;
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)place->value, key, value) {
        if (!place->strict->passes_unknown && !is_known(known, key))
            refuse_unknown(place, key, known);
    }
    return true;
}

size_t strict_list(const struct place *place, size_t most)
{
    if (!strict_is_given(place) || !expect(place, json_is_array(place->value), "list_expected"))
        return 0;
    size_t count = json_array_size(place->value);
    if (count <= most)
        return count;
    strict_refuse(place, "too_many", json_pack("{s:I}", "most", (json_int_t)most));
    return 0;
}

const char *strict_text(const struct place *place, size_t most, bool lines_allowed)
{
    if (!expect(place, json_is_string(place->value), "text_expected"))
        return "";
    const char *text = text_clean(place->strict->arena, json_string_value(place->value));
    if (!text || text_has_control(text, lines_allowed))
        strict_refuse(place, "control_characters", NULL);
    else if (*text == '\0')
        strict_refuse(place, "empty", NULL);
    else if (text_length(text) > most)
        strict_refuse(place, "too_long", json_pack("{s:I}", "most", (json_int_t)most));
    else
        return text;
    return "";
}

const char *strict_slug(const struct place *place)
{
    if (!expect(place, json_is_string(place->value), "text_expected"))
        return "";
    const char *slug = json_string_value(place->value);
    if (text_is_slug(slug, STRICT_SLUG_MOST))
        return arena_copy(place->strict->arena, slug);
    strict_refuse(place, "bad_slug", json_pack("{s:i}", "most", STRICT_SLUG_MOST));
    return "";
}

const char *strict_local_time(const struct place *place)
{
    if (!strict_is_given(place))
        return NULL;
    const char *text = json_string_value(place->value);
    if (!text || !clock_is_local(text)) {
        strict_refuse(place, "bad_time", NULL);
        return NULL;
    }
    size_t length = strlen(text);
    bool no_seconds = length == 19 && strcmp(text + 16, ":00") == 0;
    return arena_copy_bytes(place->strict->arena, text, no_seconds ? 16 : length);
}

bool strict_boolean(const struct place *place, bool fallback)
{
    if (!strict_is_given(place) ||
        !expect(place, json_is_boolean(place->value), "boolean_expected"))
        return fallback;
    return json_is_true(place->value);
}

int64_t strict_integer(const struct place *place, int64_t least, int64_t most, int64_t fallback)
{
    return strict_is_given(place) ? strict_needed_integer(place, least, most) : fallback;
}

int64_t strict_needed_integer(const struct place *place, int64_t least, int64_t most)
{
    if (!expect(place, json_is_integer(place->value), "integer_expected"))
        return least;
    int64_t number = json_integer_value(place->value);
    if (number >= least && number <= most)
        return number;
    strict_refuse(place, "out_of_bounds",
                  json_pack("{s:I, s:I}", "least", (json_int_t)least, "most", (json_int_t)most));
    return least;
}
