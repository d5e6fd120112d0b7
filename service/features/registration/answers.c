#include "features/registration/answers.h"

static bool is_answer(const json_t *value, const char *wanted)
{
    if (json_is_boolean(value))
        return strcmp(wanted, json_is_true(value) ? "true" : "false") == 0;
    const char *text = json_string_value(value);
    return text && strcmp(text, wanted) == 0;
}

bool answers_show(const struct event *event, const struct question *question, const json_t *answers)
{
    if (question->shown_if < 0)
        return true;
    const struct question *earlier = &event->questions[question->shown_if];
    const json_t *answer = json_object_get(answers, earlier->slug);
    size_t i;
    json_t *item;
    json_array_foreach ((json_t *)answer, i, item) {
        if (is_answer(item, question->shown_if_answer))
            return true;
    }
    return is_answer(answer, question->shown_if_answer);
}

static void refuse_unknown(const struct form_place *place, const struct event *event)
{
    const char *slug;
    json_t *value;
    json_object_foreach ((json_t *)place->value, slug, value) {
        if (!event_question(event, slug))
            form_refuse_at(place, slug, "unknown_question", NULL);
    }
}

static void read_answer(const struct form_place *place, const struct question *question,
                        const struct event_reader *reader, json_t *answers)
{
    union {
        const char *text;
        struct kind_list list;
        struct kind_number number;
        struct email email;
        bool yes;
    } value = {0};
    const struct form_field field = event_question_field(question, reader);
    struct form_place answer = form_member(place, question->slug);
    if (form_read_value(&answer, &field, &value))
        json_object_set_new(answers, question->slug, kinds[question->kind].write(&value));
}

json_t *answers_read(const struct form_place *place, const struct event_reader *reader)
{
    const struct event *event = reader->event;
    json_t *answers = json_object();
    if (place->value && !json_is_object(place->value)) {
        form_refuse_here(place, "object_expected", NULL);
        return answers;
    }
    refuse_unknown(place, event);
    for (size_t i = 0; i < event->question_count; i++) {
        if (answers_show(event, &event->questions[i], answers))
            read_answer(place, &event->questions[i], reader, answers);
    }
    return answers;
}
