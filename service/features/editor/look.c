#include "features/editor/look.h"

#include <string.h>

#include "base/text.h"
#include "base/timezone.h"
#include "base/clock.h"
#include "event/event.h"
#include "event/events.h"
#include "features/editor/document.h"
#include "features/editor/value.h"
#include "form/field_view.h"
#include "form/kind.h"
#include "http/request.h"
#include "view/locale.h"

enum { MINUTE_LENGTH = 16, DATE_LENGTH = 10 }; /* of "2026-05-13T10:00" */

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text)
        json_object_set_new(object, key, json_string(text));
}

static struct arena *arena_of(const struct edit *edit)
{
    return request_arena(edit->request);
}

static const char *words_of(const struct edit *edit)
{
    return edit->list ? edit->list->member : edit->section->name;
}

/* Templates would look in the objects around for what is absent. */
static void add_nothing(json_t *view)
{
    static const char *const parts[] = {"label",  "hint", "note",       "error",
                                        "theirs", "unit", "describedby"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        json_object_set_new(view, parts[i], json_null());
}

/* --- Errors ---------------------------------------------------------------------------------- */

/* Whether the pointer leads to the place or below it. */
static bool is_below(const char *pointer, const char *place)
{
    size_t length = strlen(place);
    return strncmp(pointer, place, length) == 0 &&
           (pointer[length] == '\0' || pointer[length] == '/');
}

static const char *pointer_of(const struct edit *edit, const char *name)
{
    char *pointer = arena_printf(arena_of(edit), "%s/%s", edit_prefix(edit), name);
    for (char *at = pointer; *at; at++) {
        if (*at == '.')
            *at = '/';
    }
    return pointer;
}

/* The first error at a member or below it; NULL: none. */
static const json_t *error_at(const struct edit *edit, const char *name)
{
    const char *place = pointer_of(edit, name);
    size_t i;
    json_t *error;
    json_array_foreach (edit->errors, i, error) {
        if (is_below(json_string_value(json_object_get(error, "pointer")), place))
            return error;
    }
    return NULL;
}

static const char *detail_of(const json_t *error)
{
    return json_string_value(json_object_get(error, "detail"));
}

static const char *conflict_at(const struct edit *edit, const char *name)
{
    return json_string_value(json_object_get(edit->conflicts, name));
}

/* The page that has a field for the pointer, with its name for people. */
static const char *page_of(const struct edit *edit, const char *pointer, const char **ret_where)
{
    const struct edit_section *section = edit_section_at(pointer);
    const struct edit_list *list = edit_list_at(pointer);
    const char *language = locale_code(request_locale(edit->request));
    const char *index = list ? pointer + strlen("/") + strlen(list->member) : "";
    const json_t *element = *index == '/'
                                ? json_array_get(json_object_get(edit->checked, list->member),
                                                 (size_t)strtoul(index + 1, NULL, 10))
                                : NULL;
    const char *slug = json_string_value(json_object_get(element, "slug"));
    if (!section)
        return NULL;
    *ret_where = edit_word(edit->request,
                           arena_printf(arena_of(edit), "editor.section.%s", section->name), NULL);
    if (!slug)
        return edit_path(edit, section->name);
    *ret_where = edit_word(edit->request, "editor.where_element",
                           json_pack("{s:s, s:s}", "section", *ret_where, "label",
                                     edit_text(json_object_get(element, list->label), language)));
    return edit_path(edit, arena_printf(arena_of(edit), "%s/%s", list->name, slug));
}

/* The id of the field on this page that an error is about; NULL: it is about another page. */
static const char *field_of(const struct edit *edit, const char *pointer)
{
    const struct edit_field *fields = edit->list ? edit->list->fields : edit->section->fields;
    size_t count = edit->list ? edit->list->field_count : edit->section->field_count;
    const char *prefix = edit_prefix(edit);
    for (size_t i = 0; i < count; i++) {
        const char *place = pointer_of(edit, fields[i].name);
        if (!is_below(pointer, place))
            continue;
        json_t *languages = json_object_get(edit->document, "languages");
        if (!value_has_languages(&fields[i]))
            return fields[i].name;
        if (pointer[strlen(place)] == '/')
            return field_view_name(arena_of(edit), pointer + strlen(prefix));
        return json_array_size(languages) > 1
                   ? fields[i].name
                   : value_name(edit, &fields[i], json_string_value(json_array_get(languages, 0)));
    }
    return NULL;
}

static json_t *problem_view(const struct edit *edit, const json_t *error)
{
    const char *pointer = json_string_value(json_object_get(error, "pointer"));
    const char *field = field_of(edit, pointer), *where = NULL;
    const char *href =
        field ? arena_printf(arena_of(edit), "#%s", field) : page_of(edit, pointer, &where);
    json_t *view = json_pack("{s:s, s:n, s:n}", "detail", detail_of(error), "href", "where");
    set_text(view, "href", href);
    set_text(view, "where", where);
    return view;
}

static void describe(const struct edit *edit, json_t *view)
{
    static const char *const parts[] = {"hint", "note", "error", "theirs"};
    const char *name = json_string_value(json_object_get(view, "name")), *ids = "";
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (json_is_string(json_object_get(view, parts[i])))
            ids = arena_printf(arena_of(edit), "%s%s%s-%s", ids, *ids ? " " : "", name, parts[i]);
    }
    if (*ids)
        set_text(view, "describedby", ids);
}

