#include "features/event/event_schema.h"

#include "event/pictures.h"
#include "http/reply.h"
#include "view/escape.h"

static void set_given(json_t *object, const char *key, const char *text)
{
    if (text && *text != '\0')
        json_object_set_new(object, key, json_string(text));
}

static json_t *location(const struct event *event)
{
    json_t *place = json_pack("{s:s, s:s}", "@type", "Place", "name", event->venue_name);
    set_given(place, "address", event->venue_address);
    return place;
}

/* Returns a schema.org/ItemAvailability, or NULL without an offer. */
static const char *availability(const struct event_view *view)
{
    switch (event_view_state(view)) {
    case EVENT_STATE_OPEN:
        return event_view_has_few(view) ? "https://schema.org/LimitedAvailability"
                                        : "https://schema.org/InStock";
    case EVENT_STATE_NOT_YET_OPEN:
        return "https://schema.org/PreOrder";
    case EVENT_STATE_WAITING_LIST:
    case EVENT_STATE_SOLD_OUT:
        return "https://schema.org/SoldOut";
    case EVENT_STATE_CLOSED:
    case EVENT_STATE_CANCELLED:
    case EVENT_STATE_NONE:
        break;
    }
    return NULL;
}

/* Einlass takes no money, so the price is 0. */
static json_t *offer(const struct event_view *view, json_t *url)
{
    const struct event *event = view->event;
    const char *state = availability(view);
    if (!state)
        return NULL;
    json_t *offer = json_pack("{s:s, s:i, s:s, s:s, s:o, s:O*}", "@type", "Offer", "price", 0,
                              "priceCurrency", "EUR", "availability", state, "validThrough",
                              view_time(event->closes_at_us), "url", url);
    if (event->opens_at_us > 0)
        json_object_set_new(offer, "validFrom", view_time(event->opens_at_us));
    return offer;
}

static void set_places(json_t *data, const struct event_view *view)
{
    int64_t left = view->counts->places_left;
    if (view->counts->capacity < 0)
        return;
    json_object_set_new(data, "maximumAttendeeCapacity", json_integer(view->counts->capacity));
    json_object_set_new(data, "remainingAttendeeCapacity", json_integer(left));
}

static json_t *schema(const struct event_view *view, const char *language, json_t *url)
{
    const struct event *event = view->event;
    bool translated = event_has_language(event, language);
    json_t *data = json_pack("{s:s, s:s, s:s, s:o, s:o, s:s, s:s, s:b, s:{s:s, s:s}, s:O*, s:o*}",
                             "@context", "https://schema.org", "@type", "Event", "name",
                             event_text(event, &event->title, language), "startDate",
                             view_time(event->starts_at_us), "endDate",
                             view_time(event->ends_at_us), "eventStatus",
                             event->cancelled ? "https://schema.org/EventCancelled"
                                              : "https://schema.org/EventScheduled",
                             "inLanguage", translated ? language : event->languages[0],
                             "isAccessibleForFree", true, "organizer", "@type", "Organization",
                             "name", event->organiser_name, "url", url, "offers", offer(view, url));
    if (event->picture.name && *view->public_url)
        json_object_set_new(
            data, "image",
            json_sprintf("%s" PICTURES_PATH "%s", view->public_url, event->picture.name));
    set_given(data, "description", event_text(event, &event->summary, language));
    if (event->venue_name) {
        json_object_set_new(data, "location", location(event));
        json_object_set_new(data, "eventAttendanceMode",
                            json_string("https://schema.org/OfflineEventAttendanceMode"));
    }
    set_places(data, view);
    return data;
}

void event_schema(const struct event_view *view, const char *language, struct buffer *out)
{
    json_t *url = *view->public_url == '\0'
                      ? NULL
                      : json_sprintf("%s/events/%s", view->public_url, view->event->slug);
    json_t *data = schema(view, language, url);
    escape_script_json(out, data);
    json_decref(data);
    json_decref(url);
}
