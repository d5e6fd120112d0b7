/* The page of the sender's domain: what the DNS says of it, and what to enter there. */
#include "features/feature.h"

#include <string.h>

#include "event/event.h"
#include "http/reply.h"
#include "mail/sender.h"
#include "view/locale.h"

/* --- The view of the API --------------------------------------------------------------------- */

static json_t *finding_view(const struct sender_verdict *verdict, enum sender_record record)
{
    const struct sender_finding *finding = &verdict->findings[record];
    json_t *found = json_array();
    for (size_t i = 0; i < finding->found_count; i++)
        json_array_append_new(found, json_string(finding->found[i]));
    return json_pack("{s:s, s:s, s:s, s:s?, s:o, s:s?}", "record", sender_record_name(record),
                     "state", sender_state_name(finding->state), "reason", finding->reason, "name",
                     finding->name, "found", found, "enter", finding->enter);
}

static json_t *make_view(const struct sender_verdict *verdict)
{
    json_t *records = json_array();
    for (enum sender_record record = SENDER_SPF; record < SENDER_RECORDS && !verdict->is_local;
         record++)
        json_array_append_new(records, finding_view(verdict, record));
    return json_pack("{s:s, s:s, s:s, s:o, s:o}", "address", verdict->address, "domain",
                     verdict->domain, "server", verdict->server, "checked_at",
                     view_time(verdict->checked_at_us), "records", records);
}

/* --- The page -------------------------------------------------------------------------------- */

static json_t *wording(struct request *request, const char *key, const json_t *data)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(request_locale(request), arena_printf(request_arena(request), "sender.%s", key),
                data, &text);
    json_t *json = json_string(buffer_text(&text));
    buffer_finish(&text);
    return json;
}

static const char *look_of(enum sender_state state)
{
    if (state == SENDER_GOOD)
        return "go";
    return state == SENDER_OPEN ? "look" : "stop";
}

static void add_words(struct request *request, const json_t *view, enum sender_state state,
                      json_t *finding)
{
    struct arena *arena = request_arena(request);
    const char *record = json_string_value(json_object_get(finding, "record"));
    const char *reason = json_string_value(json_object_get(finding, "reason"));
    json_object_set_new(finding, "title",
                        wording(request, arena_printf(arena, "%s.title", record), view));
    json_object_set_new(finding, "what",
                        wording(request, arena_printf(arena, "%s.what", record), view));
    json_object_set_new(finding, "sentence",
                        wording(request, arena_printf(arena, "%s.%s", record, reason), view));
    json_object_set_new(
        finding, "state_text",
        wording(request, arena_printf(arena, "state.%s", sender_state_name(state)), view));
    json_object_set_new(finding, "look", json_string(look_of(state)));
    json_object_set_new(finding, "type", json_string(strcmp(record, "mx") == 0 ? "MX" : "TXT"));
}

static void answer(struct request *request, const struct sender_verdict *verdict)
{
    json_t *view = make_view(verdict), *finding;
    size_t i;
    if (!request_is_page(request)) {
        reply_view(request, 200, view);
        return;
    }
    const char *list = arena_printf(request_arena(request), "/desk/events/%s/messages",
                                    request_event(request)->slug);
    json_array_foreach (json_object_get(view, "records"), i, finding)
        add_words(request, view, verdict->findings[i].state, finding);
    json_object_set_new(view, "is_local", json_boolean(verdict->is_local));
    json_object_set_new(view, "unanswered", json_boolean(verdict->is_unanswered));
    json_object_set_new(view, "is_checked", json_boolean(!verdict->is_local));
    json_object_set_new(view, "list", json_string(list));
    reply_view(request, 200, view);
}

static void on_verdict(void *context, const struct sender_verdict *verdict)
{
    answer(context, verdict);
}

static void show(struct request *request)
{
    struct worker *worker = request_worker(request);
    bool again = request_query(request, "again") != NULL;
    request_locale(request); /* reads headers, which is possible only now */
    const struct sender_verdict *kept = sender_kept(worker, again);
    if (kept)
        answer(request, kept);
    else
        sender_ask(worker, on_verdict, request);
}

static const struct route routes[] = {
    {"GET", "/events/{event}/messages/sender", ROUTE_API | ROUTE_DESK, WHO_READERS,
     .template = "features/sender/sender.html", .handle = show, .query = "again"},
    {0},
};

const struct feature feature_sender = {.name = "sender", .routes = routes};
