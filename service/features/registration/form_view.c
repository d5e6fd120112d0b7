#include "features/registration/form_view.h"

#include "features/registration/answers.h"
#include "features/registration/countries.h"
#include "features/registration/draft.h"

enum { RADIO_CHOICES_MOST = 7 }; /* more are a drop-down list */

/* "/attendees/0/name" as the field's name "attendees.0.name". */
static const char *field_name(struct arena *arena, const char *pointer)
{
    char *name = arena_copy(arena, *pointer == '/' ? pointer + 1 : pointer);
    for (char *at = name; *at; at++) {
        if (*at == '/')
            *at = '.';
    }
    return name;
}

static const char *error_at(struct arena *arena, const struct form_input *input, const char *name)
{
    size_t i;
    json_t *error;
    json_array_foreach (input->errors, i, error) {
        const char *pointer = json_string_value(json_object_get(error, "pointer"));
        if (strcmp(field_name(arena, pointer), name) == 0)
            return json_string_value(json_object_get(error, "detail"));
    }
    return NULL;
}

/* {"name", "value", "error"}: one field of the form. */
static json_t *field(struct arena *arena, const struct form_input *input, const char *name,
                     const json_t *typed)
{
    json_t *view = json_object();
    const char *error = error_at(arena, input, name);
    json_object_set_new(view, "name", json_string(name));
    json_object_set_new(view, "value",
                        json_string(json_is_string(typed) ? json_string_value(typed) : ""));
    if (error)
        json_object_set_new(view, "error", json_string(error));
    return view;
}

static bool is_chosen(const json_t *typed, const char *slug)
{
    size_t i;
    json_t *item;
    json_array_foreach ((json_t *)typed, i, item) {
        if (json_is_string(item) && strcmp(json_string_value(item), slug) == 0)
            return true;
    }
    return json_is_string(typed) && strcmp(json_string_value(typed), slug) == 0;
}

static void add_option(json_t *options, const char *slug, const char *label, bool chosen)
{
    json_array_append_new(options,
                          json_pack("{s:s, s:s, s:b, s:I}", "slug", slug, "label", label, "chosen",
                                    chosen, "at", (json_int_t)json_array_size(options)));
}

static json_t *choice_options(const struct form_input *input, const struct question *question,
                              const json_t *typed)
{
    json_t *options = json_array();
    for (size_t i = 0; i < question->choice_count; i++) {
        const struct choice *choice = &question->choices[i];
        add_option(options, choice->slug, event_text(input->event, &choice->label, input->language),
                   is_chosen(typed, choice->slug));
    }
    for (size_t i = 0; question->kind == QUESTION_COUNTRY && countries_code(i); i++)
        add_option(options, countries_code(i), countries_code(i),
                   is_chosen(typed, countries_code(i)));
    return options;
}

/* Tells the template how to draw a question: as_yes_no, as_choices, as_select, as_lines or
 * as_input with its type. */
static void add_control(json_t *view, const struct question *question)
{
    static const char *const input_types[] = {
        [QUESTION_TEXT] = "text",   [QUESTION_NUMBER] = "text", [QUESTION_DATE] = "date",
        [QUESTION_EMAIL] = "email", [QUESTION_PHONE] = "tel",   [QUESTION_COUNTRY] = NULL,
    };
    bool many = question->choice_count > RADIO_CHOICES_MOST;
    if (question->kind == QUESTION_YES_NO)
        json_object_set_new(view, "as_yes_no", json_true());
    else if (question->kind == QUESTION_LONG_TEXT)
        json_object_set_new(view, "as_lines", json_true());
    else if (question->kind == QUESTION_COUNTRY || (question->kind == QUESTION_CHOICE && many))
        json_object_set_new(view, "as_select", json_true());
    else if (question->kind == QUESTION_CHOICE)
        json_object_set_new(view, "as_choices",
                            json_pack("{s:s, s:s}", "type", "radio", "list", ""));
    else if (question->kind == QUESTION_SEVERAL)
        json_object_set_new(view, "as_choices",
                            json_pack("{s:s, s:s}", "type", "checkbox", "list", "[]"));
    else
        json_object_set_new(view, "as_input", json_string(input_types[question->kind]));
}

