#include "http/page.h"

#include <event2/http.h>
#include <event2/http_struct.h>
#include <inttypes.h>
#include <zlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "http/assets.h"
#include "http/desk.h"
#include "http/exchange.h"
#include "view/locale.h"

/* --- Language ------------------------------------------------------------------------------------
 */

void page_remember_language(struct request *request)
{
    const char *asked = request_query(request, "lang");
    const struct locale *locale =
        asked ? locale_find(request->listener->options.locales, asked) : NULL;
    if (locale)
        reply_header(
            request, "Set-Cookie",
            arena_printf(&request->arena,
                         LANGUAGE_COOKIE "=%s; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax%s",
                         locale_code(locale), request->listener->is_secure ? "; Secure" : ""));
}

/* Returns the target as a link to this site. Browsers take "//" and "/\\" for the start of another
 * host's address. */
static const char *own_target(struct request *request)
{
    return arena_printf(&request->arena, "/%s", request->target + strspn(request->target, "/\\"));
}

static char *make_href(struct request *request, const char *code, bool with_query)
{
    struct buffer href;
    const char *target = own_target(request);
    buffer_init(&href);
    buffer_add(&href, target, strcspn(target, "?"));
    buffer_printf(&href, "?lang=%s", code);
    if (with_query)
        request_query(request, "lang");
    for (int i = 0; with_query && i < request->parameter_count; i++) {
        if (strcmp(request->parameters[i].name, "lang") == 0)
            continue;
        buffer_add_char(&href, '&');
        percent_encode(&href, request->parameters[i].name);
        buffer_add_char(&href, '=');
        percent_encode(&href, request->parameters[i].value);
    }
    return buffer_take(&href);
}

/* Returns [{"code", "name", "href", "current"}], links to this page in each language, a new
 * reference. Cached pages are for everybody, so their links lack the other query parameters. */
static json_t *make_language_links(struct request *request, bool with_query)
{
    const struct locale_set *locales = request->listener->options.locales;
    const struct locale *current = request_locale(request);
    json_t *links = json_array();
    for (const char *const *code = locale_languages; *code; code++) {
        const struct locale *locale = locale_find(locales, *code);
        char *href = make_href(request, *code, with_query);
        json_array_append_new(links, json_pack("{s:s, s:s, s:s, s:b}", "code", *code, "name",
                                               locale_name(locale), "href", href, "current",
                                               locale == current));
        free(href);
    }
    return links;
}

/* --- Pages in frames of other sites ---------------------------------------------------------- */

const char *request_embed(struct request *request)
{
    static const char *const kinds[] = {"1", "light", "dark"};
    const char *asked = request_is_page(request) ? request_query(request, "embed") : NULL;
    for (size_t i = 0; asked && i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(asked, kinds[i]) == 0)
            return kinds[i];
    }
    return NULL;
}

/* Returns the parameters of links in a frame, "embed=1&lang=de". NULL: the page is in no frame. */
static const char *embed_parameters(struct request *request)
{
    const char *embed = request_embed(request);
    if (!embed)
        return NULL;
    return arena_printf(&request->arena, "embed=%s&lang=%s", embed,
                        locale_code(request_locale(request)));
}

/* Adds the parameters behind the location's query and before its fragment. */
const char *request_link(struct request *request, const char *location)
{
    const char *parameters = embed_parameters(request);
    if (!parameters || strstr(location, "?embed=") || strstr(location, "&embed="))
        return location;
    size_t length = strcspn(location, "#");
    const char *address = arena_copy_bytes(&request->arena, location, length);
    return arena_printf(&request->arena, "%s%c%s%s", address, strchr(address, '?') ? '&' : '?',
                        parameters, location + length);
}

void page_allow_frames(struct request *request, const char *origins)
{
    if (origins && !strpbrk(origins, "\r\n;,"))
        request->frame_origins = arena_copy(&request->arena, origins);
}

/* An answer that refuses the caller must not tell of the event. `step` is the one after the step
 * that runs. */
