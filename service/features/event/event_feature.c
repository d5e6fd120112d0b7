#include "features/event/event_feature.h"

#include <string.h>

#include "base/clock.h"
#include "event/event_calendar.h"
#include "features/event/desk_events.h"
#include "features/event/desk_overview.h"
#include "features/event/event_list.h"
#include "features/event/event_page.h"
#include "features/event/event_pages.h"
#include "features/event/share_picture.h"
#include "features/event/who_comes.h"
#include "event/events.h"
#include "http/page.h"
#include "http/reply.h"
#include "http/request.h"

/* Whether the page is shown as guests will see it: to organisers in the frames of the desk, or to
 * colleagues by the link to a draft. */
static bool is_preview(struct request *request)
{
    return request_is_desk(request) ||
           (request_is_page(request) && request_query(request, "preview") &&
            !request_event(request)->published);
}

static struct event_view view_of(struct request *request, const struct event_counts *counts)
{
    const struct worker *worker = request_worker(request);
    return (struct event_view){
        .event = request_event(request),
        .counts = counts,
        .now_us = clock_now_us(),
        .code = request_query(request, "code"),
        .by_organiser = request_role(request) != WHO_ANYBODY && !is_preview(request),
        .public_url = worker->config->public_url ? worker->config->public_url : "",
    };
}

static uint64_t hash_of(const json_t *people)
{
    char *text = people ? json_dumps(people, JSON_COMPACT) : NULL;
    uint64_t hash = text ? page_hash(text, strlen(text)) : 0;
    free(text);
    return hash;
}

/* Callers without a role or an access code share cached pages. */
static void reply_shared_page(struct request *request, const struct event_view *view)
{
    struct worker *worker = request_worker(request);
    const struct locale *locale = request_locale(request);
    const struct event_page_look look = {
        .locale = locale, .embed = request_embed(request), .people = hash_of(view->people)};
    struct page *page = event_pages_find(worker, view, &look);
    if (!page) {
        page = page_render(request, request_route(request)->template, event_page(view, locale));
        if (!page) {
            reply_refuse(request, 500, "internal");
            return;
        }
        event_pages_keep(worker, view, &look, page);
    }
    reply_ready_page(request, page);
}

/* The desk shows it in frames. */
static void reply_preview(struct request *request, const struct event_view *view)
{
    json_t *page = event_page(view, request_locale(request));
    json_object_set_new(page, "preview", json_true());
    json_object_set_new(page, "draft", json_boolean(!view->event->published));
    reply_header(request, "X-Robots-Tag", "noindex");
    page_allow_frames(request, "'self'");
    reply_view(request, 200, page);
}

/* A visit of the page of an event. Lives in the request's arena. */
struct visit {
    struct request *request;
    json_t *people; /* who comes; NULL: nobody is named */
};

static void reply_visit(const struct visit *visit, const struct event_counts *counts)
{
    struct request *request = visit->request;
    struct event_view view = view_of(request, counts);
    view.people = visit->people;
    if (!request_is_page(request))
        reply_view(request, 200, event_view_json(&view));
    else if (is_preview(request))
        reply_preview(request, &view);
    else if (view.code || view.by_organiser)
        reply_view(request, 200, event_page(&view, request_locale(request)));
    else
        reply_shared_page(request, &view);
}

static void on_counted(void *context, const struct event_counts *counts)
{
    struct visit *visit = context;
    json_t *people = visit->people; /* the visit ends with the answer */
    if (counts)
        reply_visit(visit, counts);
    else
        reply_busy(visit->request, "busy");
    json_decref(people);
}

static void count(struct visit *visit)
{
    struct worker *worker = request_worker(visit->request);
    const struct event *event = request_event(visit->request);
    const struct event_counts *counts = events_counts_now(worker, event);
    if (counts)
        on_counted(visit, counts);
    else
        events_count(worker, event, on_counted, visit);
}

