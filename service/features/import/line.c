#include "features/import/line.h"

#include <string.h>

#include "base/text.h"
#include "features/import/columns.h"
#include "form/countries.h"
#include "view/csv.h"
#include "view/locale.h"

/* --- The rules ------------------------------------------------------------------------------- */

json_t *line_rules_write(const struct line_rules *rules)
{
    const char separator[] = {rules->separator, '\0'};
    json_t *columns = json_array(), *headings = json_array();
    for (size_t i = 0; i < rules->column_count; i++) {
        json_array_append_new(columns, json_string(rules->means[i]));
        json_array_append_new(headings, json_string(rules->headings[i]));
    }
    return json_pack("{s:s, s:s, s:b, s:o, s:o, s:s?, s:s, s:s}", "encoding",
                     list_encoding_name(rules->encoding), "separator", separator, "heading",
                     rules->has_heading, "columns", columns, "headings", headings, "ticket_type",
                     rules->ticket_type, "language", rules->language, "locale", rules->locale);
}

static const char *member(struct arena *arena, const json_t *json, const char *name)
{
    return arena_copy(arena, json_string_value(json_object_get(json, name)));
}

bool line_rules_read(struct arena *arena, const struct event *event, const json_t *json,
                     struct line_rules *ret_rules)
{
    json_t *columns = json_object_get(json, "columns");
    const char *separator = member(arena, json, "separator");
    struct line_rules rules = {
        .has_heading = json_is_true(json_object_get(json, "heading")),
        .column_count = json_array_size(columns),
        .means = arena_alloc(arena, (LIST_COLUMNS_MOST + 1) * sizeof *rules.means),
        .headings = arena_alloc(arena, (LIST_COLUMNS_MOST + 1) * sizeof *rules.headings),
        .ticket_type = member(arena, json, "ticket_type"),
        .language = member(arena, json, "language"),
        .locale = member(arena, json, "locale"),
    };
    if (!list_encoding_named(member(arena, json, "encoding"), &rules.encoding) || !separator ||
        strlen(separator) != 1 || !strchr(",;\t", *separator) ||
        rules.column_count > LIST_COLUMNS_MOST || !rules.locale)
        return false;
    rules.separator = *separator;
    for (size_t i = 0; i < rules.column_count; i++) {
        const json_t *heading = json_array_get(json_object_get(json, "headings"), i);
        rules.headings[i] = heading ? arena_copy(arena, json_string_value(heading)) : "";
        rules.means[i] = arena_copy(arena, json_string_value(json_array_get(columns, i)));
        /* A question may be gone by now. */
        if (!rules.means[i] || !columns_may_mean(event, rules.means[i]))
            rules.means[i] = "";
    }
    if (rules.ticket_type && !event_ticket_type(event, rules.ticket_type))
        rules.ticket_type = NULL;
    if (!rules.language || !event_has_language(event, rules.language))
        rules.language = event->languages[0];
    *ret_rules = rules;
    return true;
}

static const char separators[] = ",;|\n"; /* between several choices */

enum { SEPARATORS_OF_LABEL_MOST = 8 };

/* --- A cell ---------------------------------------------------------------------------------- */

struct reading {
    struct arena *arena;
    const struct event *event;
    const struct line_rules *rules;
    const struct locale *locale;
    const char *const *cells;
    size_t cell_count;
};

static const char *cell_at(const struct reading *reading, size_t column)
{
    const char *text = column < reading->cell_count
                           ? text_clean_lines(reading->arena, reading->cells[column])
                           : NULL;
    return text ? csv_bare(text) : "";
}

/* -1: no column has this meaning. */
static int column_of(const struct reading *reading, const char *meaning)
{
    for (size_t i = 0; i < reading->rules->column_count; i++) {
        if (strcmp(reading->rules->means[i], meaning) == 0)
            return (int)i;
    }
    return -1;
}

/* "": it is empty, or no column has this meaning. */
static const char *value_of(const struct reading *reading, const char *meaning)
{
    int column = column_of(reading, meaning);
    return column < 0 ? "" : cell_at(reading, (size_t)column);
}

