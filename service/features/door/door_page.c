#include "features/door/door_page.h"

#include <jansson.h>

#include "base/memory.h"
#include "features/door/door_guide.h"
#include "features/feature.h"
#include "http/reply.h"
#include "view/locale.h"

/* Differs from other pages because the decoder is WebAssembly in a web worker, and the page shows
 * the camera's picture. */
#define DOOR_POLICY                                                                                \
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "                \
    "style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; "   \
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
#define DOOR_PERMISSIONS "camera=(self), microphone=(), geolocation=()"

/* Escapes "<", which could end the <script> (HTML, section 4.12.1.3). Takes the value. */
static json_t *json_for_script(json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    struct buffer safe;
    buffer_init(&safe);
    for (const char *c = text; *c; c++) {
        if (*c == '<')
            buffer_add_text(&safe, "\\u003c");
        else
            buffer_add_char(&safe, *c);
    }
    json_t *json = json_string(buffer_text(&safe));
    buffer_finish(&safe);
    free(text);
    json_decref(value);
    return json;
}

/* The words of the kiosk by language: it speaks all that the event does, at once. */
static json_t *kiosk_words(struct request *request)
{
    json_t *words = json_object();
    for (size_t i = 0; locale_languages[i]; i++) {
        const struct locale *locale =
            locale_find(request_worker(request)->locales, locale_languages[i]);
        json_object_set_new(words, locale_languages[i], locale_sources(locale, "app.kiosk.guest"));
    }
    return words;
}

void door_page(struct request *request)
{
    reply_header(request, "Content-Security-Policy", DOOR_POLICY);
    reply_header(request, "Permissions-Policy", DOOR_PERMISSIONS);
    reply_header(request, "Cache-Control", "no-cache");
    reply_view(request, 200,
               json_pack("{s:o, s:o, s:o}", "kiosk_words", json_for_script(kiosk_words(request)),
                         "words", json_for_script(locale_sources(request_locale(request), "app")),
                         "practice", door_guide_practice(request_locale(request))));
}
