#include "features/editor/look.h"

#include <string.h>

#include "features/editor/value.h"
#include "form/field_view.h"
#include "http/request.h"

static json_t *codes_of(const json_t *languages)
{
    static const char *const usual[] = {"de", "en", "ar", "cs", "es", "fr", "it",
                                        "nl", "pl", "pt", "ru", "tr", "uk", "zh"};
    json_t *codes = json_array(), *code;
    size_t i;
    for (size_t u = 0; u < sizeof usual / sizeof *usual; u++)
        json_array_append_new(codes, json_string(usual[u]));
    json_array_foreach ((json_t *)languages, i, code) {
        if (!field_view_chosen(codes, json_string_value(code)))
            json_array_append(codes, code);
    }
    return codes;
}

/* The main language has a box as well, which is hidden: if another one becomes the main language,
 * it stays a language of an event that exists. */
json_t *look_languages(const struct edit *edit)
{
    struct request *request = edit->request;
    const json_t *languages = json_object_get(edit->document, "languages");
    const char *first = json_string_value(json_array_get(languages, 0));
    bool is_new = !request_event(request);
    json_t *codes = codes_of(languages), *main = json_array(), *others = json_array(), *code;
    size_t i;
    json_array_foreach (codes, i, code) {
        const char *text = json_string_value(code), *label = value_language(request, text);
        bool is_main = first && strcmp(text, first) == 0;
        const char *id = i == 0 ? "languages.others"
                                : arena_printf(request_arena(request), "languages.others.%zu", i);
        bool is_chosen = json_is_array(languages) && field_view_chosen(languages, text);
        json_array_append_new(
            main, json_pack("{s:s, s:s, s:b}", "value", text, "label", label, "chosen", is_main));
        json_array_append_new(
            others, json_pack("{s:s, s:s, s:s, s:b, s:b}", "id", id, "value", text, "label", label,
                              "chosen", is_chosen && !(is_main && is_new), "is_main", is_main));
    }
    json_decref(codes);
    return json_pack("{s:o, s:o}", "main", main, "others", others);
}
