#include "event/answer_text.h"

#include "base/memory.h"
#include "view/locale.h"

json_t *event_door_answers(const struct event *event, const char *answers_json,
                           const struct locale *locale)
{
    json_t *answers = json_loads(answers_json, 0, NULL), *shown = json_array();
    const struct event_reader reader = {event, locale_code(locale)};
    struct buffer text;
    buffer_init(&text);
    for (size_t i = 0; i < event->question_count; i++) {
        const struct question *question = &event->questions[i];
        if (!question->at_door)
            continue;
        const struct form_field field = event_question_field(question, &reader);
        const struct kind_choices ever = event_choices_ever(question);
        const struct kind_saying saying = {.kind = &kinds[question->kind],
                                           .choices = &ever,
                                           .label = field.choice_label,
                                           .context = &reader,
                                           .locale = locale};
        buffer_clear(&text);
        kind_say(&saying, json_object_get(answers, question->slug), &text);
        if (text.length > 0)
            json_array_append_new(
                shown, json_pack("{s:s, s:s}", "label", field.label, "text", buffer_text(&text)));
    }
    buffer_finish(&text);
    json_decref(answers);
    return shown;
}
