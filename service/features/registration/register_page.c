#include "features/registration/register_page.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "event/draft.h"
#include "event/event.h"
#include "event/event_view.h"
#include "event/invited.h"
#include "event/links.h"
#include "features/registration/registration.h"
#include "features/registration/form_view.h"
#include "features/registration/sign_up.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/source.h"
#include "view/locale.h"

/* A form to show; lives in its request's arena. */
struct showing {
    struct request *request;
    int status;
    json_t *errors, *refusal;      /* references; NULL: none */
    bool is_used;                  /* the form's key has registered */
    bool was_applied;              /* the code was tried by its button */
    const char *given_code, *code; /* the given code; the same if it is right */
    const char *token;             /* of an invitation; NULL: none */
    const struct invited *invited; /* NULL: none that is good */
};

/* --- The page -------------------------------------------------------------------------------- */

/* The text problem.CODE.title or .detail in the language of the page. */
static json_t *wording(struct request *request, const char *code, const char *part,
                       const json_t *data)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(request_locale(request),
                arena_printf(request_arena(request), "problem.%s.%s", code, part), data, &text);
    json_t *json = json_string(buffer_text(&text));
    buffer_finish(&text);
    return json;
}

/* Takes data. A new reference. */
static json_t *notice(struct request *request, const char *code, json_t *data)
{
    json_t *notice = json_pack("{s:o, s:o}", "title", wording(request, code, "title", data),
                               "detail", wording(request, code, "detail", data));
    json_decref(data);
    return notice;
}

static const char *typed_code(struct request *request)
{
    const json_t *typed = json_object_get(request_body(request), "code");
    const char *linked = request_query(request, "code");
    if (typed)
        return draft_read_code(request_arena(request), typed);
    json_t *text = linked ? json_string(linked) : NULL;
    const char *code = draft_read_code(request_arena(request), text);
    json_decref(text);
    return code;
}

/* Answers that nobody can register now. Takes the reason. */
static void reply_without_form(struct showing *showing, const struct event_view *view,
                               json_t *reason)
{
    struct request *request = showing->request;
    const char *language = locale_code(request_locale(request));
    json_t *page = form_view_frame(request_arena(request), view->event, language);
    json_object_set_new(page, "without_form", reason);
    json_object_set_new(page, "has_problems", json_boolean(json_array_size(showing->errors) > 0));
    const char *given = showing->given_code ? showing->given_code : "";
    if (event_view_has_codes(view))
        json_object_set_new(
            page, "code_field",
            json_pack("{s:s, s:b}", "value", given, "wrong", *given && !view->code));
    json_decref(showing->errors);
    reply_page(request, 200, "features/registration/register.html", page);
}

/* The name and the address of who is invited, as if they had typed them; NULL: nothing to fill in.
 */
static json_t *fill_in(const struct showing *showing)
{
    const struct invited *invited = showing->invited;
    if (!invited || request_body(showing->request) || invited->has_registration)
        return NULL;
    return json_pack("{s:s, s:[{s:s, s:s}]}", "email", invited->email.address, "attendees", "name",
                     invited->name, "ticket_type", invited->ticket_type);
}

static const char *decline_path(const struct showing *showing)
{
    struct request *request = showing->request;
    const char *url =
        link_decline(request_worker(request), request_event(request), &showing->invited->id,
                     locale_code(request_locale(request)), request_arena(request));
    return strstr(url, "/events/");
}