/* --- Texts ----------------------------------------------------------------------------------- */

static json_t *text_view(const struct edit *edit, const struct edit_field *field, const char *code)
{
    const char *name = value_name(edit, field, code);
    json_t *said = value_stored(field, code, edit_object(edit));
    json_t *view = field_view_plain(NULL, name, said);
    add_nothing(view);
    set_text(view, "code", code);
    set_text(view, "language", value_language(edit->request, code));
    set_text(view, "error", detail_of(error_at(edit, name)));
    set_text(view, "theirs", conflict_at(edit, name));
    describe(edit, view);
    json_decref(said);
    return view;
}

/* The only text has the label of its field and what belongs to it. */
static void join_text(const struct edit *edit, json_t *text, const json_t *view)
{
    static const char *const parts[] = {"hint", "note", "error"};
    json_object_set(text, "label", json_object_get(view, "label"));
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (json_is_null(json_object_get(text, parts[i])))
            json_object_set(text, parts[i], json_object_get(view, parts[i]));
    }
    describe(edit, text);
}

static json_t *texts_view(const struct edit *edit, const struct edit_field *field,
                          const json_t *view)
{
    json_t *list = json_array(), *code, *languages = json_object_get(edit->document, "languages");
    size_t i;
    json_array_foreach (languages, i, code)
        json_array_append_new(list, text_view(edit, field, json_string_value(code)));
    if (json_array_size(list) == 1)
        join_text(edit, json_array_get(list, 0), view);
    return json_pack("{s:o, s:b, s:b, s:b, s:i, s:i}", "list", list, "several",
                     json_array_size(languages) > 1, "is_lines", field->control != EDIT_TEXTS,
                     "is_markdown", field->control == EDIT_MARKDOWN, "rows",
                     field->control == EDIT_MARKDOWN ? 16 : 3, "most", field->most);
}

/* --- Times ----------------------------------------------------------------------------------- */

