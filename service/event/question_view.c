#include "event/question_view.h"

#include <string.h>

#include "form/field_view.h"
#include "view/locale.h"

struct kind_choices question_choices_with(struct arena *arena, const struct question *question,
                                          const json_t *stored)
{
    const struct kind_choices offered = {question->choices, question->choice_count,
                                         sizeof *question->choices};
    const struct kind_choices ever = event_choices_ever(question);
    struct choice *choices =
        arena_alloc(arena, (ever.count + json_array_size(stored) + 2) * sizeof *choices);
    size_t count = offered.count;
    if (count > 0)
        memcpy(choices, question->choices, count * sizeof *choices);
    for (size_t i = offered.count; i < ever.count; i++) {
        if (field_view_chosen(stored, question->choices[i].slug))
            choices[count++] = question->choices[i];
    }
    return (struct kind_choices){choices, count, sizeof *choices};
}

static bool is_birthday(const char *slug)
{
    static const char *const parts[] = {"birth", "geburt", "born", "bday", "dob"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (strstr(slug, parts[i]))
            return true;
    }
    return false;
}

/* The autocomplete token (WHATWG HTML section 4.10.18.7.1) for usual slugs of questions. NULL: the
 * kind's token. */
static const char *autocomplete(const struct question *question)
{
    static const struct {
        const char *slug, *token;
    } known[] = {
        {"company", "organization"},         {"organisation", "organization"},
        {"organization", "organization"},    {"institution", "organization"},
        {"employer", "organization"},        {"firma", "organization"},
        {"einrichtung", "organization"},     {"arbeitgeber", "organization"},
        {"job-title", "organization-title"}, {"role", "organization-title"},
        {"position", "organization-title"},
    };
    if (question->by_heart && is_birthday(question->slug))
        return "bday";
    for (size_t i = 0; question->kind == KIND_TEXT && i < sizeof known / sizeof *known; i++) {
        if (strcmp(question->slug, known[i].slug) == 0)
            return known[i].token;
    }
    return NULL;
}

static const char *choice_label(const struct question_form *form, const struct question *question,
                                const char *slug)
{
    for (size_t i = 0; i < question->choice_count; i++) {
        if (strcmp(question->choices[i].slug, slug) == 0)
            return event_text(form->event, &question->choices[i].label, locale_code(form->locale));
    }
    return "";
}

/* Adds "only_if": the answer that shows this question ("Will you stay for lunch? – Yes"). */
static void add_condition(struct arena *arena, json_t *view, const struct question_form *form,
                          const struct question *question, const char *prefix)
{
    if (question->shown_if < 0)
        return;
    const struct question *earlier = &form->event->questions[question->shown_if];
    const char *answer = question->shown_if_answer;
    json_object_set_new(
        view, "only_if",
        json_pack("{s:s, s:s, s:b, s:b, s:s, s:s}", "question",
                  event_text(form->event, &earlier->label, locale_code(form->locale)), "answer",
                  choice_label(form, earlier, answer), "yes", strcmp(answer, "true") == 0, "no",
                  strcmp(answer, "false") == 0, "field",
                  arena_printf(arena, "%s.%s", prefix, earlier->slug), "is", answer));
}

/* The label of a former choice says that it is one. */
static struct event_text former_label(struct arena *arena, const struct question_form *form,
                                      const struct choice *choice)
{
    struct event_text label = {0};
    const char *language = locale_code(form->locale);
    json_t *data = json_pack("{s:s}", "label", event_text(form->event, &choice->label, language));
    struct buffer text;
    buffer_init(&text);
    locale_text(form->locale, "question.former_choice", data, &text);
    for (size_t i = 0; i < form->event->language_count; i++)
        label.by_language[i] = arena_copy(arena, buffer_text(&text));
    buffer_finish(&text);
    json_decref(data);
    return label;
}

static void correct_field(struct arena *arena, const struct question_form *form,
                          const struct question *question, struct form_field *field)
{
    const json_t *answer = json_object_get(form->stored, question->slug);
    if (!answer)
        field->need = FORM_OPTIONAL;
    field->choices = question_choices_with(arena, question, answer);
    struct choice *choices = (struct choice *)field->choices.first;
    for (size_t i = question->choice_count; i < field->choices.count; i++)
        choices[i].label = former_label(arena, form, &choices[i]);
}

static json_t *question_view(const struct field_showing *showing, const struct question_form *form,
                             const struct question *question, const char *prefix,
                             const json_t *answer)
{
    struct form_field field = event_question_field(question, showing->context);
    field.autocomplete = autocomplete(question);
    if (form->is_organiser)
        field.need = FORM_OPTIONAL;
    if (form->stored)
        correct_field(showing->arena, form, question, &field);
    json_t *view = field_view(showing, &field, prefix, answer);
    add_condition(showing->arena, view, form, question, prefix);
    field_view_describe(showing->arena, view);
    return view;
}

json_t *question_views(struct arena *arena, const struct question_form *form, const char *prefix,
                       const json_t *answers)
{
    const struct event_reader reader = {form->event, locale_code(form->locale), form->is_organiser};
    const struct field_showing showing = {.arena = arena,
                                          .locale = form->locale,
                                          .errors = form->errors,
                                          .kept_emails = form->kept_emails,
                                          .context = &reader,
                                          .is_self = form->is_self};
    json_t *views = json_array();
    for (size_t i = 0; i < form->event->question_count; i++) {
        const struct question *question = &form->event->questions[i];
        if (event_asks(question, form->is_organiser))
            json_array_append_new(views, question_view(&showing, form, question, prefix,
                                                       json_object_get(answers, question->slug)));
    }
    return views;
}
