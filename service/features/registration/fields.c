#include "features/registration/fields.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"

const char *fields_name(struct arena *arena, const char *pointer)
{
    char *name = arena_copy(arena, *pointer == '/' ? pointer + 1 : pointer);
    for (char *at = name; *at; at++) {
        if (*at == '/')
            *at = '.';
    }
    return name;
}

static bool is_at(const char *pointer, const char *name)
{
    if (*pointer == '/')
        pointer++;
    while (*name && (*pointer == *name || (*pointer == '/' && *name == '.')))
        pointer++, name++;
    return *pointer == *name;
}

const char *fields_error(const json_t *errors, const char *name)
{
    size_t i;
    json_t *error;
    json_array_foreach ((json_t *)errors, i, error) {
        if (is_at(json_string_value(json_object_get(error, "pointer")), name))
            return json_string_value(json_object_get(error, "detail"));
    }
    return NULL;
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

json_t *fields_view(const json_t *errors, const char *name, const json_t *typed)
{
    json_t *view = json_object();
    const char *error = fields_error(errors, name);
    json_object_set_new_nocheck(view, "name", json_string_nocheck(name));
    json_object_set_new_nocheck(view, "value", text_of(typed));
    if (error)
        json_object_set_new_nocheck(view, "error", json_string_nocheck(error));
    return view;
}

void fields_describe(struct arena *arena, json_t *field)
{
    static const char *const parts[][2] = {
        {"hint", "-hint"}, {"only_if", "-only-if"}, {"error", "-error"}};
    const char *name = json_string_value(json_object_get(field, "name")), *ids = "";
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (json_object_get(field, parts[i][0]))
            ids = arena_printf(arena, "%s%s%s%s", ids, *ids ? " " : "", name, parts[i][1]);
    }
    if (*ids)
        json_object_set_new_nocheck(field, "describedby", json_string_nocheck(ids));
}

bool fields_chosen(const json_t *typed, const char *slug)
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

/* Whom a mistake is about, counted from 1; 0: nobody in particular. */
static int person_of(const char *pointer)
{
    int index, end = 0;
    return sscanf(pointer, "/attendees/%2d/%n", &index, &end) == 1 && end > 0 ? index + 1 : 0;
}

json_t *fields_problems(struct arena *arena, const json_t *errors, bool several)
{
    json_t *problems = json_array(), *error;
    size_t i;
    json_array_foreach ((json_t *)errors, i, error) {
        const char *pointer = json_string_value(json_object_get(error, "pointer"));
        const char *detail = json_string_value(json_object_get(error, "detail"));
        json_t *problem =
            json_pack("{s:s, s:s}", "field", fields_name(arena, pointer), "detail", detail);
        if (several && person_of(pointer) > 0)
            json_object_set_new(problem, "number", json_integer(person_of(pointer)));
        json_array_append_new(problems, problem);
    }
    return problems;
}