static json_t *offer_view(const struct edit *edit, const char *name, int index,
                          const struct timezone_moment *moment, const char *stored)
{
    static const char *const words[] = {"editor.time.earlier", "editor.time.later"};
    bool is_skipped = moment->times == 0;
    char value[CLOCK_TEXT_BYTES];
    clock_format_local(moment->at_us[index], moment->offset_s[index], !is_skipped, value);
    const char *local = arena_copy_bytes(arena_of(edit), value, MINUTE_LENGTH);
    const char *key = is_skipped ? "editor.time.instead" : words[index];
    return json_pack("{s:s, s:s, s:s, s:b}", "id",
                     arena_printf(arena_of(edit), "%s.choice.%d", name, index), "value", value,
                     "label", edit_word(edit->request, key, json_pack("{s:s}", "at", local)),
                     "chosen", strcmp(value, stored) == 0);
}

/* The two times to choose from where the clocks change; empty where they do not. */
static json_t *offers_view(const struct edit *edit, const char *name, const char *stored)
{
    const char *zone_name = json_string_value(json_object_get(edit->document, "timezone"));
    struct timezone *zone;
    struct timezone_moment moment;
    struct clock_local local;
    json_t *offers = json_array();
    if (!clock_parse_local(stored, &local) || !zone_name || !timezone_load(zone_name, &zone))
        return offers;
    timezone_find(zone, local.shown_us, &moment);
    for (int i = 0; moment.times != 1 && i < 2; i++)
        json_array_append_new(offers, offer_view(edit, name, i, &moment, stored));
    timezone_destroy(zone);
    return offers;
}

static json_t *time_view(const struct edit *edit, const struct edit_field *field)
{
    json_t *stored = value_stored(field, NULL, edit_object(edit));
    const char *text = json_is_string(stored) ? json_string_value(stored) : "";
    const char *t = strchr(text, 'T');
    size_t day = t ? (size_t)(t - text) : strlen(text);
    const char *clock = t ? t + 1 : "";
    size_t length = strcspn(clock, "+-Z");
    json_t *offers = offers_view(edit, field->name, text);
    json_t *view =
        json_pack("{s:s, s:s, s:b, s:o}", "date", arena_copy_bytes(arena_of(edit), text, day),
                  "time", arena_copy_bytes(arena_of(edit), clock, length), "has_offers",
                  json_array_size(offers) > 0, "offers", offers);
    set_text(view, "offered", arena_copy_bytes(arena_of(edit), text, t ? day + 1 + length : day));
    json_decref(stored);
    return view;
}

/* --- Choices of the program ------------------------------------------------------------------ */

static json_t *option_view(const struct edit *edit, const char *name, size_t index,
                           const char *value, const char *label, bool chosen)
{
    return json_pack("{s:s, s:s, s:s, s:b}", "id",
                     index == 0 ? name : arena_printf(arena_of(edit), "%s.%zu", name, index),
                     "value", value, "label", label, "chosen", chosen);
}

static json_t *zones_view(void)
{
    static const char *const zones[] = {"Europe/Berlin",     "Europe/Vienna",
                                        "Europe/Zurich",     "Europe/Amsterdam",
                                        "Europe/Athens",     "Europe/Brussels",
                                        "Europe/Budapest",   "Europe/Copenhagen",
                                        "Europe/Dublin",     "Europe/Helsinki",
                                        "Europe/Istanbul",   "Europe/Kyiv",
                                        "Europe/Lisbon",     "Europe/London",
                                        "Europe/Madrid",     "Europe/Oslo",
                                        "Europe/Paris",      "Europe/Prague",
                                        "Europe/Rome",       "Europe/Stockholm",
                                        "Europe/Warsaw",     "Africa/Cairo",
                                        "America/Chicago",   "America/Denver",
                                        "America/New_York",  "America/Los_Angeles",
                                        "America/Sao_Paulo", "Asia/Dubai",
                                        "Asia/Kolkata",      "Asia/Shanghai",
                                        "Asia/Singapore",    "Asia/Tokyo",
                                        "Australia/Sydney",  "UTC"};
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
        json_array_append_new(list, json_string(zones[i]));
    return list;
}

static bool has_text(const json_t *list, const char *text)
{
    return json_is_array(list) && field_view_chosen(list, text);
}

