/* The dispatcher's step: which event a request is about, and whether its caller may touch it. */
#include "db/db.h"
#include "event/events.h"
#include "http/reply.h"
#include "http/request.h"
#include "security/ticket.h"
#include "worker.h"

/* Where a path tells the event. */
struct name {
    char slug[TICKET_EVENT_MOST + 1]; /* "": the number counts */
    uint32_t number;
};

static bool is_own(const struct caller *caller, const struct event *event)
{
    return id_equal(&caller->organiser_id, &event->organiser_id) &&
           (id_is_zero(&caller->event_id) || id_equal(&caller->event_id, &event->id));
}

/* Whether the path itself holds what only those concerned know: an id or a ticket. */
static bool is_personal(const struct request *request)
{
    return !request_has_path(request, "event");
}

/* Who belongs to another organiser is nobody here, lest its role count for this event. */
static void treat_as_nobody(struct request *request)
{
    struct caller nobody = {.who = WHO_ANYBODY};
    request_set_caller(request, &nobody);
}

static void set_event(struct request *request, const struct event *event)
{
    request_set_event(request, event, events_release);
    if (event->frame_origins && request_is_page(request))
        request_allow_frames(request, event->frame_origins);
}

static void admit(struct request *request, const struct event *event)
{
    const struct caller *caller = request_caller(request);
    bool has_role = !id_is_zero(&caller->organiser_id);
    bool visible = event->published || is_personal(request);
    if (has_role && is_own(caller, event)) {
        set_event(request, event);
    } else if (!visible) {
        events_release(event);
        reply_refuse(request, 404, "not_found");
        return;
    } else if (has_role && !(request_route(request)->who & WHO_ANYBODY)) {
        events_release(event);
        reply_refuse(request, 403, "forbidden");
        return;
    } else {
        set_event(request, event);
        if (has_role)
            treat_as_nobody(request);
    }
    request_continue(request);
}

static void on_found(void *context, const struct event *event, int outcome)
{
    struct request *request = context;
    if (event)
        admit(request, event);
    else if (outcome == DB_DONE)
        reply_refuse(request, 404, "not_found");
    else
        reply_busy(request, "busy");
}

static bool read_slug(const struct request *request, struct name *ret_name)
{
    const char *slug = request_path(request, "event");
    size_t length = strlen(slug);
    if (length >= sizeof ret_name->slug ||
        strspn(slug, "abcdefghijklmnopqrstuvwxyz0123456789-") != length)
        return false;
    memcpy(ret_name->slug, slug, length + 1);
    return true;
}

static bool read_id(const struct request *request, struct name *ret_name)
{
    struct id id;
    if (!id_parse(request_path(request, "registration"), &id))
        return false;
    ret_name->number = id_event_number(&id);
    return true;
}

static bool read_ticket(const struct request *request, struct name *ret_name)
{
    struct ticket_claims claims;
    const struct worker *worker = request_worker(request);
    if (ticket_read(worker->keyring, request_path(request, "ticket"), &claims) != TICKET_GENUINE)
        return false;
    memcpy(ret_name->slug, claims.event, sizeof claims.event);
    return true;
}

void events_find_for(struct request *request)
{
    struct worker *worker = request_worker(request);
    struct name name = {.number = 0};
    bool readable = request_has_path(request, "event")          ? read_slug(request, &name)
                    : request_has_path(request, "registration") ? read_id(request, &name)
                                                                : read_ticket(request, &name);
    if (!readable) {
        reply_refuse(request, 404, "not_found");
        return;
    }
    bool by_slug = *name.slug != '\0';
    const struct event *event =
        by_slug ? events_now(worker, name.slug) : events_number_now(worker, name.number);
    if (event)
        admit(request, events_hold(event));
    else if (by_slug)
        events_find(worker, name.slug, on_found, request);
    else
        events_find_number(worker, name.number, on_found, request);
}