static bool is_one_of(struct arena *arena, const char *text, const char *const *words)
{
    const char *folded = columns_fold(arena, text);
    for (size_t i = 0; words[i]; i++) {
        if (strcmp(words[i], folded) == 0)
            return true;
    }
    return false;
}

/* NULL: it is none of the choices. */
static const char *choice_named(const struct reading *reading, const struct question *question,
                                const char *text)
{
    for (size_t i = 0; i < question->choice_count; i++) {
        const struct choice *choice = &question->choices[i];
        if (strcmp(choice->slug, text) == 0 ||
            columns_is_label(reading->arena, &choice->label, text))
            return choice->slug;
    }
    return NULL;
}

static json_t *choice_value(const struct reading *reading, const struct question *question,
                            const char *text)
{
    const char *slug = choice_named(reading, question, text);
    return json_string(slug ? slug : text);
}

/* Reads a choice in quotes, as an export writes it (attendee/sheet.h). Returns what follows its
 * separator; NULL: no quotes are there. */
static const char *read_quoted(const struct reading *reading, const char *text,
                               const char **ret_part)
{
    char *part = arena_alloc(reading->arena, strlen(text) + 1), *end = part;
    if (*text++ != '"')
        return NULL;
    for (; *text && (*text != '"' || text[1] == '"'); text++) {
        text += *text == '"';
        *end++ = *text;
    }
    if (*text++ != '"' || (*text && !strchr(separators, *text)))
        return NULL;
    *end = '\0';
    *ret_part = part;
    return text + (*text != '\0');
}

/* Reads one choice. A label may hold separators, so the longest text that is a choice counts. */
static const char *read_bare(const struct reading *reading, const struct question *question,
                             const char *text, const char **ret_part)
{
    size_t length = 0, found = 0;
    for (int i = 0; i < SEPARATORS_OF_LABEL_MOST; i++) {
        length += strcspn(text + length, separators);
        const char *part =
            text_clean(reading->arena, arena_copy_bytes(reading->arena, text, length));
        if (found == 0 || (part && choice_named(reading, question, part))) {
            found = length;
            *ret_part = part;
        }
        if (!text[length])
            break;
        length++;
    }
    return text + found + (text[found] != '\0');
}

/* Choices with separators between them. */
static json_t *several_value(const struct reading *reading, const struct question *question,
                             const char *text)
{
    json_t *list = json_array();
    while (*(text += strspn(text, " "))) {
        const char *part = NULL, *rest = read_quoted(reading, text, &part);
        text = rest ? rest : read_bare(reading, question, text, &part);
        if (part && *part)
            json_array_append_new(list, choice_value(reading, question, part));
    }
    return list;
}

static json_t *yes_no_value(struct arena *arena, const char *text)
{
    static const char *const yes[] = {"yes", "y", "true", "ja", "j", "wahr", "1", "x", NULL};
    static const char *const no[] = {"no", "n", "false", "nein", "falsch", "0", NULL};
    if (is_one_of(arena, text, yes) || strcmp(text, "✓") == 0)
        return json_string("true");
    return json_string(is_one_of(arena, text, no) ? "false" : text);
}

static json_t *country_value(struct arena *arena, const char *text)
{
    static const char *const languages[] = {"en", "de"};
    const char *folded = columns_fold(arena, text);
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++) {
        size_t count;
        const struct country *countries = countries_in(languages[i], &count);
        for (size_t j = 0; j < count; j++) {
            if (strcmp(columns_fold(arena, countries[j].name), folded) == 0 ||
                strcmp(columns_fold(arena, countries[j].code), folded) == 0)
                return json_string(countries[j].code);
        }
    }
    return json_string(text);
}

/* Spreadsheets write a day as "2026-05-13T00:00:00" or "2026-05-13 00:00". */
static json_t *date_value(struct arena *arena, const char *text)
{
    bool has_time = strlen(text) > 10 && text[4] == '-' && (text[10] == 'T' || text[10] == ' ');
    return json_string(has_time ? arena_copy_bytes(arena, text, 10) : text);
}

