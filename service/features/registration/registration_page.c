#include "features/registration/registration_page.h"

#include "features/event/event.h"
#include "http/reply.h"
#include "view/locale.h"
#include "view/qr.h"

const char *registration_page_link(struct request *request)
{
    const char *key = request_query(request, "key");
    return arena_printf(request_arena(request), "/registrations/%s?key=%s",
                        request_path(request, "registration"), key ? key : "");
}

static void add_qr(json_t *attendee)
{
    struct buffer svg;
    const char *ticket = json_string_value(json_object_get(attendee, "ticket"));
    if (!ticket)
        return;
    buffer_init(&svg);
    if (qr_svg(ticket, json_string_value(json_object_get(attendee, "name")), &svg))
        json_object_set_new(attendee, "qr", json_string(buffer_text(&svg)));
    buffer_finish(&svg);
}

static void add_ticket_type(json_t *attendee, const struct event *event, const char *language)
{
    const char *slug = json_string_value(json_object_get(attendee, "ticket_type"));
    const struct ticket_type *type = event_ticket_type(event, slug);
    json_object_set_new(attendee, "ticket_type_title",
                        json_string(type ? event_text(event, &type->title, language) : slug));
}

void registration_page_reply(struct request *request, json_t *view)
{
    const struct event *event = request_event(request);
    const char *language = locale_code(request_locale(request));
    const char *status = json_string_value(json_object_get(view, "status"));
    json_t *attendee;
    size_t i;
    json_array_foreach (json_object_get(view, "attendees"), i, attendee) {
        add_qr(attendee);
        add_ticket_type(attendee, event, language);
    }
    json_object_set_new(view, status, json_true());
    json_object_set_new(view, "organiser", json_pack("{s:s}", "name", event->organiser_name));
    json_object_set_new(view, "can_cancel", json_boolean(strcmp(status, "cancelled") != 0));
    json_object_set_new(view, "link", json_string(registration_page_link(request)));
    json_object_set_new(view, "cancel_link",
                        json_string(arena_printf(
                            request_arena(request), "/registrations/%s/cancel?key=%s",
                            request_path(request, "registration"),
                            request_query(request, "key") ? request_query(request, "key") : "")));
    json_object_set_new(view, "event",
                        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s?, s:s?}", "slug", event->slug,
                                  "title", event_text(event, &event->title, language), "starts_at",
                                  event->starts_at, "ends_at", event->ends_at, "timezone",
                                  event->timezone, "venue", event->venue_name, "address",
                                  event->venue_address));
    reply_page(request, 200, "features/registration/registration.html", view);
}
