/* Renders one template for tests/wire/mustache.test.js: {template, data, partials} as JSON on
 * standard input, the rendering on standard output. */
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

int main(void)
{
    const struct template_options options = {.missing_is_empty = true};
    char error[TEMPLATE_ERROR_BYTES];
    const char *name;
    json_t *partial, *test = json_loadf(stdin, 0, NULL);
    struct template_set *set = template_set_create(&options);
    struct buffer out;
    buffer_init(&out);
    add(set, "the template", json_object_get(test, "template"));
    json_object_foreach(json_object_get(test, "partials"), name, partial) add(set, name, partial);
    if (!template_set_link(set, error) || !template_render(template_find(set, "the template"), NULL,
                                                           json_object_get(test, "data"), &out))
        return 1;
    fwrite(out.bytes, 1, out.length, stdout);
    buffer_finish(&out);
    template_set_destroy(set);
    json_decref(test);
    return 0;
}
