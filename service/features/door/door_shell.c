#include "features/door/door_shell.h"

#include <inttypes.h>
#include <jansson.h>

#include "base/memory.h"
#include "features/feature.h"
#include "http/assets.h"
#include "http/page.h"
#include "http/reply.h"
#include "view/asset.h"
#include "view/locale.h"

/* --paper of look.css, and the blue of icon.svg. */
#define BACKGROUND "#fbfaf7"
#define THEME "#1f4fd8"

static json_t *list_languages_of(const char *page)
{
    json_t *pages = json_object();
    for (size_t i = 0; locale_languages[i]; i++)
        json_object_set_new(pages, locale_languages[i],
                            json_sprintf("%s?lang=%s", page, locale_languages[i]));
    return pages;
}

static json_t *list_pages(void)
{
    static const char *const pages[] = {"/door", "/door/guide"};
    json_t *all = json_object();
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        json_object_set_new(all, pages[i], list_languages_of(pages[i]));
    return all;
}

/* Leaves out the service worker, which the browser keeps by itself. The decoder is a web worker, so
 * the service worker serves it only below /door (Service Workers, section 4.1). */
static json_t *list_files(json_t *links)
{
    json_t *files = json_array(), *link;
    const char *name;
    json_object_foreach (links, name, link) {
        if (strcmp(name, "door_decoder_js") == 0)
            json_array_append_new(files, json_sprintf("/door%s", json_string_value(link)));
        else if (strcmp(name, "door_worker_js") != 0)
            json_array_append(files, link);
    }
    for (size_t i = 0; locale_languages[i]; i++)
        json_array_append_new(files,
                              json_sprintf("/door.webmanifest?lang=%s", locale_languages[i]));
    return files;
}

static bool makes_pages(const struct asset *asset)
{
    const char *ending = strrchr(asset->name, '.');
    return ending && (strcmp(ending, ".html") == 0 || strcmp(ending, ".json") == 0);
}

/* The addresses of files contain hashes. Templates and words have no addresses, so their bytes are
 * hashed here. */
static json_t *make_version(const json_t *files)
{
    char *addresses = json_dumps(files, JSON_COMPACT);
    uint64_t version = page_hash(addresses, strlen(addresses));
    free(addresses);
    for (size_t i = 0; i < asset_count; i++) {
        if (makes_pages(&asset_all[i]))
            version = version * 31 + page_hash(asset_all[i].bytes, asset_all[i].length);
    }
    return json_sprintf("%016" PRIx64, version);
}

static char *describe_shell(json_t *links)
{
    json_t *files = list_files(links);
    json_t *version = make_version(files);
    json_t *shell =
        json_pack("{s:o, s:o, s:o}", "version", version, "pages", list_pages(), "files", files);
    char *text = json_dumps(shell, JSON_COMPACT);
    json_decref(shell);
    return text;
}

/* The script lies in /door/. Without Service-Worker-Allowed it would not control the page /door
 * (Service Workers, section 6.4). */
void door_shell_worker(struct request *request)
{
    const struct asset *script = asset_find("web/door-worker.js");
    char *shell = describe_shell(assets_of_request(request));
    struct buffer text;
    buffer_init(&text);
    buffer_printf(&text, "self.shell=%s;\n", shell);
    buffer_add(&text, script->bytes, script->length);
    free(shell);
    reply_header(request, "Cache-Control", "no-cache");
    reply_header(request, "Service-Worker-Allowed", "/door");
    reply_bytes(request, 200, "text/javascript; charset=utf-8", text.bytes, text.length);
    buffer_finish(&text);
}

static json_t *make_icon(const json_t *links, const char *key, const char *sizes,
                         const char *purpose)
{
    return json_pack("{s:O, s:s, s:s, s:s}", "src", json_object_get(links, key), "sizes", sizes,
                     "type", "image/png", "purpose", purpose);
}

static json_t *say(struct request *request, const char *key)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(request_locale(request), key, NULL, &text);
    json_t *said = json_string(buffer_text(&text));
    buffer_finish(&text);
    return said;
}

static json_t *make_manifest(struct request *request)
{
    const json_t *links = assets_of_request(request);
    json_t *icons =
        json_pack("[o, o, o]", make_icon(links, "icons_door_192_png", "192x192", "any"),
                  make_icon(links, "icons_door_512_png", "512x512", "any"),
                  make_icon(links, "icons_door_maskable_512_png", "512x512", "maskable"));
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "id", "/door",
                     "start_url", "/door", "scope", "/door", "display", "standalone",
                     "background_color", BACKGROUND, "theme_color", THEME, "lang",
                     locale_code(request_locale(request)), "name", say(request, "door.app.name"),
                     "short_name", say(request, "door.app.short_name"), "description",
                     say(request, "door.app.description"), "icons", icons);
}

void door_shell_manifest(struct request *request)
{
    json_t *manifest = make_manifest(request);
    char *text = json_dumps(manifest, JSON_COMPACT);
    json_decref(manifest);
    reply_header(request, "Cache-Control", "no-cache");
    reply_bytes(request, 200, "application/manifest+json", text, strlen(text));
    free(text);
}
