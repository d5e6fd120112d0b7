#include "http/language.h"

#include "base/encode.h"
#include "view/locale.h"

#define COOKIE "lang"

/* The value of a cookie (RFC 6265 section 4.2.1) as a language of ours. */
static const struct locale *find_cookie(const struct request *request)
{
    const char *at = request_peek_header(request, "Cookie");
    size_t name = strlen(COOKIE "=");
    while (at && *at) {
        size_t length = strcspn(at, ";");
        if (strncmp(at, COOKIE "=", name) == 0 && length > name && length < name + 16) {
            char code[17] = "";
            memcpy(code, at + name, length - name);
            return locale_find(request->listener->options.locales, code);
        }
        at += length;
        at += strspn(at, "; ");
    }
    return NULL;
}

const struct locale *request_locale(struct request *request)
{
    const struct locale_set *locales = request->listener->options.locales;
    if (request->locale)
        return request->locale;
    const char *asked = request_query(request, "lang");
    if (asked)
        request->locale = locale_find(locales, asked);
    if (!request->locale)
        request->locale = find_cookie(request);
    if (!request->locale)
        request->locale =
            locale_negotiate(locales, request_peek_header(request, "Accept-Language"), NULL);
    return request->locale;
}

void request_prefer_locale(struct request *request, const struct locale *locale)
{
    const char *asked = request_query(request, "lang");
    if (locale && !(asked && locale_find(request->listener->options.locales, asked)))
        request->locale = locale;
}

void language_remember(struct request *request)
{
    const char *asked = request_query(request, "lang");
    const struct locale *locale =
        asked ? locale_find(request->listener->options.locales, asked) : NULL;
    if (locale)
        reply_header(request, "Set-Cookie",
                     arena_printf(&request->arena,
                                  COOKIE "=%s; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax%s",
                                  locale_code(locale),
                                  request->listener->is_secure ? "; Secure" : ""));
}

static char *make_href(struct request *request, const char *code, bool with_query)
{
    struct buffer href;
    buffer_init(&href);
    buffer_add(&href, request->target, strcspn(request->target, "?"));
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

json_t *language_links(struct request *request, bool with_query)
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