static json_t *answer_value(const struct reading *reading, const struct question *question,
                            const char *text)
{
    if (question->kind == KIND_CHOICE)
        return choice_value(reading, question, text);
    if (question->kind == KIND_SEVERAL)
        return several_value(reading, question, text);
    if (question->kind == KIND_YES_NO)
        return yes_no_value(reading->arena, text);
    if (question->kind == KIND_COUNTRY)
        return country_value(reading->arena, text);
    return question->kind == KIND_DATE ? date_value(reading->arena, text) : json_string(text);
}

/* --- The body -------------------------------------------------------------------------------- */

static const char *name_of(const struct reading *reading)
{
    const char *name = value_of(reading, "name");
    if (*name)
        return name;
    return arena_printf(reading->arena, "%s %s", value_of(reading, "first_name"),
                        value_of(reading, "last_name"));
}

/* A language of the event that the text names by its code or its name; else that of the rules. */
static const char *language_of(const struct reading *reading)
{
    const char *folded = columns_fold(reading->arena, value_of(reading, "language"));
    for (size_t i = 0; i < reading->event->language_count; i++) {
        const char *code = reading->event->languages[i];
        size_t length = strlen(code);
        bool is_code =
            strncmp(folded, code, length) == 0 && (folded[length] == '\0' || folded[length] == ' ');
        const char *const german[] = {"deutsch", "german", NULL};
        const char *const english[] = {"englisch", "english", NULL};
        if (is_code || (strcmp(code, "de") == 0 && is_one_of(reading->arena, folded, german)) ||
            (strcmp(code, "en") == 0 && is_one_of(reading->arena, folded, english)))
            return code;
    }
    return reading->rules->language;
}

static void set_text(json_t *body, const char *name, const char *text)
{
    if (*text)
        json_object_set_new(body, name, json_string(text));
}

static const char *ticket_type_of(const struct reading *reading)
{
    const char *text = value_of(reading, "ticket_type");
    const struct ticket_type *type =
        *text ? columns_ticket_type(reading->arena, reading->event, text) : NULL;
    if (type)
        return type->slug;
    return *text || !reading->rules->ticket_type ? text : reading->rules->ticket_type;
}

/* The body of the form for a person whom an organiser adds. A new reference. */
static json_t *body_of(const struct reading *reading)
{
    json_t *body = json_object(), *answers = json_object();
    set_text(body, "name", name_of(reading));
    set_text(body, "email", value_of(reading, "email"));
    set_text(body, "language", language_of(reading));
    set_text(body, "ticket_type", ticket_type_of(reading));
    for (size_t i = 0; i < reading->rules->column_count; i++) {
        const struct question *question =
            columns_question(reading->event, reading->rules->means[i]);
        const char *text = cell_at(reading, i);
        if (question && *text)
            json_object_set_new(answers, question->slug, answer_value(reading, question, text));
    }
    json_object_set_new(body, "answers", answers);
    return body;
}

/* --- Reasons --------------------------------------------------------------------------------- */

static json_t *wording(const struct locale *locale, const char *key, json_t *data)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(locale, key, data, &text);
    json_t *json = json_string(buffer_text(&text));
    buffer_finish(&text);
    json_decref(data);
    return json;
}

/* Column -1: none. Takes the text. */
static json_t *reason(int column, json_t *text)
{
    return json_pack("{s:o, s:o}", "column", column < 0 ? json_null() : json_integer(column),
                     "text", text);
}

json_t *line_too_large(const struct locale *locale)
{
    return json_pack("[o]", reason(-1, wording(locale, "import.reason.too_large", NULL)));
}

/* The column of a finding's pointer, such as "/answers/topics/0". */
static int column_at(const struct reading *reading, const char *pointer)
{
    static const char answer[] = "/answers/";
    if (strncmp(pointer, answer, sizeof answer - 1) != 0) {
        int column = *pointer ? column_of(reading, pointer + 1) : -1;
        bool is_name = strcmp(pointer, "/name") == 0;
        return column < 0 && is_name ? column_of(reading, "last_name") : column;
    }
    const char *slug = pointer + sizeof answer - 1;
    return column_of(reading,
                     arena_printf(reading->arena, "answers.%.*s", (int)strcspn(slug, "/"), slug));
}

