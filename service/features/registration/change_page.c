#include "features/registration/change_page.h"

#include "base/clock.h"
#include "event/event.h"
#include "features/registration/correction.h"
#include "form/field_view.h"
#include "form/number.h"
#include "features/registration/manage_page.h"
#include "features/registration/form_view.h"
#include "http/reply.h"
#include "view/locale.h"

/* --- Names and answers ----------------------------------------------------------------------- */

/* A stored answer as a form in the language sends it. A new reference. */
static json_t *as_typed(json_t *answer, const struct locale *locale)
{
    if (json_is_boolean(answer))
        return json_string(json_is_true(answer) ? "true" : "false");
    if (!json_is_number(answer))
        return json_incref(answer);
    struct buffer text = {0};
    number_write(answer, locale_thousands(locale), &text);
    json_t *typed = json_string(buffer_text(&text));
    buffer_finish(&text);
    return typed;
}

json_t *change_page_typed_answers(const json_t *answers, const struct locale *locale)
{
    json_t *typed = json_object(), *answer;
    const char *slug;
    json_object_foreach ((json_t *)answers, slug, answer)
        json_object_set_new(typed, slug, as_typed(answer, locale));
    return typed;
}

/* {"id", "name", "email", "answers"} of an attendee, as its unchanged form sends them. */
static json_t *typed_attendee(const struct registered_attendee *attendee,
                              const struct locale *locale)
{
    char id[ID_TEXT_BYTES];
    id_format(&attendee->id, id);
    json_t *answers = json_loads(attendee->answers, 0, NULL);
    json_t *typed = change_page_typed_answers(answers, locale);
    json_decref(answers);
    return json_pack("{s:s, s:s, s:s, s:o}", "id", id, "name", attendee->name, "email",
                     attendee->email ? attendee->email : "", "answers", typed);
}

/* The typed attendees, or else the stored ones. A new reference. */
static json_t *typed_attendees(const struct errand *errand)
{
    const struct registration *registration = errand->registration;
    json_t *typed = json_object_get(request_body(errand->request), "attendees");
    if (json_is_array(typed))
        return json_incref(typed);
    typed = json_array();
    for (size_t i = 0; i < registration->attendee_count; i++) {
        if (registration->attendees[i].status != REGISTRATION_STATUS_CANCELLED)
            json_array_append_new(typed, typed_attendee(&registration->attendees[i],
                                                        request_locale(errand->request)));
    }
    return typed;
}

/* The stored answers of a typed attendee. A new reference. */
static json_t *stored_answers(const struct registration *registration, const json_t *typed)
{
    struct id id;
    const char *text = json_string_value(json_object_get(typed, "id"));
    for (size_t i = 0; text && id_parse(text, &id) && i < registration->attendee_count; i++) {
        if (id_equal(&registration->attendees[i].id, &id))
            return json_loads(registration->attendees[i].answers, 0, NULL);
    }
    return json_object();
}

/* Takes the stored answers. */
static json_t *person_view(struct arena *arena, const struct question_form *form, size_t index,
                           json_t *typed, json_t *stored)
{
    const char *prefix = arena_printf(arena, "attendees.%zu", index);
    struct question_form own = *form;
    own.is_self = index == 0;
    own.stored = stored;
    json_t *view = json_object();
    json_object_set_new(view, "number", json_integer((json_int_t)index + 1));
    json_object_set_new(view, "first", json_boolean(index == 0));
    json_object_set_new(view, "id",
                        field_view_plain(form->errors, arena_printf(arena, "%s.id", prefix),
                                         json_object_get(typed, "id")));
    json_object_set_new(view, "name",
                        field_view_plain(form->errors, arena_printf(arena, "%s.name", prefix),
                                         json_object_get(typed, "name")));
    json_object_set_new(view, "email",
                        field_view_email(arena, form->kept_emails, form->errors,
                                         arena_printf(arena, "%s.email", prefix),
                                         json_object_get(typed, "email")));
    json_object_set_new(view, "questions",
                        question_views(arena, &own, arena_printf(arena, "%s.answers", prefix),
                                       json_object_get(typed, "answers")));
    json_decref(stored);
    return view;
}

