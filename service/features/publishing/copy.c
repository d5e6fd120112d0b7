#include "features/publishing/copy.h"

#include <string.h>

#include "base/clock.h"
#include "db/db.h"
#include "event/event.h"
#include "event/event_change.h"
#include "form/field_view.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/request.h"
#include "statements.h"
#include "view/locale.h"
#include "worker.h"

/* Lives in its request's arena. */
struct copying {
    struct request *request;
    bool is_made;     /* the form was sent */
    json_t *document; /* held until the answer */
    json_t *skipped;  /* times that the clocks skip */
    json_t *errors;   /* NULL: none */
    const char *made; /* the page of the copy */
};

static void release(struct copying *copying)
{
    json_decref(copying->document);
    json_decref(copying->skipped);
    json_decref(copying->errors);
}

/* Who may change single events only, makes no new one. */
static bool may_copy(const struct request *request)
{
    const struct caller *caller = request_caller(request);
    for (size_t i = 0; i < caller->membership_count; i++) {
        const struct membership *membership = &caller->memberships[i];
        if ((membership->role & WHO_EDITORS) && id_is_zero(&membership->event_id) &&
            id_equal(&membership->organiser_id, &request_event(request)->organiser_id))
            return true;
    }
    return false;
}

/* --- The page -------------------------------------------------------------------------------- */

static json_t *word(struct request *request, const char *key, const json_t *data)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(request_locale(request), key, data, &text);
    json_t *json = json_string(buffer_text(&text));
    buffer_finish(&text);
    return json;
}

static json_t *language_name(struct request *request, const char *language)
{
    const char *key = arena_printf(request_arena(request), "history.language.%s", language);
    return locale_has(request_locale(request), key) ? word(request, key, NULL)
                                                    : json_string(language);
}

/* A title in each language of the event. */
static json_t *titles_view(const struct copying *copying)
{
    struct request *request = copying->request;
    const struct event *event = request_event(request);
    const json_t *typed = json_object_get(request_body(request), "title");
    json_t *views = json_array();
    for (size_t i = 0; i < event->language_count; i++) {
        const char *language = event->languages[i];
        const char *name = arena_printf(request_arena(request), "title.%s", language);
        const char *old = event->title.by_language[i];
        json_t *value = copying->is_made ? json_incref(json_object_get(typed, language))
                                         : json_string(old ? old : "");
        json_t *view = field_view_plain(copying->errors, name, value);
        if (event->language_count > 1)
            json_object_set_new(view, "language", language_name(request, language));
        json_object_set_new(view, "code", json_string(language));
        json_decref(value);
        json_array_append_new(views, view);
    }
    return views;
}

static json_t *skipped_view(const struct copying *copying)
{
    size_t i;
    json_t *skipped, *views = json_array();
    json_array_foreach (copying->skipped, i, skipped) {
        struct request *request = copying->request;
        const char *member = json_string_value(json_object_get(skipped, "member"));
        const char *keys[] = {"change.member.%s", "change.member.registration_%s",
                              "change.member.check_in_%s"};
        json_t *label = NULL;
        for (size_t k = 0; !label && k < sizeof keys / sizeof *keys; k++) {
            struct buffer key;
            buffer_init(&key);
            buffer_add_text(&key, keys[k]);
            key.length -= strlen("%s");
            buffer_add_text(&key, member);
            if (locale_has(request_locale(request), buffer_text(&key)))
                label = word(request, buffer_text(&key), NULL);
            buffer_finish(&key);
        }
        json_object_set_new(skipped, "label",
                            label ? label : word(request, "change.member.other", NULL));
        json_array_append(views, skipped);
    }
    return views;
}

static void reply_form(struct copying *copying, int status)
{
    struct request *request = copying->request;
    const struct event *event = request_event(request);
    json_t *sent = request_body(request);
    json_t *view =
        json_pack("{s:s, s:b, s:o, s:o, s:s, s:o, s:b, s:b}", "slug", event->slug, "may",
                  may_copy(request), "titles", titles_view(copying), "day",
                  field_view_plain(copying->errors, "day", json_object_get(sent, "day")),
                  "starts_at", event->starts_at, "skipped", skipped_view(copying), "skips",
                  json_array_size(copying->skipped) > 0, "has_problems", copying->errors != NULL);
    if (copying->errors)
        json_object_set_new(view, "problems",
                            field_view_problems(request_arena(request), copying->errors, false));
    release(copying);
    reply_page(request, status, "features/publishing/copy.html", view);
}

void copy_ask(struct request *request)
{
    struct copying *copying = arena_alloc(request_arena(request), sizeof *copying);
    copying->request = request;
    reply_form(copying, 200);
}

/* --- Making ---------------------------------------------------------------------------------- */