static void reply_form(struct showing *showing, const struct event_view *view)
{
    struct request *request = showing->request;
    char key[SECRET_STAMP_TEXT_BYTES];
    form_stamp_next(request_worker(request)->keyring, &view->event->id,
                    request_idempotency_key(request), showing->is_used, view->now_us, key);
    json_t *filled_in = fill_in(showing);
    struct form_input input = {
        .event_view = view,
        .typed = filled_in ? filled_in : request_body(request),
        .errors = showing->errors,
        .kept_emails = request_kept_emails(request),
        .locale = request_locale(request),
        .given_code = showing->given_code,
        .was_applied = showing->was_applied,
        .is_invited = showing->invited != NULL,
        .idempotency_key = key,
    };
    json_t *page = form_view(request_arena(request), &input);
    json_object_set_new(page, "form", json_true());
    if (showing->invited)
        json_object_set_new(page, "invited",
                            json_pack("{s:s, s:s, s:I, s:b}", "token", showing->token,
                                      "decline_url", decline_path(showing), "left_over",
                                      (json_int_t)showing->invited->left_over, "several",
                                      showing->invited->left_over > 1));
    json_decref(filled_in);
    if (showing->refusal)
        json_object_set_new(page, "refusal", showing->refusal);
    json_decref(showing->errors);
    /* The browser's Back button must show the same form with the same key and what was typed. */
    reply_keeps_typed(request);
    if (showing->status == 503)
        reply_header(request, "Retry-After", "1");
    reply_page(request, showing->status, "features/registration/register.html", page);
}

/* Every ticket type needs a code, and the given code opens none. */
static bool wants_invitation(const struct event_view *view)
{
    for (size_t i = 0; i < view->event->ticket_type_count; i++) {
        if (event_view_shows(view, &view->event->ticket_types[i]))
            return false;
    }
    return true;
}

static void reply(struct showing *showing, const struct event_counts *counts)
{
    struct request *request = showing->request;
    struct event_view view = {
        .event = request_event(request),
        .counts = showing->invited && showing->invited->has_kept_place ? NULL : counts,
        .now_us = clock_now_us(),
        .code = showing->code      ? showing->code
                : showing->invited ? invited_code(showing->invited, request_event(request))
                                   : NULL,
    };
    bool is_fresh = !request_body(request);
    if (is_fresh && !sign_up_is_open(view.event))
        reply_without_form(showing, &view,
                           notice(request, "closed", sign_up_closed_data(view.event)));
    else if (is_fresh && !showing->refusal && wants_invitation(&view))
        reply_without_form(showing, &view, notice(request, "by_invitation", NULL));
    else if (is_fresh && view.counts && !showing->errors && !showing->refusal &&
             event_view_state(&view) == EVENT_STATE_SOLD_OUT)
        reply_without_form(showing, &view, notice(request, "no_places", NULL));
    else
        reply_form(showing, &view);
}

static void on_counted(void *context, const struct event_counts *counts)
{
    reply(context, counts);
}

static void count(struct showing *showing)
{
    struct worker *worker = request_worker(showing->request);
    const struct event *event = request_event(showing->request);
    const struct event_counts *counts = events_counts_now(worker, event);
    if (counts)
        reply(showing, counts);
    else
        events_count(worker, event, on_counted, showing);
}

/* An invitation that is used up or was withdrawn has a page that says so. */
static void on_invited(void *context, const struct invited *invited,
                       const struct db_result *failure)
{
    struct showing *showing = context;
    bool is_good = invited && !invited->is_withdrawn && invited->left_over > 0;
    if (failure) {
        json_decref(showing->errors);
        json_decref(showing->refusal);
        reply_failed(showing->request, failure);
        return;
    }
    showing->invited = invited;
    if (invited && !is_good && !request_body(showing->request)) {
        reply_see_other(showing->request, decline_path(showing));
        return;
    }
    if (!is_good)
        showing->invited = NULL;
    count(showing);
}

static void show(struct showing *showing)
{
    struct request *request = showing->request;
    struct id id;
    request_locale(request); /* reads headers, which is possible only now */
    if (showing->token &&
        invited_read(request_worker(request), request_arena(request), showing->token, &id))
        invited_find(request, &id, on_invited, showing);
    else
        count(showing);
}

