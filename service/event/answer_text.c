#include "event/answer_text.h"

#include "base/memory.h"
#include "base/search.h"
#include "event/draft.h"
#include "view/locale.h"

static void add(const struct event_reader *reader, const struct question *question,
                const struct locale *locale, const json_t *answers, json_t *shown)
{
    const struct form_field field = event_question_field(question, reader);
    const struct kind_choices ever = event_choices_ever(question);
    const struct kind_saying saying = {.kind = &kinds[question->kind],
                                       .choices = &ever,
                                       .label = field.choice_label,
                                       .context = reader,
                                       .locale = locale};
    struct buffer text;
    buffer_init(&text);
    kind_say(&saying, json_object_get(answers, question->slug), &text);
    if (text.length > 0)
        json_array_append_new(
            shown, json_pack("{s:s, s:s}", "label", field.label, "text", buffer_text(&text)));
    buffer_finish(&text);
}

json_t *event_all_answers(const struct event *event, const json_t *answers,
                          const struct locale *locale)
{
    const struct event_reader reader = {event, locale_code(locale)};
    json_t *shown = json_array();
    for (size_t i = 0; i < event->question_count; i++)
        add(&reader, &event->questions[i], locale, answers, shown);
    for (size_t i = 0; i < event->former_question_count; i++)
        add(&reader, &event->former_questions[i], locale, answers, shown);
    return shown;
}

json_t *event_door_answers(const struct event *event, const char *answers_json,
                           const struct locale *locale)
{
    const struct event_reader reader = {event, locale_code(locale)};
    json_t *answers = json_loads(answers_json, 0, NULL), *shown = json_array();
    for (size_t i = 0; i < event->question_count; i++) {
        const struct question *question = &event->questions[i];
        if (question->at_door || question->by_organiser)
            add(&reader, question, locale, answers, shown);
    }
    json_decref(answers);
    return shown;
}

const char *event_door_search(struct arena *arena, const char *name, const json_t *door_answers,
                              const struct id *attendee_id)
{
    struct buffer text;
    size_t i;
    json_t *answer;
    buffer_init(&text);
    buffer_add_text(&text, name);
    json_array_foreach ((json_t *)door_answers, i, answer)
        buffer_printf(&text, "\n%s", json_string_value(json_object_get(answer, "text")));
    const char *found = search_text(arena, buffer_text(&text));
    buffer_finish(&text);
    return attendee_id ? draft_search_with_number(arena, found, attendee_id) : found;
}