/* "Will you stay for lunch? – yes": which answer shows this question. */
static void add_condition(json_t *view, const struct form_input *input,
                          const struct question *question)
{
    if (question->shown_if < 0)
        return;
    const struct question *earlier = &input->event->questions[question->shown_if];
    const char *answer = question->shown_if_answer, *label = "";
    for (size_t i = 0; i < earlier->choice_count; i++) {
        if (strcmp(earlier->choices[i].slug, answer) == 0)
            label = event_text(input->event, &earlier->choices[i].label, input->language);
    }
    json_object_set_new(view, "only_if",
                        json_pack("{s:s, s:s, s:b, s:b}", "question",
                                  event_text(input->event, &earlier->label, input->language),
                                  "answer", label, "yes", strcmp(answer, "true") == 0, "no",
                                  strcmp(answer, "false") == 0));
}

static json_t *question_view(struct arena *arena, const struct form_input *input,
                             const struct question *question, const char *prefix,
                             json_t *typed_answers)
{
    const json_t *typed = json_object_get(typed_answers, question->slug);
    json_t *view =
        field(arena, input, arena_printf(arena, "%s.answers.%s", prefix, question->slug), typed);
    const char *hint = event_text(input->event, &question->hint, input->language);
    json_object_set_new(view, "label",
                        json_string(event_text(input->event, &question->label, input->language)));
    if (*hint)
        json_object_set_new(view, "hint", json_string(hint));
    json_object_set_new(view, "required",
                        json_boolean(question->required && question->shown_if < 0));
    add_control(view, question);
    json_object_set_new(view, "yes", json_boolean(is_chosen(typed, "true")));
    json_object_set_new(view, "no", json_boolean(is_chosen(typed, "false")));
    json_object_set_new(view, "options", choice_options(input, question, typed));
    add_condition(view, input, question);
    return view;
}

/* The ticket types one may choose from: one with an access code only by who has given it. */
static json_t *ticket_types(const struct form_input *input, const json_t *typed, const char *code)
{
    json_t *options = json_array();
    for (size_t i = 0; i < input->event->ticket_type_count; i++) {
        const struct ticket_type *type = &input->event->ticket_types[i];
        if (draft_opens(type, code))
            add_option(options, type->slug, event_text(input->event, &type->title, input->language),
                       is_chosen(typed, type->slug));
    }
    return options;
}

static json_t *attendee_view(struct arena *arena, const struct form_input *input, size_t index,
                             json_t *typed, const char *code)
{
    const char *prefix = arena_printf(arena, "attendees.%zu", index);
    json_t *view = json_object(), *questions = json_array();
    json_object_set_new(view, "number", json_integer((json_int_t)index + 1));
    json_object_set_new(view, "first", json_boolean(index == 0));
    json_object_set_new(view, "name",
                        field(arena, input, arena_printf(arena, "%s.name", prefix),
                              json_object_get(typed, "name")));
    json_object_set_new(view, "email",
                        field(arena, input, arena_printf(arena, "%s.email", prefix),
                              json_object_get(typed, "email")));
    json_t *types = ticket_types(input, json_object_get(typed, "ticket_type"), code);
    if (json_array_size(types) > 1) {
        json_t *choice = field(arena, input, arena_printf(arena, "%s.ticket_type", prefix), NULL);
        json_object_set_new(choice, "options", types);
        json_object_set_new(view, "ticket_type", choice);
    } else {
        json_decref(types);
    }
    for (size_t i = 0; i < input->event->question_count; i++)
        json_array_append_new(questions, question_view(arena, input, &input->event->questions[i],
                                                       prefix, json_object_get(typed, "answers")));
    json_object_set_new(view, "questions", questions);
    return view;
}

/* As many as were typed, but no more than the event takes at once. */
static json_t *attendees_view(struct arena *arena, const struct form_input *input, const char *code)
{
    json_t *typed = json_object_get(input->typed, "attendees"), *views = json_array();
    size_t count = json_array_size(typed), most = (size_t)input->event->most_attendees;
    count = count < 1 ? 1 : count < most ? count : most;
    for (size_t i = 0; i < count; i++)
        json_array_append_new(views,
                              attendee_view(arena, input, i, json_array_get(typed, i), code));
    return views;
}

static json_t *consents_view(const struct form_input *input)
{
    json_t *typed = json_object_get(input->typed, "consents"), *views = json_array();
    for (size_t i = 0; i < input->event->consent_count; i++) {
        const struct consent *consent = &input->event->consents[i];
        json_array_append_new(
            views, json_pack("{s:s, s:s, s:b, s:b}", "slug", consent->slug, "label",
                             event_text(input->event, &consent->label, input->language), "required",
                             consent->required, "checked", is_chosen(typed, consent->slug)));
    }
    return views;
}

