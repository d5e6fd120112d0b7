#include "features/registration/manage_page.h"

#include "base/clock.h"
#include "event/event.h"
#include "event/event_view.h"
#include "event/links.h"
#include "http/request.h"
#include "http/reply.h"
#include "view/locale.h"

/* The manage link as a path, with `page` before its query and `more` behind. It keeps the frame. */
static const char *link_between(const struct errand *errand, const char *page, const char *more)
{
    struct request *request = errand->request;
    struct arena *arena = request_arena(request);
    const char *url = link_manage(request_worker(request), &errand->registration_id,
                                  errand->registration->link_version, arena);
    const char *path = strstr(url, "/registrations/");
    size_t length = strcspn(path, "?");
    return request_link(request,
                        arena_printf(arena, "%s%s%s%s", arena_copy_bytes(arena, path, length), page,
                                     path + length, more));
}

const char *manage_page_link(const struct errand *errand, const char *page)
{
    return link_between(errand, page, "");
}

const char *manage_page_done(const struct errand *errand)
{
    if (!errand->done)
        return manage_page_link(errand, "");
    return link_between(errand, "",
                        arena_printf(request_arena(errand->request), "&done=%s", errand->done));
}

const char *manage_page_attendee_link(const struct errand *errand, const struct id *attendee_id,
                                      const char *page)
{
    char id[ID_TEXT_BYTES];
    id_format(attendee_id, id);
    return link_between(
        errand, arena_printf(request_arena(errand->request), "/attendees/%s%s", id, page), "");
}

bool manage_page_is_over(const struct errand *errand)
{
    return clock_now_us() >= request_event(errand->request)->ends_at_us;
}

static json_t *venue_view(const struct event *event)
{
    if (!event->venue_name)
        return json_null();
    struct buffer map_url;
    buffer_init(&map_url);
    event_map_url(event->venue_name, event->venue_address, &map_url);
    json_t *view = json_pack("{s:s, s:s?, s:s}", "name", event->venue_name, "address",
                             event->venue_address, "map_url", buffer_text(&map_url));
    buffer_finish(&map_url);
    return view;
}

json_t *manage_page_frame(struct request *request)
{
    const struct event *event = request_event(request);
    const char *language = locale_code(request_locale(request));
    return json_pack("{s:{s:s, s:s, s:o}, s:o, s:{s:s}}", "event", "slug", event->slug, "title",
                     event_text(event, &event->title, language), "venue", venue_view(event), "when",
                     event_view_when(event), "organiser", "name", event->organiser_name);
}

json_t *manage_page_view(const struct errand *errand)
{
    json_t *view = manage_page_frame(errand->request);
    json_object_set_new(view, "self", json_string(manage_page_link(errand, "")));
    return view;
}

static json_t *wording(const struct errand *errand, const char *code, const char *part)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(request_locale(errand->request),
                arena_printf(request_arena(errand->request), "problem.%s.%s", code, part), NULL,
                &text);
    json_t *json = json_string(buffer_text(&text));
    buffer_finish(&text);
    return json;
}

json_t *manage_page_refusal(const struct errand *errand, const char *code)
{
    if (strcmp(code, "invalid") == 0)
        return NULL;
    return json_pack("{s:o, s:o}", "title", wording(errand, code, "title"), "detail",
                     wording(errand, code, "detail"));
}

json_t *manage_page_new_key(void)
{
    struct id id;
    id_make(&id);
    return view_id(&id);
}
