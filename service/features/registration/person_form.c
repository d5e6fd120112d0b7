#include "features/registration/person_form.h"

#include <string.h>

#include "event/event.h"
#include "features/registration/act.h"
#include "features/registration/change_page.h"
#include "features/registration/correction.h"
#include "features/registration/form_view.h"
#include "features/registration/hand_on.h"
#include "features/registration/manage_page.h"
#include "form/field_view.h"
#include "http/desk.h"
#include "http/reply.h"
#include "view/locale.h"

/* --- What all share -------------------------------------------------------------------------- */

/* The newest entry of the history that the page showed, so that a later page can tell what is new.
 */
static json_int_t newest_entry(const json_t *person)
{
    const json_t *entry = json_array_get(json_object_get(person, "history"), 0);
    return json_integer_value(json_object_get(entry, "entry"));
}

/* Marks the entries of the history that the page with the form did not show. */
static void mark_news(struct visit *visit, json_t *view)
{
    json_int_t newest = visit->seen ? strtoll(visit->seen, NULL, 10) : 0;
    json_t *news = json_array(), *entry;
    size_t i;
    json_array_foreach (json_object_get(visit->person, "history"), i, entry) {
        if (json_integer_value(json_object_get(entry, "entry")) > newest)
            json_array_append(news, entry); /* gets its words with the history */
    }
    json_object_set_new(view, "has_news", json_boolean(json_array_size(news) > 0));
    json_object_set_new(view, "news", news);
}

static json_t *typed_or(const json_t *typed, const char *name, json_t *otherwise)
{
    json_t *given = json_object_get(typed, name);
    json_t *chosen = json_incref(given ? given : otherwise);
    json_decref(otherwise);
    return chosen;
}

json_t *person_form_view(struct visit *visit, const char *action)
{
    struct request *request = visit->request;
    struct arena *arena = request_arena(request);
    const json_t *typed = request_body(request);
    const json_t *registration = json_object_get(visit->person, "registration");
    const char *tell = json_string_value(json_object_get(typed, "tell"));
    json_t *problems = field_view_problems(arena, visit->errors, false);
    json_t *view = json_object();
    json_object_set_new(view, "ask", json_pack("{s:b}", action, true));
    json_object_set_new(
        view, "action",
        json_string(desk_from(
            request,
            person_path(visit, arena_printf(arena, "/%s", request_path(request, "action"))))));
    json_object_set_new(
        view, "mail",
        json_string(person_path(visit, arena_printf(arena, "/mail-preview?action=%s", action))));
    json_object_set_new(view, "tells", json_boolean(!tell || strcmp(tell, "true") == 0));
    json_object_set_new(view, "words",
                        field_view_plain(visit->errors, "words", json_object_get(typed, "words")));
    /* A page that tells of a change has the new version: the next try knows of it. */
    json_object_set(view, "version", json_object_get(registration, "version"));
    json_object_set_new(view, "seen", json_integer(newest_entry(visit->person)));
    json_object_set_new(view, "idempotency_key",
                        typed_or(typed, "idempotency_key", manage_page_new_key()));
    bool is_changed = visit->refusal && strcmp(visit->refusal, "not_current") == 0;
    json_object_set_new(view, "is_changed", json_boolean(is_changed));
    if (is_changed)
        mark_news(visit, view);
    if (visit->refusal)
        json_object_set_new(view, "refusal", manage_page_refusal(&visit->errand, visit->refusal));
    json_object_set_new(view, "has_problems", json_boolean(json_array_size(problems) > 0));
    json_object_set_new(view, "problems", problems);
    return view;
}

void person_form_reply(struct visit *visit, const char *template, json_t *view)
{
    json_decref(visit->errors);
    desk_allow_frame(visit->request);
    person_reply(visit, visit->status ? visit->status : 200, template, view);
}

static void reply_person(struct visit *visit)
{
    json_t *person = visit->person;
    visit->person = NULL;
    reply_view(visit->request, 200, person);
}

void person_form_done(struct visit *visit, const char *action)
{
    struct request *request = visit->request;
    if (!request_is_page(request)) {
        person_look_again(visit, reply_person);
        return;
    }
    const char *below = arena_printf(request_arena(request), "?done=person.%s", action);
    reply_see_other(request, desk_from(request, person_path(visit, below)));
}

void person_form_refuse(struct visit *visit, void (*ask)(struct visit *visit), int status,
                        const char *code, json_t *errors)
{
    visit->status = status;
    visit->refusal = code;
    visit->errors = errors;
    person_look_again(visit, ask);
}

/* --- Correcting ------------------------------------------------------------------------------ */

static json_t *languages_view(const struct visit *visit, const json_t *typed)
{
    const struct event *event = request_event(visit->request);
    const char *chosen = json_string_value(typed);
    json_t *languages = json_array();
    for (size_t i = 0; i < event->language_count; i++) {
        const struct locale *locale =
            locale_find(request_worker(visit->request)->locales, event->languages[i]);
        json_array_append_new(
            languages, json_pack("{s:s, s:s, s:b}", "code", event->languages[i], "name",
                                 locale ? locale_name(locale) : event->languages[i], "chosen",
                                 chosen && strcmp(chosen, event->languages[i]) == 0));
    }
    return languages;
}