static void on_pictured(void *context, const struct db_result *result)
{
    const struct copying *copying = context;
    struct request *request = copying->request;
    if (result->outcome == DB_DONE)
        reply_see_other(request, copying->made);
    else
        reply_failed(request, result);
}

static void copy_picture(struct copying *copying, const char *slug)
{
    struct request *request = copying->request;
    copying->made = arena_printf(request_arena(request),
                                 "/desk/events/%s/publish?done=publishing.copied", slug);
    db_ask(request_worker(request)->db,
           publishing_copy_picture_params(&(struct publishing_copy_picture){
               .event_id = &request_event(request)->id, .copy = slug}),
           on_pictured, copying);
}

static void on_created(void *context, const struct event_changed *changed)
{
    struct copying *copying = context;
    struct request *request = copying->request;
    switch (changed->outcome) {
    case EVENT_CHANGE_CHANGED:
    case EVENT_CHANGE_UNCHANGED:
        release(copying);
        copy_picture(copying, changed->slug);
        return;
    case EVENT_CHANGE_REFUSED:
        copying->errors = json_incref(changed->errors);
        reply_form(copying, 422);
        return;
    case EVENT_CHANGE_STALE:
    case EVENT_CHANGE_AWAY:
        break;
    }
    release(copying);
    reply_busy(request, "busy");
}

static void create(struct copying *copying)
{
    struct request *request = copying->request;
    const struct event_change change = {
        .document = json_deep_copy(copying->document),
        .base_version = EVENT_APPLY_NEW,
        .organiser_id = &request_event(request)->organiser_id,
    };
    event_change(request, &change, on_created, copying);
}

/* Returns the days from the first day of the event to another day. */
static int days_until(const struct event *event, const char *day)
{
    char time[CLOCK_TEXT_BYTES];
    struct clock_local from = {0}, to = {0};
    snprintf(time, sizeof time, "%.10sT00:00", event->starts_at);
    bool good = clock_parse_local(time, &from);
    snprintf(time, sizeof time, "%.10sT00:00", day);
    good = good && clock_parse_local(time, &to);
    return good ? (int)((to.shown_us - from.shown_us) / (24 * 3600 * CLOCK_SECOND_US)) : 0;
}

/* A title that is empty in a language is none. */
static json_t *read_title(const struct copying *copying)
{
    const struct event *event = request_event(copying->request);
    const json_t *typed = json_object_get(request_body(copying->request), "title");
    json_t *title = json_object();
    for (size_t i = 0; i < event->language_count; i++) {
        const char *text = json_string_value(json_object_get(typed, event->languages[i]));
        if (text && *text != '\0')
            json_object_set_new(title, event->languages[i], json_string(text));
    }
    return title;
}

static void on_found(void *context, const struct event_definition *definition)
{
    struct copying *copying = context;
    struct request *request = copying->request;
    const char *day = json_string_value(json_object_get(request_body(request), "day"));
    bool accepts = json_object_get(request_body(request), "accept") != NULL;
    if (!definition)
        return;
    copying->document = json_deep_copy(definition->document);
    copying->skipped = json_array();
    json_object_set_new(copying->document, "title", read_title(copying));
    json_object_set_new(copying->document, "published", json_false());
    json_object_del(copying->document, "cancelled");
    json_object_del(copying->document, "slug"); /* the copy gets its own */
    copy_move(copying->document, days_until(request_event(request), day), copying->skipped);
    if (json_array_size(copying->skipped) > 0 && !accepts) {
        reply_form(copying, 200);
        return;
    }
    create(copying);
}

static json_t *find_errors(const struct copying *copying)
{
    struct request *request = copying->request;
    const struct event *event = request_event(request);
    struct arena *arena = request_arena(request);
    const char *day = json_string_value(json_object_get(request_body(request), "day"));
    const json_t *titles = json_object_get(request_body(request), "title");
    const char *title = json_string_value(json_object_get(titles, event->languages[0]));
    struct findings findings;
    findings_init(&findings, request_locale(request));
    if (!title || title[strspn(title, " \t\r\n")] == '\0')
        findings_add(&findings, arena_printf(arena, "/title/%s", event->languages[0]),
                     "copy_title_needed", NULL);
    if (!day || !clock_is_date(day) || strcmp(day, "1970-01-02") < 0)
        findings_add(&findings, "/day", "copy_day_needed", NULL);
    if (findings_any(&findings))
        return findings_take(&findings);
    findings_finish(&findings);
    return NULL;
}

void copy_make(struct request *request)
{
    struct copying *copying = arena_alloc(request_arena(request), sizeof *copying);
    copying->request = request;
    copying->is_made = true;
    if (!may_copy(request)) {
        reply_form(copying, 422); /* says so */
        return;
    }
    copying->errors = find_errors(copying);
    if (copying->errors)
        reply_form(copying, 422);
    else
        event_definition_find(request, 0, on_found, copying);
}
