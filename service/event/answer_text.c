#include "event/answer_text.h"

#include "base/buffer.h"
#include "form/countries.h"
#include "view/locale.h"

/* One question's answer on its way into text. */
struct wording {
    const struct event *event;
    const struct question *question;
    const struct locale *locale;
    struct buffer *out;
};

/* A choice that the event file has no more keeps its slug. */
static void add_choice(const struct wording *wording, const char *slug)
{
    const struct question *question = wording->question;
    const char *text = slug;
    for (size_t i = 0; i < question->choice_count; i++) {
        if (strcmp(question->choices[i].slug, slug) == 0)
            text = event_text(wording->event, &question->choices[i].label,
                              locale_code(wording->locale));
    }
    buffer_add_text(wording->out, text);
}

static void add_text(const struct wording *wording, const char *text)
{
    const char *country = NULL;
    switch (wording->question->kind) {
    case QUESTION_CHOICE:
    case QUESTION_SEVERAL:
        add_choice(wording, text);
        break;
    case QUESTION_COUNTRY:
        country = countries_name(text, locale_code(wording->locale));
        buffer_add_text(wording->out, country ? country : text);
        break;
    case QUESTION_DATE:
        if (!locale_format_local(wording->locale, text, LOCALE_DATE_SHORT, wording->out))
            buffer_add_text(wording->out, text);
        break;
    default:
        buffer_add_text(wording->out, text);
    }
}

static void add_number(const struct wording *wording, const json_t *number)
{
    char *text = json_dumps(number, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    buffer_add_text(wording->out, text);
    free(text);
}

static void add_answer(const struct wording *wording, const json_t *answer)
{
    size_t i;
    json_t *item;
    json_array_foreach ((json_t *)answer, i, item) {
        if (i > 0)
            buffer_add_text(wording->out, ", ");
        add_answer(wording, item);
    }
    if (json_is_string(answer))
        add_text(wording, json_string_value(answer));
    else if (json_is_boolean(answer))
        locale_text(wording->locale, json_is_true(answer) ? "answer.yes" : "answer.no", NULL,
                    wording->out);
    else if (json_is_number(answer))
        add_number(wording, answer);
}

json_t *event_door_answers(const struct event *event, const char *answers_json,
                           const struct locale *locale)
{
    json_t *answers = json_loads(answers_json, 0, NULL), *shown = json_array();
    struct buffer text;
    buffer_init(&text);
    for (size_t i = 0; i < event->question_count; i++) {
        const struct question *question = &event->questions[i];
        struct wording wording = {event, question, locale, &text};
        if (!question->at_door)
            continue;
        buffer_clear(&text);
        add_answer(&wording, json_object_get(answers, question->slug));
        if (text.length > 0)
            json_array_append_new(
                shown, json_pack("{s:s, s:s}", "label",
                                 event_text(event, &question->label, locale_code(locale)), "text",
                                 buffer_text(&text)));
    }
    buffer_finish(&text);
    json_decref(answers);
    return shown;
}
