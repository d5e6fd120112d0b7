#include "event/host.h"

#include <string.h>

#include "event/pictures.h"
#include "security/digest.h"
#include "view/colour.h"

enum { LOGO_SCALE = 2 }; /* a logo is stored larger than it is shown, for fine displays */

/* --- Colours --------------------------------------------------------------------------------- */

static void add_colours(struct buffer *css, const char *accent, bool is_dark)
{
    struct colour_look look;
    colour_look(accent, is_dark, &look);
    buffer_printf(css, "{--accent:%s;--on-accent:%s;--accent-soft:%s;--accent-line:%s66}",
                  look.accent, look.on_accent, look.soft, look.accent);
}

/* The same rules as in web/styles/look.css. Prints stay black. */
const char *host_style_make(const char *accent, struct arena *arena, const char **ret_source)
{
    struct buffer css;
    char source[DIGEST_SOURCE_BYTES];
    buffer_init(&css);
    buffer_add_text(&css, "@media screen{:root");
    add_colours(&css, accent, false);
    buffer_add_text(&css, "}@media screen and (prefers-color-scheme:dark){"
                          ":root:not([data-scheme=\"light\"])");
    add_colours(&css, accent, true);
    buffer_add_text(&css, "}@media screen{:root[data-scheme=\"dark\"]");
    add_colours(&css, accent, true);
    buffer_add_char(&css, '}');
    digest_source(css.bytes, css.length, source);
    *ret_source = arena_copy(arena, source);
    const char *style = arena_copy_bytes(arena, css.bytes, css.length);
    buffer_finish(&css);
    return style;
}

/* --- In the event ---------------------------------------------------------------------------- */

static const char *text_of(const json_t *profile, const char *member)
{
    return json_string_value(json_object_get(profile, member));
}

void host_read(struct event *event, const char *profile)
{
    event->host = arena_copy(&event->arena, profile ? profile : "{}");
    json_t *json = json_loads(event->host, 0, NULL);
    const char *accent = text_of(json, "accent");
    event->host_has_privacy = json_object_get(json, "privacy") != NULL;
    event->host_reply_to = arena_copy(&event->arena, text_of(json, "reply_to"));
    if (colour_is(accent))
        event->host_style = host_style_make(accent, &event->arena, &event->host_style_source);
    json_decref(json);
}

const char *host_style_source(const struct event *event)
{
    return event->host_style_source;
}

bool host_has_privacy(const struct event *event)
{
    return event->host_has_privacy;
}

const char *host_reply_to(const struct event *event)
{
    return event->reply_to.address ? event->reply_to.address : event->host_reply_to;
}

/* --- As a view ------------------------------------------------------------------------------- */

static json_t *logo_view(const json_t *logo, const char *base)
{
    const char *name = text_of(logo, "name");
    if (!name)
        return NULL;
    json_int_t width = json_integer_value(json_object_get(logo, "width"));
    json_int_t height = json_integer_value(json_object_get(logo, "height"));
    return json_pack("{s:o, s:I, s:I}", "url", json_sprintf("%s" PICTURES_PATH "%s", base, name),
                     "width", (width + LOGO_SCALE - 1) / LOGO_SCALE, "height",
                     (height + LOGO_SCALE - 1) / LOGO_SCALE);
}

/* A number for tel: links has no spaces (RFC 3966, section 3). */
static json_t *phone_view(const char *phone)
{
    struct buffer link;
    buffer_init(&link);
    for (const char *at = phone; *at; at++) {
        if (strchr("+0123456789", *at))
            buffer_add_char(&link, *at);
    }
    json_t *view = json_pack("{s:s, s:s}", "text", phone, "link", buffer_text(&link));
    buffer_finish(&link);
    return view;
}

/* "https://www.example.org/" is read as "www.example.org". */
static json_t *website_view(const char *url)
{
    const char *begin = strstr(url, "://");
    begin = begin ? begin + strlen("://") : url;
    size_t length = strlen(begin);
    if (length > 0 && begin[length - 1] == '/')
        length--;
    return json_pack("{s:s, s:s%}", "url", url, "text", begin, length);
}

