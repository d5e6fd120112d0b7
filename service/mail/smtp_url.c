#include "mail/smtp_url.h"

#include <curl/curl.h>
#include <stdint.h>
#include <strings.h>

#include "base/text.h"

enum { PORT_MOST = 65535 };

struct form {
    const char *scheme;
    enum smtp_tls tls;
    int port;
};

static const struct form forms[] = {
    {"smtp", SMTP_TLS_OFFERED, 25},
    {"smtp+starttls", SMTP_TLS_STARTTLS, 587},
    {"smtps", SMTP_TLS_IMPLICIT, 465},
};

static const struct form *find_form(const char *scheme)
{
    for (size_t i = 0; scheme && i < sizeof forms / sizeof *forms; i++)
        if (strcasecmp(forms[i].scheme, scheme) == 0)
            return &forms[i];
    return NULL;
}

/* Copies a part of the URL into the arena; NULL: no such part. False: it cannot be decoded. */
static bool take(struct arena *arena, CURLU *parsed, CURLUPart part, unsigned flags,
                 const char **ret_text)
{
    char *text = NULL;
    CURLUcode code = curl_url_get(parsed, part, &text, flags);
    *ret_text = arena_copy(arena, text);
    curl_free(text);
    return code != CURLUE_URLDECODE;
}

static bool is_loopback(const char *host)
{
    size_t length = strlen(host);
    return strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
           (length > 10 && strcasecmp(host + length - 10, ".localhost") == 0) ||
           (strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == length);
}

static bool refuse(struct buffer *ret_error, const char *sentence)
{
    buffer_printf(ret_error, "smtp: %s", sentence);
    return false;
}

/* --- The query ------------------------------------------------------------------------------- */

static char *decode(struct arena *arena, const char *text, size_t length)
{
    int bytes = 0;
    char *decoded = curl_easy_unescape(NULL, text, (int)length, &bytes);
    char *copy = decoded ? arena_copy_bytes(arena, decoded, (size_t)bytes) : NULL;
    bool good = copy && strlen(copy) == (size_t)bytes && !text_has_control(copy, false);
    curl_free(decoded);
    return good ? copy : NULL;
}

static bool is_host_name(const char *name)
{
    return *name && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789.-") == strlen(name);
}

static bool read_option(struct arena *arena, const char *text, size_t length, struct smtp_url *url)
{
    if (strncmp(text, "ca=", 3) == 0)
        return (url->ca = decode(arena, text + 3, length - 3)) && url->ca[0] == '/';
    if (strncmp(text, "name=", 5) == 0)
        return (url->name = decode(arena, text + 5, length - 5)) && is_host_name(url->name);
    return false;
}

static bool read_options(struct arena *arena, const char *query, struct smtp_url *url)
{
    while (query && *query) {
        size_t length = strcspn(query, "&");
        if (!read_option(arena, query, length, url))
            return false;
        query += length + (query[length] == '&');
    }
    return true;
}

/* --- The whole ------------------------------------------------------------------------------- */

static bool read_where(struct arena *arena, CURLU *parsed, struct smtp_url *url,
                       struct buffer *ret_error)
{
    const char *scheme = NULL, *port = NULL, *path = NULL, *fragment = NULL;
    long number;
    bool decoded = take(arena, parsed, CURLUPART_SCHEME, 0, &scheme) &&
                   take(arena, parsed, CURLUPART_HOST, CURLU_URLDECODE, &url->host) &&
                   take(arena, parsed, CURLUPART_PORT, 0, &port) &&
                   take(arena, parsed, CURLUPART_PATH, 0, &path) &&
                   take(arena, parsed, CURLUPART_FRAGMENT, 0, &fragment);
    const struct form *form = find_form(scheme);
    if (!form)
        return refuse(ret_error, "it begins with smtp://, smtp+starttls:// or smtps://");
    if (!decoded || !url->host || *url->host == '\0' || strpbrk(url->host, " /?#@"))
        return refuse(ret_error, "the name of the server is missing or none");
    if (port && !text_parse_number(port, 1, PORT_MOST, &number))
        return refuse(ret_error, "the port is a number from 1 to 65535");
    if ((path && strcmp(path, "/") != 0 && *path) || fragment)
        return refuse(ret_error, "nothing but ? and options may stand behind the server");
    url->port = port ? (int)number : form->port;
    url->tls = form->tls;
    if (form->tls == SMTP_TLS_OFFERED && is_loopback(url->host))
        url->tls = SMTP_TLS_NONE;
    return true;
}

static bool read_who(struct arena *arena, CURLU *parsed, struct smtp_url *url,
                     struct buffer *ret_error)
{
    if (!take(arena, parsed, CURLUPART_USER, CURLU_URLDECODE, &url->user) ||
        !take(arena, parsed, CURLUPART_PASSWORD, CURLU_URLDECODE, &url->password))
        return refuse(ret_error, "user and password are percent-encoded");
    if (!url->user && !url->password)
        return true;
    if (!url->user || !url->password || !*url->user || !*url->password)
        return refuse(ret_error, "a user needs a password, and a password a user");
    if (url->tls == SMTP_TLS_OFFERED)
        return refuse(ret_error, "a password must not travel unprotected: use smtps:// or "
                                 "smtp+starttls://");
    return true;
}

bool smtp_url_parse(struct arena *arena, const char *text, struct smtp_url *ret_url,
                    struct buffer *ret_error)
{
    struct smtp_url url = {0};
    const char *query = NULL;
    CURLU *parsed = curl_url();
    const char *host = strstr(text, "://");
    bool good = host && host[3] != '/' &&
                curl_url_set(parsed, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK;
    if (!good)
        refuse(ret_error, "it is no URL; it looks like smtp+starttls://USER:PASSWORD@HOST:587");
    good = good && read_where(arena, parsed, &url, ret_error) &&
           read_who(arena, parsed, &url, ret_error);
    if (good &&
        (!take(arena, parsed, CURLUPART_QUERY, 0, &query) || !read_options(arena, query, &url)))
        good = refuse(ret_error, "behind ? may stand ca=/absolute/path.pem and name=HOST");
    curl_url_cleanup(parsed);
    if (good)
        *ret_url = url;
    return good;
}
