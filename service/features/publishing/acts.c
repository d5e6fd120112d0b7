#include "features/publishing/acts.h"

#include <limits.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/timezone.h"
#include "db/db.h"
#include "event/event_change.h"
#include "features/publishing/checks.h"
#include "features/publishing/publish.h"
#include "form/field_view.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/request.h"
#include "statements.h"
#include "view/locale.h"
#include "worker.h"

static const int64_t minute_us = 60 * CLOCK_SECOND_US;

/* --- The acts -------------------------------------------------------------------------------- */

static bool is_over(const struct event *event, int64_t now_us)
{
    return event->ends_at_us <= now_us;
}

static bool offers_publish(const struct event *event, int64_t now_us)
{
    (void)now_us;
    return !event->published;
}

static bool offers_draft(const struct event *event, int64_t now_us)
{
    (void)now_us;
    return event->published;
}

static bool offers_close(const struct event *event, int64_t now_us)
{
    return !event->cancelled && event->opens_at_us <= now_us && now_us < event->closes_at_us;
}

static bool offers_open(const struct event *event, int64_t now_us)
{
    return !event->cancelled && !is_over(event, now_us) &&
           (event->closes_at_us <= now_us || event->opens_at_us > now_us);
}

static bool offers_cancel(const struct event *event, int64_t now_us)
{
    return !event->cancelled && !is_over(event, now_us);
}

static bool offers_revive(const struct event *event, int64_t now_us)
{
    return event->cancelled && !is_over(event, now_us);
}

static void set_publish(json_t *document, const struct event *event)
{
    (void)event;
    json_object_set_new(document, "published", json_true());
}

static void set_draft(json_t *document, const struct event *event)
{
    (void)event;
    json_object_set_new(document, "published", json_false());
}

/* This minute, on the clocks of the event. */
static json_t *local_now(const struct event *event)
{
    char text[CLOCK_TEXT_BYTES];
    struct timezone *zone = NULL;
    struct timezone_change change = {0};
    int64_t now_us = clock_now_us() / minute_us * minute_us;
    if (timezone_load(event->timezone, &zone)) {
        if (!timezone_at(zone, now_us, &change, NULL))
            change.offset_s = 0;
        timezone_destroy(zone);
    }
    clock_format_local(now_us, change.offset_s, true, text);
    return json_string(text);
}

static void set_close(json_t *document, const struct event *event)
{
    json_object_set_new(json_object_get(document, "registration"), "closes_at", local_now(event));
}

static void set_open(json_t *document, const struct event *event)
{
    json_t *registration = json_object_get(document, "registration");
    if (event->opens_at_us > clock_now_us())
        json_object_del(registration, "opens_at");
    if (event->closes_at_us <= clock_now_us())
        json_object_del(registration, "closes_at");
}

static void set_cancel(json_t *document, const struct event *event)
{
    (void)event;
    json_object_set_new(document, "cancelled", json_true());
}

static void set_revive(json_t *document, const struct event *event)
{
    (void)event;
    json_object_del(document, "cancelled");
}

static const struct act {
    const char *name;
    bool (*is_offered)(const struct event *event, int64_t now_us);
    void (*set)(json_t *document, const struct event *event);
    bool asks_for_title, is_danger;
} acts[] = {
    {"publish", offers_publish, set_publish, false, false},
    {"draft", offers_draft, set_draft, false, false},
    {"close", offers_close, set_close, false, false},
    {"open", offers_open, set_open, false, false},
    {"cancel", offers_cancel, set_cancel, true, true},
    {"revive", offers_revive, set_revive, false, false},
};

enum { ACTS = sizeof acts / sizeof *acts };

json_t *acts_offered(const struct event *event, int64_t now_us)
{
    json_t *offered = json_object();
    for (size_t i = 0; i < ACTS; i++)
        json_object_set_new(offered, acts[i].name, json_boolean(acts[i].is_offered(event, now_us)));
    return offered;
}

static const struct act *find_act(const char *name)
{
    for (size_t i = 0; i < ACTS; i++) {
        if (strcmp(acts[i].name, name) == 0)
            return &acts[i];
    }
    return NULL;
}

/* --- The page that asks ---------------------------------------------------------------------- */

struct typed {
    int64_t version; /* that the page showed */
    const char *title;
    bool is_sure; /* publishes without a privacy notice */
};

static const struct form_field typed_fields[] = {
    {"version", KIND_INTEGER, FORM_AT(struct typed, version), FORM_NEEDED, .least = 1,
     .most = INT_MAX},
    {"title", KIND_TEXT, FORM_AT(struct typed, title)},
    {"sure", KIND_BOOLEAN, FORM_AT(struct typed, is_sure)},
};
static const struct form typed_form = FORM(struct typed, typed_fields);

/* Lives in its request's arena. */
struct acting {
    struct request *request;
    const struct act *act;
    struct typed typed;
    int status;
    json_t *errors;  /* held until the answer; NULL: none */
    json_t *changes; /* that others saved meanwhile; the same */
    const char *who; /* the last of them */
};

static const char *page_of(const struct acting *acting)
{
    return arena_printf(request_arena(acting->request), "/desk/events/%s/publish",
                        request_event(acting->request)->slug);
}