/* The mistakes for the list on top, each with the id of its field. */
static json_t *problems_view(struct arena *arena, const struct form_input *input)
{
    json_t *problems = json_array(), *error;
    size_t i;
    json_array_foreach (input->errors, i, error) {
        const char *pointer = json_string_value(json_object_get(error, "pointer"));
        json_array_append_new(problems,
                              json_pack("{s:s, s:s}", "field", field_name(arena, pointer), "detail",
                                        json_string_value(json_object_get(error, "detail"))));
    }
    return problems;
}

static bool has_codes(const struct event *event)
{
    for (size_t i = 0; i < event->ticket_type_count; i++) {
        if (event->ticket_types[i].code)
            return true;
    }
    return false;
}

json_t *form_view_field(struct arena *arena, const struct form_input *input, const char *name,
                        const json_t *typed)
{
    return field(arena, input, name, typed);
}

json_t *form_view_questions(struct arena *arena, const struct form_input *input, const char *prefix,
                            json_t *typed_answers)
{
    json_t *questions = json_array();
    for (size_t i = 0; i < input->event->question_count; i++)
        json_array_append_new(questions, question_view(arena, input, &input->event->questions[i],
                                                       prefix, typed_answers));
    return questions;
}

json_t *form_view_problems(struct arena *arena, const struct form_input *input)
{
    return problems_view(arena, input);
}

json_t *form_view(struct arena *arena, const struct form_input *input)
{
    const struct event *event = input->event;
    json_t *view = json_object();
    json_t *linked_code = input->code ? json_string(input->code) : NULL;
    json_t *typed_code = json_object_get(input->typed, "code");
    const json_t *code = typed_code ? typed_code : linked_code;
    json_t *attendees = attendees_view(arena, input, draft_read_code(arena, code));
    size_t count = json_array_size(attendees);

    json_object_set_new(view, "event",
                        json_pack("{s:s, s:s, s:s, s:s, s:s}", "slug", event->slug, "title",
                                  event_text(event, &event->title, input->language), "starts_at",
                                  event->starts_at, "ends_at", event->ends_at, "timezone",
                                  event->timezone));
    json_object_set_new(view, "organiser", json_pack("{s:s}", "name", event->organiser_name));
    json_object_set_new(view, "idempotency_key", json_string(input->idempotency_key));
    json_object_set_new(view, "language", json_string(input->language));
    json_object_set_new(view, "email",
                        field(arena, input, "email", json_object_get(input->typed, "email")));
    if (has_codes(event))
        json_object_set_new(view, "code", field(arena, input, "code", code));
    json_object_set_new(view, "attendees", attendees);
    json_object_set_new(view, "several", json_boolean(count > 1));
    json_object_set_new(view, "can_add", json_boolean(count < (size_t)event->most_attendees));
    json_object_set_new(view, "can_remove", json_boolean(count > 1));
    json_object_set_new(view, "consents", consents_view(input));
    const char *consents_error = error_at(arena, input, "consents");
    if (consents_error)
        json_object_set_new(view, "consents_error", json_string(consents_error));
    json_t *problems = problems_view(arena, input);
    json_object_set_new(view, "has_problems", json_boolean(json_array_size(problems) > 0));
    json_object_set_new(view, "problems", problems);
    json_decref(linked_code);
    return view;
}

static void resize(const struct event *event, json_t *typed, bool more)
{
    json_t *attendees = json_object_get(typed, "attendees");
    if (!json_is_array(attendees)) {
        attendees = json_array();
        json_object_set_new(typed, "attendees", attendees);
    }
    size_t count = json_array_size(attendees);
    if (more && count < (size_t)event->most_attendees)
        json_array_append_new(attendees, json_object());
    else if (!more && count > 1)
        json_array_remove(attendees, count - 1);
}

static bool opens_more(const struct event *event, const char *code, const char *offered_for)
{
    for (size_t i = 0; i < event->ticket_type_count; i++) {
        const struct ticket_type *type = &event->ticket_types[i];
        if (draft_opens(type, code) && !draft_opens(type, offered_for))
            return true;
    }
    return false;
}

bool form_view_is_unfinished(struct arena *arena, const struct event *event, json_t *typed)
{
    bool more = json_object_get(typed, "more"), fewer = json_object_get(typed, "fewer");
    const char *code = draft_read_code(arena, json_object_get(typed, "code"));
    const char *offered_for = draft_read_code(arena, json_object_get(typed, "offered_for"));
    json_object_del(typed, "more");
    json_object_del(typed, "fewer");
    json_object_del(typed, "offered_for");
    if (more || fewer)
        resize(event, typed, more);
    return more || fewer || opens_more(event, code, offered_for);
}
