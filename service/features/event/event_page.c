#include "features/event/event_page.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "event/pictures.h"
#include "event/programme.h"
#include "event/share.h"
#include "features/event/event_schema.h"
#include "view/locale.h"
#include "view/markdown.h"

enum { DESCRIPTION_HEADINGS = 3 }; /* the page has h1 and h2 itself */

static json_t *take_text(struct buffer *buffer)
{
    json_t *text = json_string(buffer_text(buffer));
    buffer_finish(buffer);
    return text;
}

static void set_given(json_t *object, const char *key, const char *text)
{
    if (text && *text != '\0')
        json_object_set_new(object, key, json_string(text));
}

static json_t *venue(const struct event *event)
{
    if (!event->venue_name)
        return json_null();
    struct buffer map_url;
    buffer_init(&map_url);
    event_map_url(event->venue_name, event->venue_address, &map_url);
    json_t *json =
        json_pack("{s:s, s:o}", "name", event->venue_name, "map_url", take_text(&map_url));
    set_given(json, "address", event->venue_address);
    return json;
}

static json_t *description(const struct event *event, const char *language)
{
    const char *text = event_text(event, &event->description, language);
    struct buffer html;
    buffer_init(&html);
    if (*text == '\0' || !markdown_html(text, DESCRIPTION_HEADINGS, &html)) {
        buffer_finish(&html);
        return json_null();
    }
    return take_text(&html);
}

static json_t *ticket_types(const struct event_view *view, const struct locale *locale)
{
    json_t *list = json_array();
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < view->event->ticket_type_count; i++) {
        const struct ticket_type *type = &view->event->ticket_types[i];
        if (!event_view_shows(view, type))
            continue;
        int64_t left = event_view_type_places_left(view, type);
        json_t *item = json_pack("{s:s, s:b, s:b}", "title",
                                 event_type_title(view->event, type->slug, locale, &arena),
                                 "approval", type->approval, "full", left == 0);
        if (left > 0)
            json_object_set_new(item, "left", json_integer(left));
        json_array_append_new(list, item);
    }
    arena_finish(&arena);
    return list;
}

/* Exactly one of the first eight is true, so that the template needs only sections. */
static json_t *state(const struct event_view *view, bool by_invitation)
{
    enum event_state now = event_view_state(view);
    bool over = view->now_us >= view->event->ends_at_us;
    bool open =
        now == EVENT_STATE_OPEN || now == EVENT_STATE_WAITING_LIST || now == EVENT_STATE_SOLD_OUT;
    bool started = view->now_us >= view->event->starts_at_us;
    return json_pack(
        "{s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b}", "open", now == EVENT_STATE_OPEN,
        "by_invitation", open && now != EVENT_STATE_OPEN && by_invitation, "waiting_list",
        now == EVENT_STATE_WAITING_LIST && !by_invitation, "sold_out",
        now == EVENT_STATE_SOLD_OUT && !by_invitation, "not_yet_open",
        now == EVENT_STATE_NOT_YET_OPEN, "closed", now == EVENT_STATE_CLOSED && !over, "over",
        now == EVENT_STATE_CLOSED && over, "cancelled", now == EVENT_STATE_CANCELLED, "to_come",
        open || now == EVENT_STATE_NOT_YET_OPEN, "few",
        now == EVENT_STATE_OPEN && event_view_has_few(view), "now_on",
        started && !over && now != EVENT_STATE_CANCELLED);
}

static void set_places(json_t *page, const struct event_view *view)
{
    int64_t left = view->counts->places_left;
    if (left > 0)
        json_object_set_new(page, "left", json_integer(left));
    if (view->counts->waitlisted > 0)
        json_object_set_new(page, "waiting", json_integer(view->counts->waitlisted));
}