static struct showing *make_showing(struct request *request, int status)
{
    struct showing *showing = arena_alloc(request_arena(request), sizeof *showing);
    const struct event *event = request_event(request);
    showing->request = request;
    showing->status = status;
    showing->given_code = typed_code(request);
    showing->token = request_body(request)
                         ? json_string_value(json_object_get(request_body(request), "invitation"))
                         : request_query(request, "invitation");
    for (size_t i = 0; showing->given_code && i < event->ticket_type_count; i++) {
        const struct ticket_type *type = &event->ticket_types[i];
        if (type->code && access_code_opens(type, showing->given_code))
            showing->code = showing->given_code;
    }
    return showing;
}

/* Takes data. */
static void show_refused(struct request *request, int status, const char *code, json_t *data)
{
    struct showing *showing = make_showing(request, status);
    showing->refusal = notice(request, code, data);
    showing->is_used = strcmp(code, "sent_already") == 0;
    json_object_set_new(showing->refusal, "calm", json_boolean(strcmp(code, "press_again") == 0));
    show(showing);
}

static void show_too_many_codes(struct request *request)
{
    struct showing *showing = make_showing(request, 429);
    showing->code = NULL;
    showing->refusal = notice(request, "too_many_access_codes", NULL);
    show(showing);
}

static void show_tried(struct request *request, enum access_code tried, bool was_applied)
{
    struct showing *showing = make_showing(request, 200);
    showing->was_applied = was_applied;
    if (tried == ACCESS_CODE_WRONG) {
        struct findings findings;
        findings_init(&findings, request_locale(request));
        findings_add(&findings, "/code", "wrong_code", NULL);
        showing->errors = findings_take(&findings);
    }
    show(showing);
}

void register_page_show(struct request *request)
{
    enum access_code tried = access_code_try(request, typed_code(request));
    if (tried == ACCESS_CODE_TOO_MANY)
        show_too_many_codes(request);
    else
        show_tried(request, tried, false);
}

/* --- Sending --------------------------------------------------------------------------------- */

/* Redirects to the registration, so that a reload does not send the form again. */
static void on_registered(struct request *request, const struct event *event,
                          const struct registration *registration)
{
    const char *url = link_manage(request_worker(request), &registration->id,
                                  registration->link_version, request_arena(request));
    (void)event;
    const char *path = strstr(url, "/registrations/");
    reply_see_other(request, path ? path : url);
}

static void on_invalid(struct request *request, json_t *errors)
{
    struct showing *showing = make_showing(request, 422);
    showing->errors = errors;
    show(showing);
}

static void on_refused(struct request *request, int status, const char *code, json_t *data)
{
    bool is_used = strcmp(code, "idempotency_key_reused") == 0;
    show_refused(request, is_used ? 409 : status, is_used ? "sent_already" : code, data);
}

/* Refuses programs, which send the form too early, and too many forms with one address. */
static const char *objects(struct request *request, const struct draft *draft, int *ret_status)
{
    struct worker *worker = request_worker(request);
    const struct id *event_id = &request_event(request)->id;
    const char *stamp = request_idempotency_key(request);
    if (!form_stamp_is_good(worker->keyring, event_id, stamp, clock_now_us())) {
        *ret_status = 422;
        return "press_again";
    }
    const struct pace_key key = {.limit = PACE_FORMS, .scope = event_id, .who = draft->email.key};
    return request_takes(request, &key) ? NULL : "too_many_attempts";
}

void register_page_send(struct request *request)
{
    static const struct sign_up_answer answer = {
        .objects = objects,
        .registered = on_registered,
        .invalid = on_invalid,
        .refused = on_refused,
    };
    const struct event *event = request_event(request);
    const char *code = typed_code(request);
    enum access_code tried = access_code_try(request, code);
    struct form_steps steps =
        form_steps_take(event, request_body(request), tried == ACCESS_CODE_OPENS ? code : NULL);
    if (tried == ACCESS_CODE_TOO_MANY)
        show_too_many_codes(request);
    else if (steps.unfinished || request_is_only_shown(request))
        show_tried(request, tried, steps.applied);
    else if (steps.trapped)
        show_refused(request, 422, "press_again", NULL);
    else
        sign_up_begin(request, &answer);
}

