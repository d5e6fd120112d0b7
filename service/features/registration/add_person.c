#include "features/registration/add_person.h"

#include "base/memory.h"
#include "event/event.h"
#include "features/feature.h"
#include "features/registration/form_view.h"
#include "features/registration/registration.h"
#include "features/registration/sign_up.h"
#include "form/field_view.h"
#include "http/desk.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/source.h"
#include "view/locale.h"

/* --- The page -------------------------------------------------------------------------------- */

static json_t *wording(struct request *request, const char *key, const json_t *data)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(request_locale(request), key, data, &text);
    json_t *json = json_string(buffer_text(&text));
    buffer_finish(&text);
    return json;
}

static json_t *plain_field(struct request *request, const json_t *errors, const char *name)
{
    json_t *typed = json_object_get(request_body(request), name);
    json_t *field = field_view_plain(errors, name, typed);
    field_view_describe(request_arena(request), field);
    return field;
}

static json_t *email_field(struct request *request, const json_t *errors)
{
    json_t *field = field_view_email(request_arena(request), request_kept_emails(request), errors,
                                     "email", json_object_get(request_body(request), "email"));
    field_view_describe(request_arena(request), field);
    return field;
}

static bool is_chosen(struct request *request, const char *name, const char *slug)
{
    return field_view_chosen(json_object_get(request_body(request), name), slug);
}

static json_t *ticket_types_view(struct request *request, const json_t *errors)
{
    const struct event *event = request_event(request);
    json_t *field = plain_field(request, errors, "ticket_type"), *options = json_array();
    for (size_t i = 0; i < event->ticket_type_count; i++) {
        const char *slug = event->ticket_types[i].slug;
        json_array_append_new(options,
                              json_pack("{s:s, s:s, s:b, s:b}", "slug", slug, "label",
                                        event_type_title(event, slug, request_locale(request),
                                                         request_arena(request)),
                                        "hidden", event->ticket_types[i].code != NULL, "chosen",
                                        is_chosen(request, "ticket_type", slug)));
    }
    json_object_set_new(field, "options", options);
    json_object_set_new(field, "several", json_boolean(event->ticket_type_count > 1));
    return field;
}

/* The languages of letters. One that the desk has no name for is shown by its code. */
static json_t *languages_view(struct request *request)
{
    const struct event *event = request_event(request);
    const char *own = locale_code(request_locale(request));
    bool is_fresh = !request_body(request);
    json_t *options = json_array();
    for (size_t i = 0; i < event->language_count; i++) {
        const char *code = event->languages[i];
        const char *key = arena_printf(request_arena(request), "history.language.%s", code);
        bool is_named = locale_has(request_locale(request), key);
        bool is_own = is_fresh && strcmp(code, own) == 0;
        json_array_append_new(options,
                              json_pack("{s:s, s:o, s:b}", "slug", code, "label",
                                        is_named ? wording(request, key, NULL) : json_string(code),
                                        "chosen", is_own || is_chosen(request, "language", code)));
    }
    return json_pack("{s:b, s:o}", "several", event->language_count > 1, "options", options);
}

static json_t *consents_view(struct request *request)
{
    const struct event *event = request_event(request);
    const char *language = locale_code(request_locale(request));
    json_t *list = json_array();
    for (size_t i = 0; i < event->consent_count; i++) {
        const struct consent *consent = &event->consents[i];
        json_array_append_new(
            list,
            json_pack("{s:s, s:s, s:s, s:b}", "id",
                      arena_printf(request_arena(request), "consents.%s", consent->slug), "slug",
                      consent->slug, "label", event_text(event, &consent->label, language),
                      "checked", is_chosen(request, "consents", consent->slug)));
    }
    return list;
}

static json_t *questions_view(struct request *request, const json_t *errors)
{
    const struct question_form form = {.event = request_event(request),
                                       .errors = errors,
                                       .kept_emails = request_kept_emails(request),
                                       .locale = request_locale(request),
                                       .is_organiser = true};
    return question_views(request_arena(request), &form, "answers",
                          json_object_get(request_body(request), "answers"));
}

/* Takes the errors, and the refusal {"title", "detail"} with what the page asks then; each may be
 * NULL. */
