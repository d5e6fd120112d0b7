#include "features/registration/answers.h"

#include <math.h>

#include "base/clock.h"
#include "base/email.h"
#include "base/text.h"
#include "form/countries.h"

/* One answer while it is read. */
struct reading {
    struct arena *arena;
    const struct answers_input *input;
    const struct question *question;
    const json_t *given;
    const char *pointer;
    struct findings *findings;
};

/* Adds a finding at the answer; gives NULL, which is no answer. */
static json_t *refuse(const struct reading *reading, const char *code, json_int_t most)
{
    const char *label =
        event_text(reading->input->event, &reading->question->label, reading->input->language);
    findings_add(reading->findings, reading->pointer, code,
                 json_pack("{s:s, s:I}", "question", label, "most", most));
    return NULL;
}

static json_t *read_text(const struct reading *reading, size_t most, bool lines_allowed)
{
    if (!json_is_string(reading->given))
        return refuse(reading, "text_expected", 0);
    char *text = text_clean(reading->arena, json_string_value(reading->given));
    if (!text || text_has_control(text, lines_allowed))
        return refuse(reading, "control_characters", 0);
    if (text_length(text) > most)
        return refuse(reading, "too_long", (json_int_t)most);
    return *text ? json_string(text) : NULL;
}

static json_t *read_one_line(const struct reading *reading)
{
    return read_text(reading, ANSWER_TEXT_MOST, false);
}

static json_t *read_lines(const struct reading *reading)
{
    return read_text(reading, ANSWER_LONG_TEXT_MOST, true);
}

static bool has_choice(const struct question *question, const char *slug)
{
    for (size_t i = 0; i < question->choice_count; i++) {
        if (strcmp(question->choices[i].slug, slug) == 0)
            return true;
    }
    return false;
}

static json_t *read_choice(const struct reading *reading)
{
    const char *slug = json_string_value(reading->given);
    if (!slug || !has_choice(reading->question, slug))
        return refuse(reading, "no_such_choice", 0);
    return json_string(slug);
}

static bool list_has(const json_t *list, const json_t *wanted)
{
    size_t i;
    json_t *item;
    json_array_foreach (list, i, item) {
        if (json_equal(item, wanted))
            return true;
    }
    return false;
}

static json_t *read_several(const struct reading *reading)
{
    json_t *list = json_array();
    if (reading->input->from_form && json_is_string(reading->given))
        json_array_append(list, (json_t *)reading->given);
    else if (json_is_array(reading->given))
        json_array_extend(list, (json_t *)reading->given);
    else
        refuse(reading, "list_expected", 0);

    json_t *chosen = json_array(), *item;
    size_t i;
    json_array_foreach (list, i, item) {
        const char *slug = json_string_value(item);
        if (!slug || !has_choice(reading->question, slug) || list_has(chosen, item)) {
            refuse(reading, "no_such_choice", 0);
            break;
        }
        json_array_append(chosen, item);
    }
    json_decref(list);
    if (json_array_size(chosen) > 0)
        return chosen;
    json_decref(chosen);
    return NULL;
}

static json_t *read_yes_no(const struct reading *reading)
{
    if (json_is_boolean(reading->given))
        return json_boolean(json_is_true(reading->given));
    const char *text = reading->input->from_form ? json_string_value(reading->given) : NULL;
    if (text && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0))
        return json_boolean(strcmp(text, "true") == 0);
    return refuse(reading, "yes_or_no_expected", 0);
}

/* A decimal number as people type it, its fraction behind a point or a comma. NAN: it is none. */
static double typed_number(struct arena *arena, const char *typed)
{
    char *text = text_clean(arena, typed), *end;
    char *comma = text ? strchr(text, ',') : NULL;
    if (!text || *text == '\0' || strspn(text, "+-.,0123456789") != strlen(text))
        return NAN;
    if (comma)
        *comma = '.';
    double number = strtod(text, &end);
    return *end == '\0' ? number : NAN;
}

static json_t *read_number(const struct reading *reading)
{
    if (json_is_integer(reading->given))
        return json_integer(json_integer_value(reading->given));
    if (json_is_real(reading->given))
        return json_real(json_real_value(reading->given));
    double number = NAN;
    if (reading->input->from_form && json_is_string(reading->given))
        number = typed_number(reading->arena, json_string_value(reading->given));
    if (!isfinite(number))
        return refuse(reading, "number_expected", 0);
    return number == trunc(number) && fabs(number) < 1e15 ? json_integer((json_int_t)number)
                                                          : json_real(number);
}