static bool shows_host(const struct request *request)
{
    return request->scope.event && request->scope.host && request->step > STEP_BODY &&
           request_mount(request) == ROUTE_PAGE;
}

void page_allow_style(struct request *request, const char *source)
{
    request->style_source = source;
}

void page_add_styles(const struct request *request, struct buffer *head)
{
    const char *source = request->style_source;
    if (!source && shows_host(request))
        source = request->scope.host_style_source(request->scope.event);
    if (source)
        buffer_printf(head, " '%s'", source);
}

void page_add_ancestors(const struct request *request, struct buffer *head)
{
    buffer_add_text(head, request->frame_origins ? request->frame_origins
                                                 : "'none'\r\nX-Frame-Options: DENY");
}

/* --- The context of every page --------------------------------------------------------------- */

/* Returns the configured public URL, or the one from the client's Host header. */
static const char *find_public_url(struct request *request, bool for_all)
{
    struct listener *listener = request->listener;
    if (listener->public_url)
        return listener->public_url;
    if (for_all)
        return ""; /* the Host header of one client must not be on pages for others */
    const char *host = request_peek_header(request, "Host");
    if (!host || !*host ||
        host[strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                          "0123456789.-:[]")])
        return "";
    return arena_printf(&request->arena, "http%s://%s", request_is_secure(request) ? "s" : "",
                        host);
}

static void add_frame(struct request *request, json_t *page)
{
    const char *parameters = embed_parameters(request);
    if (!parameters)
        return;
    json_object_set_new(page, "embed", json_string(request_embed(request)));
    json_object_set_new(page, "query", json_sprintf("?%s", parameters));
    json_object_set_new(page, "and", json_sprintf("&%s", parameters));
    if (request->frame_origins)
        json_object_set_new(page, "frame_origins", json_string(request->frame_origins));
}

/* Returns a new reference. */
static json_t *create_context(struct request *request, struct page_kind kind)
{
    bool for_all = kind.for_all;
    const char *public_url = find_public_url(request, for_all);
    const char *target = own_target(request);
    const char *path = arena_copy_bytes(&request->arena, target, strcspn(target, "?"));
    const char *url = arena_printf(&request->arena, "%s%s", public_url, for_all ? path : target);
    json_t *page = json_pack(
        "{s:s, s:s, s:s, s:s, s:o, s:O, s:s}", "language", locale_code(request_locale(request)),
        "url", url, "path", path, "public_url", public_url, "languages",
        make_language_links(request, !for_all), "assets", assets_links(request->listener->assets),
        "css", assets_link(request->listener->assets, "web/einlass.css"));
    if (kind.is_wrong)
        json_object_set_new(page, "is_wrong", json_true());
    if (for_all)
        json_object_set(page, "styles", assets_styles(request->listener->assets));
    add_frame(request, page);
    json_t *context = json_pack("{s:o}", "page", page);
    if (request_is_desk(request))
        json_object_set_new(context, "desk", desk_context(request));
    else if (shows_host(request))
        json_object_set_new(
            context, "host",
            request->scope.host(request->scope.event, locale_code(request_locale(request))));
    return context;
}

/* --- From templates and views ---------------------------------------------------------------- */

bool page_write(struct request *request, const char *template, json_t *view, struct page_kind kind,
                struct buffer *out)
{
    const struct template *page = template ? locale_page(request_locale(request), template) : NULL;
    kind.is_wrong |= json_is_true(json_object_get(view, "has_problems")) ||
                     json_is_object(json_object_get(view, "refusal"));
    json_t *context = create_context(request, kind);
    bool rendered = page && view && template_render(page, context, view, out);
    json_decref(context);
    json_decref(view);
    if (!rendered)
        log_event(LOG_ERROR, "page_failed", log_text("request", request_id(request)),
                  log_text("template", template ? template : "none"),
                  log_text("reason", !page   ? "there is no such template"
                                     : !view ? "there is no view"
                                             : "it passed a limit"));
    return rendered;
}