/* Some findings of the form read better with the cell in them. */
static json_t *reason_of(const struct reading *reading, const json_t *error)
{
    const char *pointer = json_string_value(json_object_get(error, "pointer")),
               *code = json_string_value(json_object_get(error, "code"));
    int column = column_at(reading, pointer);
    const char *key = arena_printf(reading->arena, "import.reason.%s", code);
    const char *cell = column < 0 ? "" : cell_at(reading, (size_t)column);
    if (locale_has(reading->locale, key))
        return reason(column, wording(reading->locale, key, json_pack("{s:s}", "text", cell)));
    return reason(column, json_incref(json_object_get(error, "detail")));
}

static json_t *reasons_of(const struct reading *reading, const json_t *errors)
{
    json_t *reasons = json_array();
    size_t i;
    json_t *error;
    json_array_foreach ((json_t *)errors, i, error)
        json_array_append_new(reasons, reason_of(reading, error));
    return reasons;
}

/* A ragged line has more cells than the list has columns. */
static bool has_cells_beyond(const struct reading *reading)
{
    for (size_t i = reading->rules->column_count; i < reading->cell_count; i++) {
        if (*cell_at(reading, i))
            return true;
    }
    return false;
}

/* Words of Luma, pretix, Eventbrite and people for those who do not come. */
static bool is_left_out(const struct reading *reading)
{
    static const char *const words[] = {
        "declined",         "rejected",   "cancelled",  "canceled",   "expired",
        "deleted",          "refunded",   "invited",    "waitlist",   "waitlisted",
        "pending",          "unpaid",     "not going",  "no show",    "not attending",
        "pending approval", "no",         "abgelehnt",  "abgesagt",   "storniert",
        "abgelaufen",       "ausstehend", "warteliste", "eingeladen", "nicht bezahlt",
        "kommt nicht",      "nein",       NULL};
    return is_one_of(reading->arena, value_of(reading, "status"), words);
}

/* --- A line ---------------------------------------------------------------------------------- */

/* The same content gives the same id, also in another file. */
static void make_id(const struct reading *reading, struct line *line)
{
    const struct draft *draft = &line->draft;
    const struct draft_attendee *person = &draft->first;
    struct buffer content;
    struct id hash;
    buffer_init(&content);
    buffer_printf(&content, "import\n%s\n%s\n%s\n%s\n%s", person->name,
                  draft->email.address ? draft->email.key : "", person->ticket_type->slug,
                  draft->language, person->answers);
    secret_id_for_key(&reading->event->id, buffer_text(&content), &hash);
    id_from_hash_in(reading->event->number, hash.bytes, &line->registration_id);
    secret_digest(content.bytes, content.length, line->fingerprint);
    buffer_finish(&content);
}

void line_read(struct arena *arena, const struct event *event, const struct line_rules *rules,
               const struct locale *locale, const char *const *cells, size_t cell_count,
               struct line *ret_line)
{
    const struct reading reading = {arena, event, rules, locale, cells, cell_count};
    *ret_line = (struct line){.verdict = LINE_GOOD};
    if (is_left_out(&reading)) {
        json_t *said = json_pack("{s:s}", "text", value_of(&reading, "status"));
        ret_line->verdict = LINE_LEFT_OUT;
        ret_line->reasons =
            json_pack("[o]", reason(column_of(&reading, "status"),
                                    wording(locale, "import.reason.left_out", said)));
        return;
    }
    json_t *body = body_of(&reading);
    const struct draft_input input = {.event = event,
                                      .body = body,
                                      .language = rules->language,
                                      .locale = locale,
                                      .from_form = true,
                                      .is_organiser = true,
                                      .may_leave_out = true,
                                      .at_door = true,
                                      .at_desk = true};
    json_t *errors = draft_read(arena, &input, &ret_line->draft);
    if (errors || has_cells_beyond(&reading)) {
        ret_line->verdict = LINE_WRONG;
        ret_line->reasons = reasons_of(&reading, errors);
        if (has_cells_beyond(&reading))
            json_array_append_new(ret_line->reasons,
                                  reason(-1, wording(locale, "import.reason.cells_beyond", NULL)));
    } else {
        make_id(&reading, ret_line);
    }
    json_decref(errors);
    json_decref(body);
}