static json_t *kinds_view(const struct edit *edit, const char *chosen)
{
    json_t *options = json_array();
    for (int id = 0; id < KIND_COUNT; id++) {
        if (!kinds[id].is_asked)
            continue;
        const char *key = arena_printf(arena_of(edit), "editor.kind.%s", kinds[id].name);
        json_array_append_new(options,
                              option_view(edit, "kind", json_array_size(options), kinds[id].name,
                                          edit_word(edit->request, key, NULL),
                                          strcmp(kinds[id].name, chosen) == 0));
    }
    return options;
}

static json_t *asked_by_view(const struct edit *edit, bool by_organiser)
{
    json_t *options = json_array();
    json_array_append_new(options,
                          option_view(edit, "asked_by", 0, "guest",
                                      edit_word(edit->request, "editor.asked_by.guest", NULL),
                                      !by_organiser));
    json_array_append_new(options,
                          option_view(edit, "asked_by", 1, "organiser",
                                      edit_word(edit->request, "editor.asked_by.organiser", NULL),
                                      by_organiser));
    return options;
}

/* --- Choices of the event -------------------------------------------------------------------- */

static json_t *types_view(const struct edit *edit, const json_t *chosen)
{
    const char *language = locale_code(request_locale(edit->request));
    json_t *options = json_array(), *type;
    size_t i;
    json_array_foreach (json_object_get(edit->document, "ticket_types"), i, type) {
        const char *slug = json_string_value(json_object_get(type, "slug"));
        json_array_append_new(options,
                              option_view(edit, "ticket_types", i, slug,
                                          edit_text(json_object_get(type, "title"), language),
                                          has_text(chosen, slug)));
    }
    return options;
}

static const char *long_date(const struct edit *edit, const char *date)
{
    struct buffer text;
    buffer_init(&text);
    if (!locale_format_local(request_locale(edit->request), date, LOCALE_DATE_LONG, &text))
        buffer_add_text(&text, date);
    const char *copy = arena_copy(arena_of(edit), buffer_text(&text));
    buffer_finish(&text);
    return copy;
}

/* The days of the saved event; a day that it no longer has stays to be unticked. */
static json_t *days_view(const struct edit *edit, const json_t *chosen)
{
    const struct event *event = request_event(edit->request);
    json_t *options = json_array(), *days = json_array(), *day;
    size_t i;
    for (size_t d = 0; d < event->day_count; d++)
        json_array_append_new(days, json_string(event->days[d].date));
    json_array_foreach ((json_t *)chosen, i, day) {
        if (!has_text(days, json_string_value(day)))
            json_array_append(days, day);
    }
    json_array_foreach (days, i, day) {
        const char *date = json_string_value(day);
        json_array_append_new(options, option_view(edit, "days", i, date, long_date(edit, date),
                                                   has_text(chosen, date)));
    }
    json_decref(days);
    return options;
}

static void add_condition(const struct edit *edit, json_t *options, const json_t *question,
                          json_t *answer, const json_t *chosen)
{
    const char *slug = json_string_value(json_object_get(question, "slug"));
    json_t *condition = json_pack("{s:O}", slug, answer);
    const char *value = json_is_boolean(answer) ? (json_is_true(answer) ? "true" : "false")
                                                : json_string_value(answer);
    json_array_append_new(options, option_view(edit, "shown_if", json_array_size(options),
                                               arena_printf(arena_of(edit), "%s=%s", slug, value),
                                               value_condition(edit, condition),
                                               json_equal(condition, (json_t *)chosen)));
    json_decref(condition);
}