/* What the database has where something else was typed: the second of two people sees both. */
static json_t *stored_if_other(const json_t *stored, const json_t *typed)
{
    const char *now = json_string_value(stored), *wanted = json_string_value(typed);
    return strcmp(now ? now : "", wanted ? wanted : "") == 0 ? json_null()
                                                             : json_string(now ? now : "–");
}

static json_t *email_view(const struct visit *visit, const char *name, const json_t *typed)
{
    return field_view_email(request_arena(visit->request), request_kept_emails(visit->request),
                            visit->errors, name, typed);
}

/* Adds what the database has now, if somebody else has changed it. */
static void add_now(const struct visit *visit, json_t *view, const json_t *stored,
                    const json_t *typed)
{
    if (visit->refusal && strcmp(visit->refusal, "not_current") == 0)
        json_object_set_new(view, "now", stored_if_other(stored, typed));
}

struct correction_typed {
    const json_t *email, *name, *own_email;
};

static void add_plain_fields(const struct visit *visit, json_t *view,
                             const struct correction_typed *typed)
{
    const json_t *person = visit->person, *registration = json_object_get(person, "registration");
    json_t *email = email_view(visit, "email", typed->email);
    json_t *name = field_view_plain(visit->errors, "attendees.0.name", typed->name);
    json_t *own = email_view(visit, "attendees.0.email", typed->own_email);
    add_now(visit, email, json_object_get(registration, "email"), typed->email);
    add_now(visit, name, json_object_get(person, "name"), typed->name);
    add_now(visit, own, json_object_get(person, "email"), typed->own_email);
    json_object_set_new(
        email, "needed",
        json_boolean(json_string_length(json_object_get(registration, "email")) > 0));
    json_object_set_new(view, "email_field", email);
    json_object_set_new(view, "name_field", name);
    json_object_set_new(view, "own_email", own);
}

void person_form_ask_correction(struct visit *visit)
{
    struct request *request = visit->request;
    json_t *person = visit->person, *registration = json_object_get(person, "registration");
    json_t *body = request_body(request), *view = person_form_view(visit, "correct");
    json_t *one = json_array_get(json_object_get(body, "attendees"), 0);
    json_t *email = typed_or(body, "email", json_incref(json_object_get(registration, "email")));
    json_t *language =
        typed_or(body, "language", json_incref(json_object_get(registration, "language")));
    json_t *name = typed_or(one, "name", json_incref(json_object_get(person, "name")));
    json_t *own = typed_or(one, "email", json_incref(json_object_get(person, "email")));
    json_t *stored = json_object_get(person, "answers");
    json_t *answers = one ? json_incref(json_object_get(one, "answers"))
                          : change_page_typed_answers(stored, request_locale(request));
    const struct question_form form = {.event = request_event(request),
                                       .errors = visit->errors,
                                       .kept_emails = request_kept_emails(request),
                                       .locale = request_locale(request),
                                       .stored = stored};
    add_plain_fields(visit, view, &(struct correction_typed){email, name, own});
    bool has_own = json_is_string(json_object_get(person, "email")) ||
                   json_array_size(json_object_get(person, "others")) > 0 || one;
    json_object_set_new(view, "has_own_email", json_boolean(has_own));
    json_object_set_new(view, "languages", languages_view(visit, language));
    json_object_set_new(view, "has_languages",
                        json_boolean(request_event(request)->language_count > 1));
    json_t *questions =
        question_views(request_arena(request), &form, "attendees.0.answers", answers);
    json_object_set_new(view, "has_questions", json_boolean(json_array_size(questions) > 0));
    json_object_set_new(view, "questions", questions);
    json_decref(email);
    json_decref(language);
    json_decref(name);
    json_decref(own);
    json_decref(answers);
    person_form_reply(visit, "features/registration/person_correct.html", view);
}

static void refuse_correction(struct errand *errand, int status, const char *code, json_t *errors)
{
    person_form_refuse((struct visit *)errand, person_form_ask_correction, status, code, errors);
}

void person_form_correct(struct visit *visit)
{
    visit->errand.on_refused = refuse_correction;
    correction_begin(&visit->errand);
}

/* --- Handing on ------------------------------------------------------------------------------ */

void person_form_ask_hand_on(struct visit *visit)
{
    json_t *body = request_body(visit->request), *view = person_form_view(visit, "hand_on");
    json_object_set_new(view, "new_name",
                        field_view_plain(visit->errors, "name", json_object_get(body, "name")));
    json_object_set_new(view, "new_email",
                        email_view(visit, "email", json_object_get(body, "email")));
    person_form_reply(visit, "features/registration/person_hand_on.html", view);
}

static void refuse_hand_on(struct errand *errand, int status, const char *code, json_t *errors)
{
    person_form_refuse((struct visit *)errand, person_form_ask_hand_on, status, code, errors);
}

void person_form_hand_on(struct visit *visit)
{
    visit->errand.on_refused = refuse_hand_on;
    hand_on_begin(&visit->errand);
}
