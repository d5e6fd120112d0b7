#include "features/publishing/publish.h"

#include <string.h>

#include "base/clock.h"
#include "db/db.h"
#include "event/event_view.h"
#include "event/events.h"
#include "event/links.h"
#include "features/publishing/acts.h"
#include "features/publishing/checks.h"
#include "http/reply.h"
#include "http/request.h"
#include "statements.h"
#include "view/locale.h"
#include "worker.h"

/* The frames are pages of the service. The rest is as for every page (http/reply.c). */
#define PREVIEW_POLICY                                                                             \
    "default-src 'none'; img-src 'self' data:; script-src 'self'; connect-src 'self'; "            \
    "form-action 'self'; base-uri 'none'; font-src 'self'; style-src 'self'; frame-src 'self'; "   \
    "frame-ancestors 'none'"

static json_t *sign_up_view(const struct event *event, int64_t now_us)
{
    bool opens_later = event->opens_at_us > now_us;
    json_t *view = json_pack("{s:b, s:b, s:b}", "later", opens_later, "open",
                             !opens_later && now_us < event->closes_at_us, "closed",
                             !opens_later && event->closes_at_us <= now_us);
    json_object_set_new(view, "closes_at",
                        json_string(event->closes_at ? event->closes_at : event->ends_at));
    if (event->opens_at)
        json_object_set_new(view, "opens_at", json_string(event->opens_at));
    return view;
}

const char *publish_profile_link(struct request *request)
{
    const struct caller *caller = request_caller(request);
    const struct event *event = request_event(request);
    for (size_t i = 0; i < caller->membership_count; i++) {
        const struct membership *own = &caller->memberships[i];
        if ((own->role & WHO_EDITORS) && id_is_zero(&own->event_id) &&
            memcmp(&own->organiser_id, &event->organiser_id, sizeof own->organiser_id) == 0)
            return arena_printf(request_arena(request), "/desk/organisers/%s/profile#privacy",
                                event->organiser_slug);
    }
    return NULL;
}

static json_t *checks_view(struct request *request, const json_t *list, bool missing)
{
    size_t i;
    json_t *check, *views = json_array();
    const char *profile = publish_profile_link(request);
    json_array_foreach ((json_t *)list, i, check) {
        if (profile && json_is_true(json_object_get(check, "is_privacy")))
            json_object_set_new(check, "link", json_string(profile));
        if (json_is_true(json_object_get(check, "missing")) == missing)
            json_array_append(views, check);
    }
    return views;
}

static json_t *page_view(struct request *request)
{
    const struct event *event = request_event(request);
    const struct worker *worker = request_worker(request);
    struct arena *arena = request_arena(request);
    int64_t now_us = clock_now_us();
    json_t *checks = checks_list(event, now_us, request_locale(request));
    json_t *view = json_pack(
        "{s:s, s:i, s:b, s:b, s:b, s:o, s:o, s:o, s:o, s:b}", "slug", event->slug, "version",
        event->version, "published", event->published, "cancelled", event->cancelled, "over",
        event->ends_at_us <= now_us, "offers", acts_offered(event, now_us), "sign_up",
        sign_up_view(event, now_us), "missing", checks_view(request, checks, true), "odd",
        checks_view(request, checks, false), "complete", json_array_size(checks) == 0);
    const char *link = link_preview(worker, event, arena);
    json_object_set_new(view, "link", link ? json_string(link) : json_null());
    json_object_set_new(
        view, "address",
        json_string(arena_printf(arena, "%s/events/%s", worker->config->public_url, event->slug)));
    json_decref(checks);
    return view;
}

void publish_show(struct request *request)
{
    reply_view(request, 200, page_view(request));
}

void publish_preview(struct request *request)
{
    reply_header(request, "Content-Security-Policy", PREVIEW_POLICY);
    reply_view(request, 200, page_view(request));
}

/* --- The link for colleagues ----------------------------------------------------------------- */

struct link_change {
    struct request *request;
    const char *done;
};

static void on_link(void *context, const struct db_result *result)
{
    const struct link_change *change = context;
    struct request *request = change->request;
    const struct event *event = request_event(request);
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    events_changed(request_worker(request), &event->id);
    reply_see_other(request, arena_printf(request_arena(request),
                                          "/desk/events/%s/publish?done=publishing.%s#preview",
                                          event->slug, change->done));
}

static void change_link(struct request *request, bool makes, const char *done)
{
    struct link_change *change = arena_alloc(request_arena(request), sizeof *change);
    const struct publishing_preview_link given = {.event_id = &request_event(request)->id,
                                                  .makes = makes,
                                                  .actor = request_caller(request)->label};
    *change = (struct link_change){request, done};
    db_ask(request_worker(request)->db, publishing_preview_link_params(&given), on_link, change);
}

void publish_make_link(struct request *request)
{
    change_link(request, true, "link_made");
}

void publish_revoke_link(struct request *request)
{
    change_link(request, false, "link_revoked");
}
