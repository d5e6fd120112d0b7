#include "features/registration/question_view.h"

#include <string.h>

#include "form/field_view.h"
#include "view/locale.h"

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

static json_t *question_view(const struct field_showing *showing, const struct question_form *form,
                             const struct question *question, const char *prefix,
                             const json_t *answer)
{
    struct form_field field = event_question_field(question, showing->context);
    field.autocomplete = autocomplete(question);
    json_t *view = field_view(showing, &field, prefix, answer);
    add_condition(showing->arena, view, form, question, prefix);
    field_view_describe(showing->arena, view);
    return view;
}

json_t *question_views(struct arena *arena, const struct question_form *form, const char *prefix,
                       const json_t *answers)
{
    const struct event_reader reader = {form->event, locale_code(form->locale)};
    const struct field_showing showing = {.arena = arena,
                                          .locale = form->locale,
                                          .errors = form->errors,
                                          .context = &reader,
                                          .is_self = form->is_self};
    json_t *views = json_array();
    for (size_t i = 0; i < form->event->question_count; i++) {
        const struct question *question = &form->event->questions[i];
        json_array_append_new(views, question_view(&showing, form, question, prefix,
                                                   json_object_get(answers, question->slug)));
    }
    return views;
}