const char *page_language(struct request *request)
{
    return locale_code(request_locale(request));
}

/* --- Ready pages ----------------------------------------------------------------------------- */

enum { ETAG_BYTES = 32 };

/* The page in one coding. */
struct coded {
    unsigned char *bytes;
    size_t length;
    char etag[ETAG_BYTES];
};

struct page {
    int references;
    char *content_type;
    char *language;             /* NULL: does not depend on it */
    struct coded plain, packed; /* packed is empty if it would not be shorter */
};

uint64_t page_hash(const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static void pack(struct page *page)
{
    struct compressor *compressor = compress_create(Z_BEST_COMPRESSION);
    struct evbuffer *buffer = evbuffer_new();
    evbuffer_add(buffer, page->plain.bytes, page->plain.length);
    if (compress_is_worth(page->content_type, page->plain.length) &&
        compress_buffer(compressor, buffer)) {
        page->packed.length = evbuffer_get_length(buffer);
        page->packed.bytes = memory_alloc(page->packed.length);
        evbuffer_remove(buffer, page->packed.bytes, page->packed.length);
    }
    evbuffer_free(buffer);
    compress_destroy(compressor);
}

struct page *page_create(const char *content_type, const void *bytes, size_t length)
{
    struct page *page = memory_alloc(sizeof *page);
    uint64_t hash = page_hash(bytes, length);
    page->references = 1;
    page->content_type = memory_copy(content_type);
    page->plain.bytes = memory_alloc(length);
    page->plain.length = length;
    memcpy(page->plain.bytes, bytes, length);
    snprintf(page->plain.etag, ETAG_BYTES, "\"%016" PRIx64 "\"", hash);
    snprintf(page->packed.etag, ETAG_BYTES, "\"%016" PRIx64 "-gzip\"", hash);
    pack(page);
    return page;
}

struct page *page_render(struct request *request, const char *template, json_t *view)
{
    struct buffer html;
    buffer_init(&html);
    if (!page_write(request, template, view, (struct page_kind){.for_all = true}, &html)) {
        buffer_finish(&html);
        return NULL;
    }
    struct page *page = page_create("text/html; charset=utf-8", html.bytes, html.length);
    page->language = memory_copy(page_language(request));
    buffer_finish(&html);
    return page;
}

void page_release(struct page *page)
{
    if (!page || --page->references > 0)
        return;
    free(page->content_type);
    free(page->language);
    free(page->plain.bytes);
    free(page->packed.bytes);
    free(page);
}

static void on_sent(const void *bytes, size_t length, void *page)
{
    (void)bytes;
    (void)length;
    page_release(page);
}

/* Finds the tag in an If-None-Match header (weak comparison, RFC 9110, section 13.1.2). */
static bool has_tag(const char *header, const char *etag)
{
    const char *at = header ? strstr(header, etag) : NULL;
    return at || (header && strcmp(header, "*") == 0);
}

void reply_ready_page(struct request *request, struct page *page)
{
    struct evbuffer *body = reply_begin(request);
    if (!body)
        return;
    bool packs = page->packed.bytes != NULL;
    bool packed = packs && compress_is_accepted(request_peek_header(request, "Accept-Encoding"));
    const struct coded *coded = packed ? &page->packed : &page->plain;
    reply_header(request, "ETag", coded->etag);
    reply_default_header(request, "Cache-Control", "no-cache");
    if (page->language) {
        reply_header(request, "Content-Language", page->language);
        reply_header(request, "Vary", "Accept-Language, Accept-Encoding, Cookie");
    } else if (packs) {
        reply_header(request, "Vary", "Accept-Encoding");
    }
    if (has_tag(request_peek_header(request, "If-None-Match"), coded->etag)) {
        reply_finish(request, 304, NULL);
        return;
    }
    if (packed)
        reply_header(request, "Content-Encoding", "gzip");
    page->references++;
    evbuffer_add_reference(body, coded->bytes, coded->length, on_sent, page);
    reply_finish(request, 200, page->content_type);
}
