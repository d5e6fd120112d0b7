#include "base/email.h"
#include "event/event_file_parts.h"

static const char *read_address(const struct place *place)
{
    struct email email;
    struct arena *arena = place->strict->arena;
    const char *text = strict_text(place, EVENT_FILE_NAME_MOST, false);
    if (*text == '\0')
        return "";
    if (email_parse(arena, text, &email))
        return email.address;
    strict_refuse(place, "bad_address", NULL);
    return "";
}

static bool is_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits >= 1 && digits <= 5 && text[digits] == '\0';
}

/* "https://www.example.org" or with a port, as Content-Security-Policy takes it (RFC 6454 section
 * 6.2): lower case, names as A-labels, no path. Without TLS only this machine, for trying out. */
static bool is_origin(const char *text)
{
    static const char https[] = "https://", local[] = "http://localhost",
                      by_number[] = "http://127.0.0.1";
    const char *rest;
    if (strncmp(text, https, sizeof https - 1) == 0) {
        rest = text + sizeof https - 1;
        size_t host = strspn(rest, "abcdefghijklmnopqrstuvwxyz0123456789.-");
        if (host == 0)
            return false;
        rest += host;
    } else if (strncmp(text, local, sizeof local - 1) == 0) {
        rest = text + sizeof local - 1;
    } else if (strncmp(text, by_number, sizeof by_number - 1) == 0) {
        rest = text + sizeof by_number - 1;
    } else {
        return false;
    }
    return *rest == '\0' || (*rest == ':' && is_port(rest + 1));
}

static const char *read_origin(const struct place *place)
{
    const char *text = strict_text(place, EVENT_FILE_ORIGIN_MOST, false);
    if (*text == '\0' || is_origin(text))
        return text;
    strict_refuse(place, "bad_origin", NULL);
    return "";
}

void event_file_read_reach(struct event *event, const struct place *document)
{
    struct place reply_to = strict_member(document, "reply_to");
    struct place embed_on = strict_member(document, "embed_on");
    struct place reminder = strict_member(document, "reminder_hours");
    if (strict_is_given(&reply_to))
        event->reply_to = read_address(&reply_to);
    event->embed_on_count = strict_list(&embed_on, EVENT_EMBED_ON_MOST);
    for (size_t i = 0; i < event->embed_on_count; i++) {
        struct place here = strict_element(&embed_on, i);
        event->embed_on[i] = read_origin(&here);
        event->frame_origins = i == 0 ? event->embed_on[0]
                                      : arena_printf(document->strict->arena, "%s %s",
                                                     event->frame_origins, event->embed_on[i]);
    }
    event->reminder_hours =
        (int)strict_integer(&reminder, 0, EVENT_FILE_HOURS_MOST, EVENT_FILE_REMINDER_HOURS);
}
