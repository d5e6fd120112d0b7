#include "features/door/door_guide.h"

#include <stdio.h>

#include "base/memory.h"
#include "http/reply.h"
#include "view/asset.h"
#include "view/markdown.h"
#include "view/qr.h"

enum { GUIDE_HEADINGS = 1, GUIDE_NAME_BYTES = 64 };

struct practice_ticket {
    const char *text;  /* in the QR code */
    const char *title; /* key of its words */
};

static const struct practice_ticket practice_tickets[] = {
    {"EINLASS-PRACTICE-GO", "door.practice_go"},
    {"EINLASS-PRACTICE-TWICE", "door.practice_twice"},
    {"EINLASS-PRACTICE-CANCELLED", "door.practice_cancelled"},
    {"EINLASS-PRACTICE-FORGED", "door.practice_forged"},
    {"EINLASS-PRACTICE-DOOR", "door.practice_door"},
};

static json_t *take_text(struct buffer *buffer)
{
    json_t *text = json_string(buffer_text(buffer));
    buffer_finish(buffer);
    return text;
}

json_t *door_guide_practice(const struct locale *locale)
{
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof practice_tickets / sizeof *practice_tickets; i++) {
        struct buffer title, svg;
        buffer_init(&title);
        buffer_init(&svg);
        locale_text(locale, practice_tickets[i].title, NULL, &title);
        bool drawn = qr_svg(practice_tickets[i].text, buffer_text(&title), &svg);
        json_t *name = take_text(&title), *code = take_text(&svg);
        if (drawn)
            json_array_append_new(list, json_pack("{s:O, s:O}", "title", name, "qr", code));
        json_decref(name);
        json_decref(code);
    }
    return list;
}

/* The build makes docs/door-guide.LANGUAGE.md an asset. */
static json_t *guide_html(const struct locale *locale)
{
    char name[GUIDE_NAME_BYTES];
    snprintf(name, sizeof name, "features/door/door-guide.%s.md", locale_code(locale));
    const struct asset *guide = asset_find(name);
    struct buffer html;
    buffer_init(&html);
    if (!guide || !markdown_html((const char *)guide->bytes, GUIDE_HEADINGS, &html)) {
        buffer_finish(&html);
        return json_string("");
    }
    return take_text(&html);
}

void door_guide(struct request *request)
{
    const struct locale *locale = request_locale(request);
    reply_header(request, "Cache-Control", "no-cache");
    reply_view(request, 200,
               json_pack("{s:o, s:o}", "guide", guide_html(locale), "practice",
                         door_guide_practice(locale)));
}