static void on_told(void *context, const struct db_result *result)
{
    struct acting *acting = context;
    struct request *request = acting->request;
    const struct event *event = request_event(request);
    if (result->outcome != DB_DONE) {
        json_decref(acting->errors);
        json_decref(acting->changes);
        reply_failed(request, result);
        return;
    }
    const char *language = locale_code(request_locale(request));
    json_t *view = json_pack(
        "{s:{s:b}, s:s, s:s, s:i, s:s, s:I, s:b, s:b, s:b, s:b, s:s}", "act", acting->act->name,
        true, "name", acting->act->name, "slug", event->slug, "version", event->version, "title",
        event_text(event, &event->title, language), "told",
        (json_int_t)rows_number(result->rows, 0, "told"), "asks_for_title",
        acting->act->asks_for_title, "is_danger", acting->act->is_danger, "no_privacy",
        !checks_has_privacy(event), "published", event->published, "ends_at", event->ends_at);
    json_object_set_new(
        view, "field",
        field_view_plain(acting->errors, "title", json_object_get(request_body(request), "title")));
    if (acting->errors)
        json_object_set_new(view, "problems",
                            field_view_problems(request_arena(request), acting->errors, false));
    json_object_set_new(view, "has_problems", json_boolean(acting->errors != NULL));
    if (publish_profile_link(request))
        json_object_set_new(view, "profile_link", json_string(publish_profile_link(request)));
    if (acting->changes)
        json_object_set_new(view, "meanwhile",
                            json_pack("{s:O, s:s}", "changes", acting->changes, "who",
                                      acting->who ? acting->who : ""));
    json_decref(acting->errors);
    json_decref(acting->changes);
    reply_page(request, acting->status, "features/publishing/act.html", view);
}

static void show(struct acting *acting, int status)
{
    struct request *request = acting->request;
    const struct publishing_told wanted = {.event_id = &request_event(request)->id};
    acting->status = status;
    request_locale(request); /* headers can be read before a wait only */
    db_ask(request_worker(request)->db, publishing_told_params(&wanted), on_told, acting);
}

/* Returns NULL after it has answered. An act that is over leads back to the page. */
static struct acting *begin(struct request *request)
{
    const struct act *act = find_act(request_path(request, "act"));
    struct acting *acting = arena_alloc(request_arena(request), sizeof *acting);
    *acting = (struct acting){.request = request, .act = act};
    if (!act) {
        reply_refuse(request, 404, "not_found");
        return NULL;
    }
    if (!act->is_offered(request_event(request), clock_now_us())) {
        reply_see_other(request, page_of(acting));
        return NULL;
    }
    return acting;
}

void acts_ask(struct request *request)
{
    struct acting *acting = begin(request);
    if (acting)
        show(acting, 200);
}

/* --- Doing ----------------------------------------------------------------------------------- */

static void on_changed(void *context, const struct event_changed *changed)
{
    struct acting *acting = context;
    struct request *request = acting->request;
    size_t count = json_array_size(changed->meanwhile);
    const json_t *last = json_array_get(changed->meanwhile, count > 0 ? count - 1 : 0);
    const char *who = json_string_value(json_object_get(last, "who"));
    switch (changed->outcome) {
    case EVENT_CHANGE_CHANGED:
    case EVENT_CHANGE_UNCHANGED:
        reply_see_other(request,
                        arena_printf(request_arena(request), "%s?done=publishing.%s&n=%lld",
                                     page_of(acting), acting->act->name, (long long)changed->told));
        return;
    case EVENT_CHANGE_REFUSED:
        acting->errors = json_incref(changed->errors);
        show(acting, 422);
        return;
    case EVENT_CHANGE_STALE:
        acting->changes = json_incref(changed->changes);
        acting->who = arena_copy(request_arena(request), who);
        show(acting, 409);
        return;
    case EVENT_CHANGE_AWAY:
        break;
    }
    reply_busy(request, "busy");
}

static void on_found(void *context, const struct event_definition *definition)
{
    struct acting *acting = context;
    if (!definition)
        return;
    json_t *document = json_deep_copy(definition->document);
    acting->act->set(document, request_event(acting->request));
    event_change(
        acting->request,
        &(struct event_change){.document = document, .base_version = (int)acting->typed.version},
        on_changed, acting);
}

/* People type it as they see it: in any language, and not minding capitals. */
static bool is_title(const struct acting *acting)
{
    const struct event *event = request_event(acting->request);
    struct arena *arena = request_arena(acting->request);
    if (!acting->typed.title)
        return false;
    const char *typed = text_fold(arena, acting->typed.title);
    for (size_t i = 0; i < event->language_count; i++) {
        const char *title = event->title.by_language[i];
        if (title && strcmp(text_fold(arena, title), typed) == 0)
            return true;
    }
    return false;
}

static json_t *find_errors(struct acting *acting)
{
    json_t *errors = form_read_body(acting->request, &typed_form, NULL, &acting->typed);
    struct findings findings;
    if (errors || !acting->act->asks_for_title || is_title(acting))
        return errors;
    findings_init(&findings, request_locale(acting->request));
    findings_add(&findings, "/title", "title_differs", NULL);
    return findings_take(&findings);
}

void acts_do(struct request *request)
{
    struct acting *acting = begin(request);
    if (!acting)
        return;
    acting->errors = find_errors(acting);
    bool asks = acting->act->set == set_publish && !acting->typed.is_sure &&
                !checks_has_privacy(request_event(request));
    if (acting->errors)
        show(acting, 422);
    else if (asks)
        show(acting, 200);
    else
        event_definition_find(request, 0, on_found, acting);
}
