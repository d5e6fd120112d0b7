/*
 * Renders templates for tests/wire/mustache.test.js: a JSON array of {template, data, partials} on
 * standard input, the array of their renderings on standard output.
 */
#include <jansson.h>

#include "view/template.h"

static void add(struct template_set *set, const char *name, const json_t *source)
{
    char error[TEMPLATE_ERROR_BYTES];
    if (!template_set_add(set, TEMPLATE_HTML, name, json_string_value(source),
                          json_string_length(source), error)) {
        fprintf(stderr, "%s\n", error);
        exit(1);
    }
}

static json_t *render(const json_t *test)
{
    const struct template_options options = {.missing_is_empty = true};
    char error[TEMPLATE_ERROR_BYTES];
    const char *name;
    json_t *partial, *rendering = NULL;
    struct template_set *set = template_set_create(&options);
    struct buffer out;
    buffer_init(&out);
    add(set, "the template", json_object_get(test, "template"));
    json_object_foreach (json_object_get(test, "partials"), name, partial)
        add(set, name, partial);
    if (template_set_link(set, error) && template_render(template_find(set, "the template"), NULL,
                                                         json_object_get(test, "data"), &out))
        rendering = json_string(buffer_text(&out));
    buffer_finish(&out);
    template_set_destroy(set);
    return rendering;
}

int main(void)
{
    size_t i;
    json_t *test, *tests = json_loadf(stdin, 0, NULL), *renderings = json_array();
    json_array_foreach (tests, i, test)
        json_array_append_new(renderings, render(test));
    json_dumpf(renderings, stdout, 0);
    json_decref(renderings);
    json_decref(tests);
    return 0;
}