static void show(struct request *request, int status, json_t *errors, json_t *refusal)
{
    const char *slug = request_event(request)->slug, *key = request_idempotency_key(request);
    bool is_over = json_is_true(json_object_get(refusal, "is_full")) ||
                   is_chosen(request, "over_capacity", "true");
    char fresh_key[ID_TEXT_BYTES];
    struct id id;
    id_make(&id);
    id_format(&id, fresh_key);
    json_t *view = json_object(), *consents = consents_view(request);
    json_t *questions = questions_view(request, errors);
    json_object_set_new(
        view, "action",
        json_string(desk_from(
            request, arena_printf(request_arena(request), "/desk/events/%s/attendees/new", slug))));
    json_object_set_new(
        view, "list",
        json_string(desk_back(
            request, arena_printf(request_arena(request), "/desk/events/%s/attendees", slug))));
    json_object_set_new(view, "idempotency_key", json_string(key ? key : fresh_key));
    json_object_set_new(view, "name_field", plain_field(request, errors, "name"));
    json_object_set_new(view, "email_field", email_field(request, errors));
    json_object_set_new(view, "type_field", ticket_types_view(request, errors));
    json_object_set_new(view, "languages", languages_view(request));
    json_object_set_new(view, "has_questions", json_boolean(json_array_size(questions) > 0));
    json_object_set_new(view, "questions", questions);
    json_object_set_new(view, "has_consents", json_boolean(json_array_size(consents) > 0));
    json_object_set_new(view, "consents", consents);
    json_object_set_new(view, "sends",
                        json_boolean(!request_body(request) || is_chosen(request, "send", "true")));
    json_object_set_new(view, "anyway", json_boolean(is_chosen(request, "anyway", "true")));
    if (is_over)
        json_object_set_new(view, "reason_field", plain_field(request, errors, "reason"));
    if (refusal)
        json_object_set_new(view, "refusal", refusal);
    json_t *problems = field_view_problems(request_arena(request), errors, false);
    json_object_set_new(view, "has_problems", json_boolean(json_array_size(problems) > 0));
    json_object_set_new(view, "problems", problems);
    json_decref(errors);
    reply_page(request, status, "features/registration/add_person.html", view);
}

void add_person_show(struct request *request)
{
    show(request, 200, NULL, NULL);
}

/* --- Sending --------------------------------------------------------------------------------- */

static void on_registered(struct request *request, const struct event *event,
                          const struct registration *registration)
{
    char id[ID_TEXT_BYTES];
    id_format(&registration->attendees[0].id, id);
    const char *path =
        arena_printf(request_arena(request), "/desk/events/%s/attendees/%s?done=add_person.added",
                     event->slug, id);
    reply_see_other(request, desk_from(request, path));
}

static void on_invalid(struct request *request, json_t *errors)
{
    show(request, 422, errors, NULL);
}

/* Takes the data. A known address and a lack of places can be confirmed; other refusals are told in
 * the words of the guest's form. */
static void on_refused(struct request *request, int status, const char *code, json_t *data)
{
    struct arena *arena = request_arena(request);
    bool is_known = strcmp(code, "already_registered") == 0,
         is_full = strcmp(code, "sold_out") == 0;
    json_t *earlier = json_object_get(data, "earlier");
    const char *before = is_known || is_full ? "add_person" : "problem";
    json_t *refusal = json_pack(
        "{s:o, s:o, s:b, s:b}", "title",
        wording(request, arena_printf(arena, "%s.%s.title", before, code), data), "detail",
        wording(request, arena_printf(arena, "%s.%s.detail", before, code), data), "is_known",
        is_known, "is_full", is_full);
    if (earlier)
        json_object_set_new(
            refusal, "earlier",
            json_pack(
                "{s:s, s:s}", "name", json_string_value(json_object_get(earlier, "name")), "href",
                arena_printf(arena, "/desk/events/%s/attendees/%s", request_event(request)->slug,
                             json_string_value(json_object_get(earlier, "attendee")))));
    json_decref(data);
    show(request, status, NULL, refusal);
}

void add_person_send(struct request *request)
{
    static const struct sign_up_answer answer = {
        .at_door = true,
        .at_desk = true,
        .registered = on_registered,
        .invalid = on_invalid,
        .refused = on_refused,
    };
    request_locale(request); /* reads headers, which is possible only now */
    request_idempotency_key(request);
    if (request_is_only_shown(request))
        show(request, 200, NULL, NULL);
    else if (caller_takes(request, PACE_WALK_INS))
        sign_up_begin(request, &answer);
    else
        on_refused(request, 429, "too_many_walk_ins", NULL);
}