/* All answers to earlier questions that can decide whether this one is asked. */
static json_t *conditions_view(const struct edit *edit, const json_t *chosen)
{
    json_t *options = json_array(), *question, *choice;
    size_t i, k;
    json_array_foreach (json_object_get(edit->document, "questions"), i, question) {
        const char *kind = json_string_value(json_object_get(question, "kind"));
        if (i >= edit->index)
            break;
        if (kind && strcmp(kind, kinds[KIND_YES_NO].name) == 0) {
            add_condition(edit, options, question, json_true(), chosen);
            add_condition(edit, options, question, json_false(), chosen);
        }
        json_array_foreach (json_object_get(question, "choices"), k, choice)
            add_condition(edit, options, question, json_object_get(choice, "slug"), chosen);
    }
    return options;
}

/* The questions whose answer can stand beside a name. A chosen one that is gone stays to be left.
 */
static json_t *companies_view(const struct edit *edit, const char *chosen)
{
    const char *language = locale_code(request_locale(edit->request));
    json_t *options = json_array(), *question;
    size_t i;
    json_array_foreach (json_object_get(edit->document, "questions"), i, question) {
        const char *slug = json_string_value(json_object_get(question, "slug"));
        const char *kind = json_string_value(json_object_get(question, "kind"));
        if (slug && kind && strcmp(kind, kinds[KIND_TEXT].name) == 0 &&
            !json_object_get(question, "asked_by"))
            json_array_append_new(
                options, option_view(edit, "who_comes.company", i + 1, slug,
                                     edit_text(json_object_get(question, "label"), language),
                                     strcmp(slug, chosen) == 0));
    }
    return options;
}

/* --- Choices of a question ------------------------------------------------------------------- */

static json_t *labels_view(const struct edit *edit, const char *row, const json_t *label)
{
    json_t *list = json_array(), *code;
    size_t i;
    json_array_foreach (json_object_get(edit->document, "languages"), i, code) {
        const char *text = json_string_value(code);
        json_t *said = json_is_string(label) ? (json_t *)label : json_object_get(label, text);
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:s}", "name",
                            arena_printf(arena_of(edit), "choices.%s.label.%s", row, text), "code",
                            text, "language", value_language(edit->request, text), "value",
                            json_is_string(said) ? json_string_value(said) : ""));
    }
    return list;
}

static json_t *row_view(const struct edit *edit, const char *key, size_t number,
                        const json_t *choice)
{
    const char *slug = json_string_value(json_object_get(choice, "slug"));
    json_int_t people =
        slug ? json_integer_value(json_object_get(json_object_get(edit->used, "choices"), slug))
             : 0;
    json_t *row = json_pack("{s:n, s:b, s:s, s:I, s:o}", "note", "is_old", false, "key", key,
                            "number", (json_int_t)number, "labels",
                            labels_view(edit, key, json_object_get(choice, "label")));
    if (slug)
        json_object_update_new(row, json_pack("{s:b, s:s}", "is_old", true, "slug", slug));
    if (people > 0)
        set_text(row, "note",
                 edit_word(edit->request, "editor.note.choice", json_pack("{s:I}", "n", people)));
    return row;
}

static json_t *choices_view(const struct edit *edit, const json_t *choices, int empty_rows)
{
    json_t *rows = json_array(), *choice;
    size_t i, count = json_array_size(choices);
    size_t languages = json_array_size(json_object_get(edit->document, "languages"));
    bool is_too_long = count * languages > LOOK_CHOICES_MOST;
    json_array_foreach ((json_t *)choices, i, choice) {
        const char *slug = json_string_value(json_object_get(choice, "slug"));
        if (!is_too_long)
            json_array_append_new(
                rows, row_view(edit, arena_printf(arena_of(edit), "c-%s", slug), i + 1, choice));
    }
    int empty = count == 0 && empty_rows == 0 ? 3 : empty_rows > 0 ? empty_rows : 1;
    for (int n = 0; !is_too_long && n < empty; n++)
        json_array_append_new(rows, row_view(edit, arena_printf(arena_of(edit), "n-%d", n),
                                             count + (size_t)n + 1, NULL));
    return json_pack("{s:o, s:b, s:b, s:I}", "rows", rows, "several", languages > 1, "is_too_long",
                     is_too_long, "count", (json_int_t)count);
}

