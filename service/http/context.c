#include "http/context.h"

#include <event2/http.h>
#include <event2/http_struct.h>

#include "http/assets.h"
#include "http/embed.h"
#include "http/language.h"
#include "view/locale.h"

static bool came_by_https(const struct request *request)
{
    const char *scheme = request_peek_header(request, "X-Forwarded-Proto");
    return scheme && request->http && strcmp(scheme, "https") == 0 &&
           trust_has(&request->listener->trust, request->http->remote_host);
}

/* Where links in previews lead: as configured, or as the client called us. */
static const char *find_public_url(struct request *request, bool for_all)
{
    struct listener *listener = request->listener;
    if (listener->public_url)
        return listener->public_url;
    if (for_all)
        return ""; /* what one client calls us must not stand on the pages of others */
    const char *host = request_peek_header(request, "Host");
    if (!host || !*host ||
        host[strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                          "0123456789.-:[]")])
        return "";
    return arena_printf(&request->arena, "http%s://%s", came_by_https(request) ? "s" : "", host);
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

json_t *context_create(struct request *request, bool for_all)
{
    const char *public_url = find_public_url(request, for_all);
    const char *path =
        arena_copy_bytes(&request->arena, request->target, strcspn(request->target, "?"));
    const char *url =
        arena_printf(&request->arena, "%s%s", public_url, for_all ? path : request->target);
    json_t *page = json_pack(
        "{s:s, s:s, s:s, s:s, s:o, s:O, s:s}", "language", locale_code(request_locale(request)),
        "url", url, "path", path, "public_url", public_url, "languages",
        language_links(request, !for_all), "assets", assets_links(request->listener->assets), "css",
        assets_link(request->listener->assets, "web/einlass.css"));
    if (for_all)
        json_object_set(page, "styles", assets_styles(request->listener->assets));
    add_frame(request, page);
    return json_pack("{s:o}", "page", page);
}