static void on_people(void *context, const json_t *people)
{
    struct visit *visit = context;
    visit->people = json_incref((json_t *)people);
    count(visit);
}

static void show(struct request *request)
{
    struct worker *worker = request_worker(request);
    const struct event *event = request_event(request);
    if (access_code_try(request, request_query(request, "code")) == ACCESS_CODE_TOO_MANY) {
        reply_refuse(request, 429, "too_many_access_codes");
        return;
    }
    struct visit *visit = arena_alloc(request_arena(request), sizeof *visit);
    *visit = (struct visit){request, NULL};
    request_locale(request); /* headers can be read before a wait only */
    if (request_is_page(request) && who_comes_applies(event, clock_now_us()))
        who_comes_find(worker, event, on_people, visit);
    else
        count(visit);
}

static void show_calendar(struct request *request)
{
    struct arena *arena = request_arena(request);
    const struct event *event = request_event(request);
    const struct locale *locale = request_locale(request);
    struct calendar_event calendar = event_calendar(request_worker(request), event, locale, arena);
    struct buffer file;
    buffer_init(&file);
    calendar_write(&calendar, &file);
    reply_header(request, "Cache-Control", "no-cache");
    reply_header(request, "Vary", "Accept-Language, Cookie");
    reply_file_name(request, REPLY_ATTACHMENT, event_calendar_name(event, locale, arena));
    reply_bytes(request, 200, calendar_content_type, file.bytes, file.length);
    buffer_finish(&file);
}

static const struct route routes[] = {
    {"GET", "/", ROUTE_PAGE, WHO_ANYBODY, BODY_NONE, 0, "features/event/list.html",
     event_list_show},
    {"GET", "/events", ROUTE_API, WHO_ANYBODY, BODY_NONE, 0, NULL, event_list_show,
     .query = "cursor limit"},
    {"GET", "/events/{event}", ROUTE_API | ROUTE_PAGE, WHO_ANYBODY, BODY_NONE, 0,
     "event/event.html", show, .query = "code"},
    {"GET", "/events/{event}/calendar.ics", ROUTE_PLAIN, WHO_ANYBODY, BODY_NONE, 0, NULL,
     show_calendar},
    {"GET", "/events/{event}/share/{image}", ROUTE_PLAIN, WHO_ANYBODY, BODY_NONE, 0, NULL,
     share_picture_show},
    {"GET", "/", ROUTE_DESK, WHO_READERS | WHO_DOOR, .template = "features/event/desk_events.html",
     .menu = "events", .menu_place = 10, .handle = desk_events_show},
    {"GET", "/organised-events", ROUTE_API, WHO_READERS | WHO_DOOR, .handle = desk_events_show,
     .query = "q page"},
    {"GET", "/events/{event}", ROUTE_DESK, WHO_READERS,
     .template = "features/event/desk_overview.html", .menu = "overview", .menu_place = 10,
     .handle = desk_overview_show},
    {"GET", "/events/{event}/publish/page", ROUTE_DESK, WHO_EDITORS, .template = "event/event.html",
     .handle = show},
    {"GET", "/events/{event}/overview", ROUTE_API, WHO_READERS, .handle = desk_overview_show},
    {0},
};

static void on_notice(struct worker *worker, const char *payload)
{
    static const char topic[] = "event ";
    struct id id;
    if (strncmp(payload, topic, sizeof topic - 1) == 0 &&
        id_parse(payload + sizeof topic - 1, &id)) {
        events_forget(worker, &id);
        event_list_forget(worker);
    }
}

static void on_gap(struct worker *worker)
{
    events_forget_all(worker);
    event_list_forget(worker);
}

static const struct command *const commands[] = {
    &command_event_apply,   &command_event_show, &command_event_list,
    &command_event_history, &command_event_diff, NULL,
};

const struct feature feature_event = {
    .name = "event",
    .commands = commands,
    .routes = routes,
    .on_notice = on_notice,
    .on_gap = on_gap,
};