/* --- One field ------------------------------------------------------------------------------- */

static const char *word_of(const struct edit *edit, const char *words, const char *name,
                           const char *part)
{
    const char *key = arena_printf(arena_of(edit), "editor.%s.%s.%s", words, name, part);
    return locale_has(request_locale(edit->request), key) ? edit_word(edit->request, key, NULL)
                                                          : NULL;
}

static json_t *lines_of(const json_t *list)
{
    struct buffer text;
    size_t i;
    json_t *line;
    buffer_init(&text);
    json_array_foreach ((json_t *)list, i, line)
        buffer_printf(&text, "%s%s", i > 0 ? "\n" : "", json_string_value(line));
    json_t *json = json_string(buffer_text(&text));
    buffer_finish(&text);
    return json;
}

/* Takes the options. False: there are none beside `none`. */
static bool add_select(const struct edit *edit, json_t *options, const char *none, json_t *view)
{
    json_object_set_new(
        view, "as_select",
        json_pack("{s:o, s:s}", "options", options, "none", edit_word(edit->request, none, NULL)));
    return json_array_size(options) > 0;
}

/* A question that somebody has answered keeps its kind. */
static void add_kind(const struct edit *edit, const struct edit_field *field, json_t *value,
                     json_t *view)
{
    if (json_integer_value(json_object_get(edit->used, "ever")) > 0) {
        set_text(view, "fixed", value_say(edit, field, value));
        return;
    }
    const char *text = json_is_string(value) ? json_string_value(value) : "";
    json_t *options = kinds_view(edit, *text ? text : kinds[KIND_TEXT].name);
    json_object_set_new(view, "as_radios",
                        json_pack("{s:o, s:b}", "options", options, "is_grid", true));
}

/* False: the field does not apply to this event. */
static bool add_control(const struct edit *edit, const struct edit_field *field, json_t *value,
                        json_t *view)
{
    const char *text = json_is_string(value) ? json_string_value(value) : "";
    json_t *list = NULL;
    switch (field->control) {
    case EDIT_LINE:
        json_object_set_new(view, "as_line", json_true());
        return true;
    case EDIT_TEXTS:
    case EDIT_PARAGRAPH:
    case EDIT_MARKDOWN:
        json_object_set_new(view, "as_texts", texts_view(edit, field, view));
        return true;
    case EDIT_TIME:
        json_object_set_new(view, "as_time", time_view(edit, field));
        return true;
    case EDIT_NUMBER:
        json_object_set_new(view, "as_number", json_true());
        return true;
    case EDIT_CHECK:
        json_object_set_new(view, "as_check", json_pack("{s:b}", "checked", json_is_true(value)));
        return true;
    case EDIT_ZONE:
        json_object_set_new(view, "as_zone", json_pack("{s:o}", "zones", zones_view()));
        return true;
    case EDIT_LANGUAGES:
        json_object_set_new(view, "as_languages", look_languages(edit));
        return true;
    case EDIT_ORIGINS:
        json_object_set_new(view, "value", lines_of(value));
        json_object_set_new(view, "as_lines", json_true());
        return true;
    case EDIT_KIND:
        add_kind(edit, field, value, view);
        return true;
    case EDIT_ASKED_BY:
        json_object_set_new(view, "as_radios",
                            json_pack("{s:o}", "options", asked_by_view(edit, *text != '\0')));
        return true;
    case EDIT_CHOICES:
        json_object_set_new(view, "as_choices", choices_view(edit, value, edit->empty_rows));
        return true;
    case EDIT_CONDITION:
        return add_select(edit, conditions_view(edit, value), "editor.always", view);
    case EDIT_COMPANY:
        return add_select(edit, companies_view(edit, text), "editor.no_company", view) || *text;
    case EDIT_DAYS:
        list = days_view(edit, value);
        break;
    case EDIT_TYPES:
        list = types_view(edit, value);
        break;
    }
    json_object_set_new(view, "as_checks", json_pack("{s:o}", "options", list));
    return json_array_size(list) > 1;
}