static void set_form(json_t *view, const struct errand *errand, const struct question_form *form)
{
    struct arena *arena = request_arena(errand->request);
    json_t *typed = typed_attendees(errand), *people = json_array(), *person;
    size_t i;
    json_array_foreach (typed, i, person)
        json_array_append_new(people, person_view(arena, form, i, person,
                                                  stored_answers(errand->registration, person)));
    json_object_set_new(view, "several", json_boolean(json_array_size(people) > 1));
    json_object_set_new(view, "attendees", people);
    json_object_set_new(view, "version", json_integer(errand->registration->version));
    json_decref(typed);
}

static json_t *form_page(const struct errand *errand, const struct question_form *form,
                         const char *page, const char *code)
{
    json_t *view = manage_page_view(errand);
    json_t *typed = json_object_get(request_body(errand->request), "attendees");
    json_t *problems = field_view_problems(request_arena(errand->request), form->errors,
                                           json_array_size(typed) > 1);
    json_object_set_new(view, "action", json_string(manage_page_link(errand, page)));
    if (code)
        json_object_set_new(view, "refusal", manage_page_refusal(errand, code));
    json_object_set_new(view, "has_problems", json_boolean(json_array_size(problems) > 0));
    json_object_set_new(view, "problems", problems);
    return view;
}

static struct question_form question_form(const struct errand *errand, const json_t *errors)
{
    return (struct question_form){
        .event = request_event(errand->request),
        .errors = errors,
        .kept_emails = request_kept_emails(errand->request),
        .locale = request_locale(errand->request),
    };
}

static void reply_form(struct errand *errand, int status, const char *code, json_t *errors)
{
    const struct question_form form = question_form(errand, errors);
    json_t *view = form_page(errand, &form, "/change", code);
    bool is_late = clock_now_us() >= request_event(errand->request)->changes_until_us;
    json_object_set_new(view, "too_late", json_boolean(is_late));
    if (!is_late)
        set_form(view, errand, &form);
    json_decref(errors);
    reply_keeps_typed(errand->request);
    reply_page(errand->request, status, "features/registration/change.html", view);
}

static void show(struct errand *errand, const struct registration *registration)
{
    (void)registration;
    reply_form(errand, 200, NULL, NULL);
}

void change_page_show(struct request *request)
{
    struct errand *errand = errand_begin(request);
    if (errand)
        errand_look_to_change(errand, show);
}

void change_page_send(struct request *request)
{
    struct errand *errand = errand_begin(request);
    if (!errand)
        return;
    errand->on_refused = reply_form;
    errand->done = "changed";
    correction_begin(errand);
}

/* --- The address ----------------------------------------------------------------------------- */

static void reply_address_form(struct errand *errand, int status, const char *code, json_t *errors)
{
    const struct question_form form = question_form(errand, errors);
    json_t *view = form_page(errand, &form, "/address", code), *typed;
    typed = json_object_get(request_body(errand->request), "email");
    json_object_set_new(view, "email",
                        field_view_email(request_arena(errand->request), form.kept_emails,
                                         form.errors, "email", typed));
    json_object_set_new(view, "address", json_string(errand->registration->email));
    json_decref(errors);
    reply_keeps_typed(errand->request);
    reply_page(errand->request, status, "features/registration/address.html", view);
}

static void show_address(struct errand *errand, const struct registration *registration)
{
    if (registration->is_verified)
        reply_see_other(errand->request, manage_page_link(errand, ""));
    else
        reply_address_form(errand, 200, NULL, NULL);
}

void change_page_show_address(struct request *request)
{
    struct errand *errand = errand_begin(request);
    if (errand)
        errand_look_to_change(errand, show_address);
}

void change_page_send_address(struct request *request)
{
    struct errand *errand = errand_begin(request);
    if (!errand)
        return;
    json_t *email = json_object_get(request_body(request), "email");
    if (!email) /* without an address, nothing would change, which would be a success */
        json_object_set_new(request_body(request), "email", json_string(""));
    errand->on_refused = reply_address_form;
    errand->done = "moved";
    correction_begin(errand);
}