/* Sets the given access code as text and for links, and whether a ticket type has it. */
static void set_code(json_t *page, const struct event_view *view)
{
    if (!view->code || *view->code == '\0')
        return;
    struct buffer query;
    buffer_init(&query);
    percent_encode(&query, view->code);
    set_given(page, "code", view->code);
    json_object_set_new(page, "code_query", take_text(&query));
    for (size_t i = 0; i < view->event->ticket_type_count; i++) {
        const struct ticket_type *type = &view->event->ticket_types[i];
        if (type->code && access_code_opens(type, view->code))
            json_object_set_new(page, "code_known", json_true());
    }
}

/* Tells the language of the event's texts if it is not the language of the page. */
static void set_other_language(json_t *page, const struct event *event, const char *language)
{
    if (!event_has_language(event, language))
        set_given(page, "text_language", event->languages[0]);
}

/* Without a contact of its own, an event's address for replies is one. */
static void set_contact(json_t *page, const struct event *event)
{
    const struct event_contact *contact = &event->contact;
    json_t *view = json_object();
    set_given(view, "name", contact->name);
    set_given(view, "email",
              contact->email.address ? contact->email.address : event->reply_to.address);
    set_given(view, "phone", contact->phone);
    set_given(view, "url", contact->url);
    if (json_object_size(view) > 0)
        json_object_set(page, "contact", view);
    json_decref(view);
}

static void set_picture(json_t *page, const struct event *event, const char *language)
{
    const struct event_picture *picture = &event->picture;
    if (!picture->name)
        return;
    json_object_set_new(page, "picture",
                        json_pack("{s:o, s:i, s:i, s:s}", "url",
                                  json_sprintf(PICTURES_PATH "%s", picture->name), "width",
                                  picture->width, "height", picture->height, "alt",
                                  event_text(event, &picture->alt, language)));
}

/* For links to the page on other sites. */
static void set_share_image(json_t *page, const struct event *event, const struct locale *locale)
{
    struct arena arena;
    arena_init(&arena);
    json_object_set_new(
        page, "share_image",
        json_sprintf("/events/%s/share/%s", event->slug, share_name(event, locale, &arena)));
    arena_finish(&arena);
}

static void set_programme(json_t *page, const struct event *event, const char *language)
{
    if (event->programme_count == 0)
        return;
    json_object_set_new(page, "has_programme", json_true());
    json_object_set_new(page, "days", programme_days(event, language));
}

static json_t *schema(const struct event_view *view, const char *language)
{
    struct buffer text;
    buffer_init(&text);
    event_schema(view, language, &text);
    return take_text(&text);
}

static void set_terms(json_t *page, const struct event *event)
{
    json_object_set_new(page, "needs_approval", json_boolean(event->approval));
    json_object_set_new(page, "verifies", json_boolean(event->verify_email));
    json_object_set_new(page, "has_waiting_list", json_boolean(event->waiting_list));
    if (event->most_attendees > 1)
        json_object_set_new(page, "most", json_integer(event->most_attendees));
}

json_t *event_page(const struct event_view *view, const struct locale *locale)
{
    const struct event *event = view->event;
    const char *language = locale_code(locale);
    json_t *types = ticket_types(view, locale);
    bool has_codes = event_view_has_codes(view), by_invitation = json_array_size(types) == 0;
    json_t *page = json_pack("{s:{s:s}, s:s, s:s, s:o, s:o, s:o, s:o, s:b, s:b, s:o, s:o}",
                             "organiser", "name", event->organiser_name, "slug", event->slug,
                             "title", event_text(event, &event->title, language), "when",
                             event_view_when(event), "venue", venue(event), "description_html",
                             description(event, language), "state", state(view, by_invitation),
                             "has_types", json_array_size(types) > 1, "access_codes", has_codes,
                             "ticket_types", types, "structured_data", schema(view, language));
    set_given(page, "summary", event_text(event, &event->summary, language));
    set_contact(page, event);
    set_picture(page, event, language);
    set_share_image(page, event, locale);
    set_programme(page, event, language);
    if (view->people)
        json_object_set(page, "who_comes", (json_t *)view->people);
    set_terms(page, event);
    set_code(page, view);
    set_places(page, view);
    set_other_language(page, event, language);
    return page;
}
