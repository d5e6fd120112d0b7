#include "http/assets.h"

#include <inttypes.h>

#include "base/memory.h"
#include "http/exchange.h"
#include "http/page.h"
#include "http/reply.h"
#include "security/digest.h"
#include "view/asset.h"

#define ADDRESSES "/assets/"
#define FOLDER "web/"
#define STYLES "web/einlass.css"

struct file {
    const char *name;    /* "web/einlass.css" */
    const char *address; /* "/assets/einlass.1f0c….css" */
    struct page *page;
};

struct assets {
    struct arena arena;
    struct file *files;
    size_t count;
    json_t *links;
    json_t *styles;
    char styles_source[DIGEST_SOURCE_BYTES];
};

struct kind {
    const char *ending, *content_type;
};

static const struct kind kinds[] = {
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".webmanifest", "application/manifest+json"},
    {".wasm", "application/wasm"},
    {".woff2", "font/woff2"},
};

/* Returns NULL for a file that browsers do not load, such as a template. */
static const char *find_content_type(const char *name)
{
    const char *ending = strrchr(name, '.');
    for (size_t i = 0; ending && i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(ending, kinds[i].ending) == 0)
            return kinds[i].content_type;
    }
    return NULL;
}

static const char *make_address(struct arena *arena, const struct asset *asset)
{
    uint64_t hash = page_hash(asset->bytes, asset->length);
    char *name = arena_copy(arena, asset->name + strlen(FOLDER));
    for (char *c = name; *c; c++)
        *c = *c == '/' ? '-' : *c;
    char *ending = strrchr(name, '.');
    *ending++ = '\0';
    return arena_printf(arena, ADDRESSES "%s.%016" PRIx64 ".%s", name, hash, ending);
}

static const char *make_key(struct arena *arena, const struct asset *asset)
{
    char *key = arena_copy(arena, asset->name + strlen(FOLDER));
    for (char *c = key; *c; c++) {
        if (!(*c >= 'a' && *c <= 'z') && !(*c >= '0' && *c <= '9'))
            *c = '_';
    }
    return key;
}

static void add(struct assets *assets, const struct asset *asset, const char *content_type)
{
    struct file *file = &assets->files[assets->count++];
    file->name = asset->name;
    file->address = make_address(&assets->arena, asset);
    file->page = page_create(content_type, asset->bytes, asset->length);
    json_object_set_new(assets->links, make_key(&assets->arena, asset), json_string(file->address));
}

static void add_styles(struct assets *assets)
{
    const struct asset *styles = asset_find(STYLES);
    size_t length = styles ? styles->length : 0;
    assets->styles = json_stringn(styles ? (const char *)styles->bytes : "", length);
    digest_source(styles ? styles->bytes : NULL, length, assets->styles_source);
}

struct assets *assets_create(void)
{
    struct assets *assets = memory_alloc(sizeof *assets);
    arena_init(&assets->arena);
    assets->files = arena_alloc(&assets->arena, asset_count * sizeof *assets->files);
    assets->links = json_object();
    for (size_t i = 0; i < asset_count; i++) {
        const struct asset *asset = &asset_all[i];
        const char *content_type = find_content_type(asset->name);
        if (content_type && strncmp(asset->name, FOLDER, strlen(FOLDER)) == 0)
            add(assets, asset, content_type);
    }
    add_styles(assets);
    return assets;
}

void assets_destroy(struct assets *assets)
{
    if (!assets)
        return;
    for (size_t i = 0; i < assets->count; i++)
        page_release(assets->files[i].page);
    json_decref(assets->links);
    json_decref(assets->styles);
    arena_finish(&assets->arena);
    free(assets);
}

const char *assets_link(const struct assets *assets, const char *name)
{
    for (size_t i = 0; i < assets->count; i++) {
        if (strcmp(assets->files[i].name, name) == 0)
            return assets->files[i].address;
    }
    return "";
}

json_t *assets_styles(const struct assets *assets)
{
    return assets->styles;
}

const char *assets_styles_source(const struct assets *assets)
{
    return assets->styles_source;
}

json_t *assets_links(const struct assets *assets)
{
    return assets->links;
}

json_t *assets_of_request(const struct request *request)
{
    return request->listener->assets->links;
}

void assets_answer(struct request *request)
{
    const struct assets *assets = request->listener->assets;
    const char *name = request_path(request, "name");
    for (size_t i = 0; i < assets->count; i++) {
        if (strcmp(assets->files[i].address + sizeof ADDRESSES - 1, name) == 0) {
            reply_header(request, "Cache-Control", "public, max-age=31536000, immutable");
            reply_ready_page(request, assets->files[i].page);
            return;
        }
    }
    reply_refuse(request, 404, "not_found");
}

static void answer_at_fixed_address(struct request *request, const char *name)
{
    const struct assets *assets = request->listener->assets;
    for (size_t i = 0; i < assets->count; i++) {
        if (strcmp(assets->files[i].name, name) == 0) {
            reply_ready_page(request, assets->files[i].page);
            return;
        }
    }
    reply_refuse(request, 404, "not_found");
}

/* Other sites have this fixed address in their pages, so browsers may cache it only for a short
 * time. Every page may load it, also with subresource integrity (Fetch, section 3.3.6; HTML). */
static void answer_embed_script(struct request *request)
{
    reply_header(request, "Cache-Control", "public, max-age=300");
    reply_header(request, "Cross-Origin-Resource-Policy", "cross-origin");
    reply_header(request, "Access-Control-Allow-Origin", "*");
    answer_at_fixed_address(request, "web/scripts/embed.js");
}

const struct route assets_routes[] = {
    {"GET", "/embed.js", ROUTE_PLAIN, WHO_ANYBODY, .handle = answer_embed_script},
    {"GET", "/assets/{name}", ROUTE_PLAIN, WHO_ANYBODY, .handle = assets_answer},
    {0},
};
