#include "event/share.h"

#include <inttypes.h>
#include <string.h>

#include "event/event.h"
#include "event/host.h"
#include "event/pictures.h"
#include "http/page.h"
#include "view/locale.h"

/* Changes with the layout of the picture. */
#define LAYOUT "1"

/* "#2547c0" */
static unsigned colour_of(const json_t *host)
{
    const char *accent = json_string_value(json_object_get(host, "accent"));
    return accent && *accent == '#' ? (unsigned)strtoul(accent + 1, NULL, 16) : SHARE_IMAGE_ACCENT;
}

static const char *when_of(const struct event *event, const struct locale *locale,
                           struct arena *arena)
{
    struct buffer text;
    if (!event->cancelled)
        return event_when(event, locale, arena);
    buffer_init(&text);
    locale_text(locale, "share.cancelled", NULL, &text);
    const char *copy = arena_copy(arena, buffer_text(&text));
    buffer_finish(&text);
    return copy;
}

struct share_image share_image_of(const struct event *event, const struct locale *locale,
                                  struct arena *arena)
{
    const char *language = locale_code(locale);
    json_t *host = host_view(event, language);
    const struct share_image image = {
        .language = language,
        .organiser = event->organiser_name,
        .title = event_text(event, &event->title, language),
        .when = when_of(event, locale, arena),
        .where = event->venue_name,
        .accent = colour_of(host),
    };
    json_decref(host);
    return image;
}

const char *share_logo_name(const struct event *event, struct arena *arena)
{
    json_t *host = host_view(event, event->languages[0]);
    const char *url = json_string_value(json_object_get(json_object_get(host, "logo"), "url"));
    const char *name = url && strlen(url) > strlen(PICTURES_PATH)
                           ? arena_copy(arena, url + strlen(PICTURES_PATH))
                           : NULL;
    json_decref(host);
    return name;
}

const char *share_name(const struct event *event, const struct locale *locale, struct arena *arena)
{
    const struct share_image image = share_image_of(event, locale, arena);
    const char *logo = share_logo_name(event, arena);
    const char *all =
        arena_printf(arena, LAYOUT "\n%s\n%s\n%s\n%s\n%s\n%x\n%s\n%s", event->slug, image.organiser,
                     image.title, image.when, image.where ? image.where : "", image.accent,
                     event->picture.name ? event->picture.name : "", logo ? logo : "");
    return arena_printf(arena, "%s-%016" PRIx64 ".%s", image.language, page_hash(all, strlen(all)),
                        event->picture.name ? "jpg" : "png");
}
