/* Whatever a source and its data are, compiling and rendering end soon and in bounds. The input
 * is a source, then after a byte 0 JSON to render it with. */
#include <stdint.h>
#include <jansson.h>

#include "view/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const char *const names[] = {"a", "b", "c"};
    const struct template_options options = {.missing_is_empty = true};
    const char *text = (const char *)bytes;
    const char *zero = length > 0 ? memchr(text, 0, length) : NULL;
    size_t source = zero ? (size_t)(zero - text) : length;
    char error[TEMPLATE_ERROR_BYTES];
    json_t *data = zero ? json_loadb(zero + 1, length - source - 1, JSON_DECODE_ANY, NULL)
                        : json_pack("{s:[i,s], s:{s:n}}", "a", 1, "<", "b", "c");
    struct template_set *set = template_set_create(&options);
    struct buffer out;
    buffer_init(&out);
    bool added[3];
    for (unsigned kind = TEMPLATE_HTML; kind <= TEMPLATE_WORDING; kind++)
        added[kind] = template_set_add(set, kind, names[kind], text, source, error);
    bool linked = template_set_link(set, error);
    for (unsigned kind = TEMPLATE_HTML; linked && kind <= TEMPLATE_WORDING; kind++) {
        const struct template *template = template_find(set, names[kind]);
        if (added[kind] != (template != NULL))
            abort();
        /* Text alone goes into a wording, so no markup comes out of it. */
        if (template && template_render(template, NULL, data, &out) && kind == TEMPLATE_WORDING &&
            memchr(buffer_text(&out), '<', out.length))
            abort();
        buffer_clear(&out);
    }
    buffer_finish(&out);
    template_set_destroy(set);
    json_decref(data);
    return 0;
}