/* The address of a page, in the language if it has a text or a link in it: {"de": "https://…",
 * "en": ""}. A text has a page of the service. */
static json_t *page_link(const struct host *host, const char *page, const char *language,
                         const char *base)
{
    json_t *pages = json_object_get(host->profile, page), *link = json_object_get(pages, language);
    if (!link)
        link = json_object_iter_value(json_object_iter(pages));
    if (!json_is_string(link))
        return NULL;
    if (*json_string_value(link) != '\0')
        return json_incref(link);
    return json_sprintf("%s/organisers/%s/%s?lang=%s", base, host->slug, page, language);
}

static void set_given(json_t *view, const char *member, json_t *value)
{
    if (value)
        json_object_set_new(view, member, value);
}

static json_t *make_view(const struct host *host, const char *base, const char *pictures,
                         const char *language)
{
    const char *email = text_of(host->profile, "contact_email");
    const char *phone = text_of(host->profile, "contact_phone");
    const char *website = text_of(host->profile, "website");
    const char *accent = text_of(host->profile, "accent");
    json_t *view = json_pack("{s:s, s:s}", "name", host->name, "slug", host->slug);
    set_given(view, "logo", logo_view(json_object_get(host->profile, "logo"), pictures));
    set_given(view, "email", email ? json_string(email) : NULL);
    set_given(view, "phone", phone ? phone_view(phone) : NULL);
    set_given(view, "website", website ? website_view(website) : NULL);
    set_given(view, "imprint", page_link(host, "imprint", language, base));
    set_given(view, "privacy", page_link(host, "privacy", language, base));
    set_given(view, "style", host->style ? json_string(host->style) : NULL);
    json_object_set_new(view, "has_contact", json_boolean(email || phone || website));
    json_object_set_new(
        view, "has_pages",
        json_boolean(json_object_get(view, "imprint") || json_object_get(view, "privacy")));
    struct colour_look look = {.accent = HOST_USUAL_ACCENT};
    if (colour_is(accent))
        colour_look(accent, false, &look);
    json_object_set_new(view, "accent", json_string(look.accent));
    return view;
}

static json_t *view_of_event(const struct event *event, const char *base, const char *pictures,
                             const char *language)
{
    json_t *profile = event->host ? json_loads(event->host, 0, NULL) : NULL;
    const struct host host = {event->organiser_slug, event->organiser_name, profile,
                              event->host_style};
    json_t *view = make_view(&host, base, pictures, language);
    json_decref(profile);
    return view;
}

json_t *host_view(const struct event *event, const char *language)
{
    return view_of_event(event, "", "", language);
}

/* Guests ask whom the event names; without any address, replies reach the organiser. */
static void add_contact_of_event(const struct event *event, json_t *view)
{
    const struct event_contact *contact = &event->contact;
    const char *reply_to = host_reply_to(event);
    set_given(view, "contact_name", contact->name ? json_string(contact->name) : NULL);
    if (contact->email.address)
        json_object_set_new(view, "email", json_string(contact->email.address));
    else if (reply_to && !json_object_get(view, "email"))
        json_object_set_new(view, "email", json_string(reply_to));
    set_given(view, "phone", contact->phone ? phone_view(contact->phone) : NULL);
    set_given(view, "website", contact->url ? website_view(contact->url) : NULL);
}

void host_add_to_mail(const struct event *event, const char *public_url, bool is_in_browser,
                      const char *language, json_t *data)
{
    json_t *view = view_of_event(event, public_url, is_in_browser ? "" : public_url, language);
    add_contact_of_event(event, view);
    json_object_set_new(data, "host", view);
    json_object_set(data, "accent", json_object_get(view, "accent"));
    if (host_reply_to(event))
        json_object_set_new(data, "reply_to", json_string(host_reply_to(event)));
}

json_t *host_view_of(const struct host *host, const char *language)
{
    return make_view(host, "", "", language);
}

void host_add_organiser_to_mail(const struct host *host, const char *public_url,
                                const char *language, json_t *data)
{
    json_t *view = make_view(host, public_url, public_url, language);
    json_object_set(data, "accent", json_object_get(view, "accent"));
    json_object_set_new(data, "host", view);
}