json_t *look_field(const struct edit *edit, const struct edit_field *field, const char *words)
{
    json_t *value = value_stored(field, NULL, edit_object(edit));
    json_t *view = field_view_plain(NULL, field->name, value);
    add_nothing(view);
    const json_t *error = error_at(edit, field->name);
    set_text(view, "label", word_of(edit, words, field->name, "label"));
    set_text(view, "hint", word_of(edit, words, field->name, "hint"));
    set_text(view, "unit", word_of(edit, words, field->name, "unit"));
    set_text(view, "note", look_note(edit, field));
    set_text(view, "theirs", conflict_at(edit, field->name));
    json_object_set_new(view, "needed", json_boolean(field->is_needed));
    json_object_set_new(view, "is_optional", json_boolean(edit_field_is_optional(field)));
    /* An error in one language stands at its text. */
    bool is_at_text = error && value_has_languages(field) &&
                      strcmp(json_string_value(json_object_get(error, "pointer")),
                             pointer_of(edit, field->name)) != 0;
    if (error && !is_at_text)
        set_text(view, "error", detail_of(error));
    bool applies = add_control(edit, field, value, view);
    describe(edit, view);
    json_decref(value);
    if (applies)
        return view;
    json_decref(view);
    return NULL;
}

/* --- The page -------------------------------------------------------------------------------- */

/* Whether a field says something else than what it means if it is left out. */
static bool says_something(const struct edit *edit, const struct edit_field *field)
{
    json_t *value = value_stored(field, NULL, edit_object(edit)), *nothing = json_object();
    json_t *usual = value_stored(field, NULL, nothing);
    bool says =
        !json_equal(value, usual) || error_at(edit, field->name) || conflict_at(edit, field->name);
    json_decref(value);
    json_decref(usual);
    json_decref(nothing);
    return says;
}

static json_t *begin_part(const struct edit *edit, const struct edit_field *field)
{
    json_t *part = json_pack("{s:b, s:[], s:n, s:b}", "is_folded", field->is_folded, "fields",
                             "title", "is_open", false);
    if (field->part)
        set_text(part, "title",
                 edit_word(edit->request,
                           arena_printf(arena_of(edit), "editor.part.%s", field->part), NULL));
    return part;
}

static json_t *parts_view(const struct edit *edit)
{
    const struct edit_field *fields = edit->list ? edit->list->fields : edit->section->fields;
    size_t count = edit->list ? edit->list->field_count : edit->section->field_count;
    json_t *parts = json_array(), *part = NULL;
    for (size_t i = 0; i < count; i++) {
        json_t *view = look_field(edit, &fields[i], words_of(edit));
        if (!part || fields[i].part) {
            part = begin_part(edit, &fields[i]);
            json_array_append_new(parts, part);
        }
        if (!view)
            continue;
        json_array_append_new(json_object_get(part, "fields"), view);
        if (says_something(edit, &fields[i]))
            json_object_set_new(part, "is_open", json_true());
    }
    return parts;
}

json_t *look_page(struct edit *edit)
{
    json_t *problems = json_array(), *error;
    size_t i;
    json_array_foreach (edit->errors, i, error)
        json_array_append_new(problems, problem_view(edit, error));
    json_t *view = json_pack("{s:o, s:i, s:b, s:o}", "parts", parts_view(edit), "version",
                             edit->version, "has_problems", i > 0, "problems", problems);
    if (edit->conflicts || edit->is_removed)
        json_object_set_new(
            view, "meanwhile",
            json_pack("{s:s, s:b}", "who", edit->editor, "is_removed", edit->is_removed));
    return view;
}