/* A day as browsers send it; those without a control for it send what was typed: "13.5.2026". */
static const char *typed_date(struct arena *arena, const char *typed)
{
    int day, month, year, end = 0;
    const char *text = text_clean(arena, typed);
    if (text && sscanf(text, "%2d.%2d.%4d%n", &day, &month, &year, &end) == 3 && text[end] == '\0')
        return arena_printf(arena, "%04d-%02d-%02d", year, month, day);
    return text;
}

static json_t *read_date(const struct reading *reading)
{
    const char *text = json_string_value(reading->given);
    if (text && reading->input->from_form)
        text = typed_date(reading->arena, text);
    if (!text || !clock_is_date(text))
        return refuse(reading, "date_expected", 0);
    return json_string(text);
}

static json_t *read_email(const struct reading *reading)
{
    const char *text = json_string_value(reading->given);
    struct email email;
    if (!text || !email_parse(reading->arena, text, &email))
        return refuse(reading, "email_expected", 0);
    return json_string(email.address);
}

static json_t *read_phone(const struct reading *reading)
{
    const char *given = json_string_value(reading->given);
    char *text = given ? text_clean(reading->arena, given) : NULL;
    size_t digits = 0;
    for (const char *at = text; at && *at; at++)
        digits += *at >= '0' && *at <= '9';
    if (!text || strspn(text, "0123456789 +-/().") != strlen(text) || strrchr(text, '+') > text ||
        digits < ANSWER_PHONE_LEAST_DIGITS || digits > ANSWER_PHONE_MOST_DIGITS)
        return refuse(reading, "phone_expected", 0);
    return json_string(text);
}

static json_t *read_country(const struct reading *reading)
{
    const char *code = json_string_value(reading->given);
    if (!code || !countries_has(code))
        return refuse(reading, "country_expected", 0);
    return json_string(code);
}

static json_t *(*const readers[])(const struct reading *) = {
    [QUESTION_TEXT] = read_one_line, [QUESTION_LONG_TEXT] = read_lines,
    [QUESTION_CHOICE] = read_choice, [QUESTION_SEVERAL] = read_several,
    [QUESTION_YES_NO] = read_yes_no, [QUESTION_NUMBER] = read_number,
    [QUESTION_DATE] = read_date,     [QUESTION_EMAIL] = read_email,
    [QUESTION_PHONE] = read_phone,   [QUESTION_COUNTRY] = read_country,
};

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

static bool is_empty(const json_t *given)
{
    const char *text = json_string_value(given);
    return !given || json_is_null(given) || (text && text[strspn(text, " \t\r\n")] == '\0') ||
           (json_is_array(given) && json_array_size(given) == 0);
}

static void refuse_unknown(struct arena *arena, const struct answers_input *input,
                           struct findings *findings)
{
    const char *slug;
    json_t *value;
    json_object_foreach (input->given, slug, value) {
        if (!event_question(input->event, slug))
            findings_add(findings, arena_printf(arena, "%s/%s", input->pointer, slug),
                         "unknown_question", NULL);
    }
}

json_t *answers_read(struct arena *arena, const struct answers_input *input,
                     struct findings *findings)
{
    json_t *answers = json_object();
    if (input->given && !json_is_object(input->given)) {
        findings_add(findings, input->pointer, "object_expected", NULL);
        return answers;
    }
    refuse_unknown(arena, input, findings);
    for (size_t i = 0; i < input->event->question_count; i++) {
        const struct question *question = &input->event->questions[i];
        struct reading reading = {
            .arena = arena,
            .input = input,
            .question = question,
            .given = json_object_get(input->given, question->slug),
            .pointer = arena_printf(arena, "%s/%s", input->pointer, question->slug),
            .findings = findings,
        };
        if (!answers_show(input->event, question, answers))
            continue;
        json_t *answer = NULL;
        if (!is_empty(reading.given))
            answer = readers[question->kind](&reading);
        else if (question->required)
            refuse(&reading, "answer_needed", 0);
        if (answer)
            json_object_set_new(answers, question->slug, answer);
    }
    return answers;
}