/* --- The stamp -------------------------------------------------------------------------------- */

static bool read_age(const struct keyring *keyring, const struct id *event_id, const char *stamp,
                     int64_t now_us, int64_t *ret_age_us)
{
    int64_t at_us;
    if (!stamp || !secret_read_stamp(keyring, "form", event_id, stamp, &at_us))
        return false;
    *ret_age_us = now_us - at_us;
    return true;
}

bool form_stamp_is_good(const struct keyring *keyring, const struct id *event_id, const char *stamp,
                        int64_t now_us)
{
    int64_t age_us;
    if (!read_age(keyring, event_id, stamp, now_us, &age_us))
        return false;
    age_us = age_us < 0 ? -age_us : age_us; /* the clock was set back since */
    return age_us >= FORM_LEAST_S * CLOCK_SECOND_US && age_us <= FORM_MOST_S * CLOCK_SECOND_US;
}

void form_stamp_next(const struct keyring *keyring, const struct id *event_id, const char *earlier,
                     bool is_used, int64_t now_us, char ret_stamp[SECRET_STAMP_TEXT_BYTES])
{
    int64_t age_us = 0;
    bool is_ours = read_age(keyring, event_id, earlier, now_us, &age_us);
    if (is_ours && !is_used && age_us <= FORM_MOST_S * CLOCK_SECOND_US &&
        age_us >= -FORM_MOST_S * CLOCK_SECOND_US)
        snprintf(ret_stamp, SECRET_STAMP_TEXT_BYTES, "%s", earlier);
    else
        secret_make_stamp(keyring, "form", event_id,
                          is_ours ? now_us - FORM_LEAST_S * CLOCK_SECOND_US : now_us, ret_stamp);
}

/* --- Buttons ---------------------------------------------------------------------------------- */

static json_t *attendees_of(json_t *typed)
{
    json_t *attendees = json_object_get(typed, "attendees");
    if (!json_is_array(attendees)) {
        attendees = json_array();
        json_object_set_new(typed, "attendees", attendees);
    }
    /* The form always shows one person. */
    if (json_array_size(attendees) == 0)
        json_array_append_new(attendees, json_object());
    return attendees;
}

static void add_attendee(const struct event *event, json_t *typed)
{
    json_t *attendees = attendees_of(typed);
    if (json_array_size(attendees) < (size_t)event->most_attendees)
        json_array_append_new(attendees, json_object());
}

static void remove_attendee(json_t *typed, const char *index_text)
{
    json_t *attendees = attendees_of(typed);
    long index, last = (long)json_array_size(attendees) - 1;
    if (last > 0 && index_text && text_parse_number(index_text, 0, last, &index))
        json_array_remove(attendees, (size_t)index);
}

static bool opens_more(const struct event *event, const char *code, const char *offered_for)
{
    bool more = false;
    for (size_t i = 0; i < event->ticket_type_count; i++) {
        const struct ticket_type *type = &event->ticket_types[i];
        more |= access_code_opens(type, code) && !access_code_opens(type, offered_for);
    }
    return more;
}

struct form_steps form_steps_take(const struct event *event, json_t *typed, const char *code)
{
    static const char *const own[] = {"more", "remove", "apply", "offered_for", FORM_TRAP};
    const json_t *more = json_object_get(typed, "more"), *remove = json_object_get(typed, "remove");
    const json_t *trap = json_object_get(typed, FORM_TRAP);
    const char *offered_for = json_string_value(json_object_get(typed, "offered_for"));
    bool applied = json_object_get(typed, "apply") || opens_more(event, code, offered_for);
    struct form_steps steps = {
        .unfinished = more || remove || applied,
        .applied = applied && !more && !remove,
        .trapped = trap && !(json_is_string(trap) && json_string_length(trap) == 0),
    };
    if (more)
        add_attendee(event, typed);
    if (remove)
        remove_attendee(typed, json_string_value(remove));
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        json_object_del(typed, own[i]);
    return steps;
}
