#include "event/event.h"

#include "base/memory.h"
#include "base/text.h"
#include "event/event_file.h"
#include "http/source.h"
#include "security/secret.h"
#include "view/locale.h"

const char *event_text(const struct event *event, const struct event_text *text,
                       const char *language)
{
    const char *first = "";
    for (size_t i = event->language_count; i-- > 0;) {
        const char *here = text->by_language[i];
        if (!here)
            continue;
        if (language && strcmp(event->languages[i], language) == 0)
            return here;
        first = here;
    }
    return first;
}

bool event_ticket_type_exists(const struct event *event, const struct ticket_type *type)
{
    return event->capacity != 0 && type->capacity != 0;
}

const struct ticket_type *event_ticket_type(const struct event *event, const char *slug)
{
    for (size_t i = 0; i < event->ticket_type_count; i++) {
        if (strcmp(event->ticket_types[i].slug, slug) == 0)
            return &event->ticket_types[i];
    }
    return NULL;
}

const char *event_type_title(const struct event *event, const char *slug,
                             const struct locale *locale, struct arena *arena)
{
    const struct ticket_type *type = event_ticket_type(event, slug);
    const char *title = type ? event_text(event, &type->title, locale_code(locale)) : slug;
    if (!type || !type->days)
        return arena_copy(arena, title);
    struct buffer text;
    buffer_init(&text);
    for (size_t i = 0; i < type->day_count; i++) {
        buffer_add_text(&text, i == 0 ? "" : ", ");
        if (!locale_format_local(locale, type->days[i], LOCALE_DATE_SHORT, &text))
            buffer_add_text(&text, type->days[i]);
    }
    const char *whole = arena_printf(arena, "%s (%s)", title, buffer_text(&text));
    buffer_finish(&text);
    return whole;
}

json_t *event_ticket_type_days(const struct ticket_type *type)
{
    if (!type->days)
        return json_null();
    json_t *days = json_array();
    for (size_t i = 0; i < type->day_count; i++)
        json_array_append_new(days, json_string(type->days[i]));
    return days;
}

bool event_asks(const struct question *question, bool is_organiser)
{
    return is_organiser || !question->by_organiser;
}

const struct question *event_question(const struct event *event, const char *slug)
{
    for (size_t i = 0; i < event->question_count; i++) {
        if (strcmp(event->questions[i].slug, slug) == 0)
            return &event->questions[i];
    }
    return NULL;
}

const struct question *event_question_ever(const struct event *event, const char *slug)
{
    for (size_t i = 0; i < event->former_question_count; i++) {
        if (strcmp(event->former_questions[i].slug, slug) == 0)
            return &event->former_questions[i];
    }
    return event_question(event, slug);
}

struct kind_choices event_choices_ever(const struct question *question)
{
    return (struct kind_choices){question->choices,
                                 question->choice_count + question->former_choice_count,
                                 sizeof *question->choices};
}

static const char *choice_label(const void *context, const void *choice)
{
    const struct event_reader *reader = context;
    return event_text(reader->event, &((const struct choice *)choice)->label, reader->language);
}

struct form_field event_question_field(const struct question *question,
                                       const struct event_reader *reader)
{
    const char *hint = event_text(reader->event, &question->hint, reader->language);
    return (struct form_field){
        .name = question->slug,
        .kind = question->kind,
        .bytes = kinds[question->kind].bytes,
        .need = (reader->at_door ? question->needed_at_door : question->required) ? FORM_NEEDED
                                                                                  : FORM_OPTIONAL,
        .needed = "answer_needed",
        .by_heart = question->by_heart,
        .choices = {question->choices, question->choice_count, sizeof *question->choices},
        .choice_label = choice_label,
        .label = event_text(reader->event, &question->label, reader->language),
        .hint = *hint ? hint : NULL,
    };
}

const struct consent *event_consent(const struct event *event, const char *slug)
{
    for (size_t i = 0; i < event->consent_count; i++) {
        if (strcmp(event->consents[i].slug, slug) == 0)
            return &event->consents[i];
    }
    return NULL;
}

const struct consent *event_consent_to_names(const struct event *event)
{
    for (size_t i = 0; i < event->consent_count; i++) {
        if (event->consents[i].shows_name)
            return &event->consents[i];
    }
    return NULL;
}

const struct door *event_door(const struct event *event, const char *slug)
{
    for (size_t i = 0; i < event->door_count; i++) {
        if (strcmp(event->doors[i].slug, slug) == 0)
            return &event->doors[i];
    }
    return NULL;
}

bool event_has_language(const struct event *event, const char *language)
{
    for (size_t i = 0; i < event->language_count; i++) {
        if (strcmp(event->languages[i], language) == 0)
            return true;
    }
    return false;
}

const char *event_day_at(const struct event *event, int64_t at_us)
{
    size_t day = event->day_count - 1;
    while (day > 0 && event->days[day].starts_at_us > at_us)
        day--;
    return event->days[day].date;
}

bool door_admits(const struct door *door, const char *ticket_type)
{
    if (!door->ticket_types)
        return true;
    for (size_t i = 0; i < door->ticket_type_count; i++) {
        if (strcmp(door->ticket_types[i], ticket_type) == 0)
            return true;
    }
    return false;
}

const char *event_when(const struct event *event, const struct locale *locale, struct arena *arena)
{
    struct buffer text;
    buffer_init(&text);
    if (!locale_format_span(locale, event->starts_at, event->ends_at, &text))
        buffer_clear(&text);
    const char *copy = arena_copy(arena, buffer_text(&text));
    buffer_finish(&text);
    return copy;
}

/* --- Access codes -------------------------------------------------------------------------------
 */

enum { CODE_BYTES = 4 * EVENT_FILE_CODE_MOST };

bool access_code_opens(const struct ticket_type *type, const char *code)
{
    if (!type->code)
        return true;
    char wanted[CODE_BYTES], given[CODE_BYTES];
    size_t length = text_code(type->code, wanted, sizeof wanted);
    return code && length > 0 && text_code(code, given, sizeof given) == length &&
           secret_equal(given, wanted, length);
}

static bool opens_any(const struct event *event, const char *code)
{
    bool opens = false;
    for (size_t i = 0; i < event->ticket_type_count; i++)
        opens |= event->ticket_types[i].code && access_code_opens(&event->ticket_types[i], code);
    return opens;
}

enum access_code access_code_try(struct request *request, const char *code)
{
    const struct event *event = request_event(request);
    const struct pace_key key = {.limit = PACE_ACCESS_CODES, .scope = &event->id};
    if (!code || *code == '\0')
        return ACCESS_CODE_NONE;
    if (!source_may_guess(request, &key))
        return ACCESS_CODE_TOO_MANY;
    if (opens_any(event, code))
        return ACCESS_CODE_OPENS;
    return source_guessed_wrong(request, &key) ? ACCESS_CODE_WRONG : ACCESS_CODE_TOO_MANY;
}
