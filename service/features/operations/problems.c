#include "features/operations/problems.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "features/operations/reference.h"
#include "http/reply.h"
#include "view/locale.h"

static const char *word(struct request *request, const char *code, const char *part)
{
    const struct locale *locale = request_locale(request);
    const char *key = arena_printf(request_arena(request), "problem.%s.%s", code, part);
    if (!locale_has(locale, key))
        return NULL;
    struct buffer text;
    buffer_init(&text);
    locale_text(locale, key, NULL, &text);
    const char *copy = arena_copy(request_arena(request), buffer_text(&text));
    buffer_finish(&text);
    return copy;
}

/* Programs that follow the address get the same as JSON. */
static void answer(struct request *request, json_t *view)
{
    const char *accept = request_header(request, "Accept");
    reply_header(request, "Vary", "Accept, Accept-Language, Accept-Encoding, Cookie");
    if (!accept || !strstr(accept, "json") || strstr(accept, "text/html")) {
        reply_view(request, 200, view);
        return;
    }
    char *text = json_dumps(view, JSON_COMPACT);
    reply_json_text(request, 200, text, strlen(text));
    free(text);
    json_decref(view);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void problems_list(struct request *request)
{
    json_t *list = json_array(), *words = locale_sources(request_locale(request), "problem"), *text;
    struct arena *arena = request_arena(request);
    const char **codes = arena_alloc(arena, json_object_size(words) * sizeof *codes), *key;
    size_t count = 0;
    json_object_foreach (words, key, text) {
        const char *end = strchr(key, '.');
        if (end && strcmp(end, ".title") == 0)
            codes[count++] = arena_copy_bytes(arena, key, (size_t)(end - key));
    }
    json_decref(words);
    qsort(codes, count, sizeof *codes, compare);
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_pack("{s:s, s:s}", "code", codes[i], "title",
                                              word(request, codes[i], "title")));
    answer(request, json_pack("{s:o}", "problems", list));
}

void problems_show(struct request *request)
{
    const char *code = request_path(request, "problem"), *title = word(request, code, "title");
    if (!title || strchr(code, '.')) {
        reply_refuse(request, 404, "not_found");
        return;
    }
    const char *about = word(request, code, "about");
    json_t *view = reference_problem(request, code);
    json_object_set_new(view, "type", json_sprintf("/problems/%s", code));
    json_object_set_new(view, "code", json_string(code));
    json_object_set_new(view, "title", json_string(title));
    json_object_set_new(view, "detail", json_string(about ? about : word(request, code, "detail")));
    json_object_set_new(view, "is_told",
                        json_boolean(json_array_size(json_object_get(view, "operations")) > 0));
    answer(request, view);
}
