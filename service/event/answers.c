#include "event/answers.h"

#include "event/question_view.h"
#include "form/date_parts.h"
#include "view/escape.h"

static bool is_answer(const json_t *value, const char *wanted)
{
    if (json_is_boolean(value))
        return strcmp(wanted, json_is_true(value) ? "true" : "false") == 0;
    const char *text = json_string_value(value);
    return text && strcmp(text, wanted) == 0;
}

/* The same for one item of a list. */
static bool is_answer_with(const json_t *answer, const char *wanted)
{
    size_t i;
    json_t *item;
    json_array_foreach ((json_t *)answer, i, item) {
        if (is_answer(item, wanted))
            return true;
    }
    return is_answer(answer, wanted);
}

bool answers_show(const struct event *event, const struct question *question, const json_t *answers)
{
    if (question->shown_if < 0)
        return true;
    const struct question *earlier = &event->questions[question->shown_if];
    return is_answer_with(json_object_get(answers, earlier->slug), question->shown_if_answer);
}

/* NULL: it is no question for this reader. */
static const struct question *find_asked(const struct event_reader *reader, const char *slug)
{
    const struct question *question = event_question(reader->event, slug);
    return question && event_asks(question, reader->is_organiser) ? question : NULL;
}

static void refuse_unknown_answers(const struct form_place *place,
                                   const struct event_reader *reader)
{
    const char *slug;
    json_t *value;
    json_object_foreach ((json_t *)place->value, slug, value) {
        if (!find_asked(reader, slug))
            form_refuse_at(place, slug, "unknown_question", NULL);
    }
}

static void read_answer(const struct form_place *place, const struct form_field *field,
                        json_t *answers)
{
    union {
        const char *text;
        struct kind_list list;
        struct kind_number number;
        struct email email;
        bool yes;
    } value = {0};
    struct form_place answer = form_member(place, field->name);
    if (form_read_value(&answer, field, &value))
        json_object_set_new(answers, field->name, kinds[field->kind].write(&value));
}

json_t *answers_read(const struct form_place *place, const struct event_reader *reader)
{
    const struct event *event = reader->event;
    json_t *answers = json_object();
    if (place->value && !json_is_object(place->value)) {
        form_refuse_here(place, "object_expected", NULL);
        return answers;
    }
    refuse_unknown_answers(place, reader);
    for (size_t i = 0; i < event->question_count; i++) {
        const struct question *question = &event->questions[i];
        struct form_field field = event_question_field(question, reader);
        if (reader->may_leave_out) /* who writes somebody down may not know the answer yet */
            field.need = FORM_OPTIONAL;
        if (event_asks(question, reader->is_organiser) && answers_show(event, question, answers))
            read_answer(place, &field, answers);
    }
    return answers;
}

/* --- Corrected answers ------------------------------------------------------------------------ */

static bool is_same_text(const json_t *given, const json_t *stored)
{
    char *text = json_dumps(stored, JSON_ENCODE_ANY | ESCAPE_REALS);
    bool is_same = json_is_string(given) && strcmp(json_string_value(given), text) == 0;
    free(text);
    return is_same;
}

/* A page's form sends numbers and yes or no as text, and one item of a list without the list. */
static bool is_same(const json_t *given, const json_t *stored, bool is_typed)
{
    if (json_equal((json_t *)given, (json_t *)stored))
        return true;
    if (!is_typed)
        return false;
    return json_is_array(stored) ? json_array_size(stored) == 1 &&
                                       json_equal((json_t *)given, json_array_get(stored, 0))
                                 : !json_is_string(stored) && is_same_text(given, stored);
}

/* A date in three fields, as the unchanged form sends it. */
static bool is_same_date(struct arena *arena, const json_t *given, const json_t *stored)
{
    for (size_t i = 0; i < DATE_PARTS; i++) {
        const char *typed = json_string_value(json_object_get(given, date_part_names[i]));
        if (!typed || strcmp(typed, date_part_shown(arena, stored, i)) != 0)
            return false;
    }
    return true;
}

static void correct_answer(const struct form_place *place, const struct question *question,
                           const struct event_reader *reader, json_t *stored, json_t *answers)
{
    const bool is_typed = place->reading->is_typed;
    const struct form_place given = form_member(place, question->slug);
    struct form_field field = event_question_field(question, reader);
    if (reader->may_leave_out)
        field.need = FORM_OPTIONAL;
    bool is_emptied = is_typed && question->kind == KIND_SEVERAL;
    bool has_parts = field.by_heart && is_typed && json_is_object(given.value);
    if (stored && (has_parts     ? is_same_date(place->reading->arena, given.value, stored)
                   : given.value ? is_same(given.value, stored, is_typed)
                                 : !is_emptied)) {
        json_object_set(answers, question->slug, stored);
        return;
    }
    if (!stored)
        field.need = FORM_OPTIONAL;
    field.choices = question_choices_with(place->reading->arena, question, stored);
    read_answer(place, &field, answers);
}

/* Keeps answers to questions that this reader is not asked, or not any more. null takes a former
 * one back. */
static void keep_former_answers(const struct form_place *place, const struct event_reader *reader,
                                json_t *stored, json_t *answers)
{
    const struct event *event = reader->event;
    const char *slug;
    json_t *value;
    json_object_foreach (stored, slug, value) {
        if (!event_question(event, slug) && !json_is_null(json_object_get(place->value, slug)))
            json_object_set(answers, slug, value);
    }
    json_object_foreach ((json_t *)place->value, slug, value) {
        const json_t *former = json_object_get(stored, slug);
        bool is_former = !event_question(event, slug);
        if (!find_asked(reader, slug) &&
            !(former && ((is_former && json_is_null(value)) || is_same(value, former, false))))
            form_refuse_at(place, slug, "unknown_question", NULL);
    }
}

json_t *answers_correct(const struct form_place *place, const struct event_reader *reader,
                        json_t *stored)
{
    const struct event *event = reader->event;
    json_t *answers = json_object();
    if (place->value && !json_is_object(place->value)) {
        form_refuse_here(place, "object_expected", NULL);
        return answers;
    }
    keep_former_answers(place, reader, stored, answers);
    for (size_t i = 0; i < event->question_count; i++) {
        const struct question *question = &event->questions[i];
        json_t *before = json_object_get(stored, question->slug);
        if (!event_asks(question, reader->is_organiser)) {
            if (before)
                json_object_set(answers, question->slug, before);
        } else if (answers_show(event, question, answers))
            correct_answer(place, question, reader, before, answers);
        else if (before && !answers_show(event, question, stored))
            json_object_set(answers, question->slug, before);
    }
    return answers;
}
