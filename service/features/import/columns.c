#include "features/import/columns.h"

#include <string.h>

#include "base/text.h"

static const char answers[] = "answers.";

/* Headings as columns_fold() gives them, the surest first. A heading counts for one meaning. */
static const struct synonym {
    const char *heading, *meaning;
} synonyms[] = {
    {"attendee name", "name"},
    {"attendee full name", "name"},
    {"teilnehmername", "name"},
    {"name des teilnehmers", "name"},
    {"teilnehmer", "name"},
    {"teilnehmerin", "name"},
    {"vollstandiger name", "name"},
    {"full name", "name"},
    {"vor und nachname", "name"},
    {"vorname nachname", "name"},
    {"vorname und nachname", "name"},
    {"name vorname", "name"},
    {"guest name", "name"},
    {"guest", "name"},
    {"gast", "name"},
    {"person", "name"},
    {"name", "name"},
    {"attendee name given name", "first_name"},
    {"teilnehmername vorname", "first_name"},
    {"attendee first name", "first_name"},
    {"first name", "first_name"},
    {"firstname", "first_name"},
    {"given name", "first_name"},
    {"forename", "first_name"},
    {"vorname", "first_name"},
    {"rufname", "first_name"},
    {"attendee name family name", "last_name"},
    {"teilnehmername nachname", "last_name"},
    {"teilnehmername familienname", "last_name"},
    {"attendee last name", "last_name"},
    {"attendee surname", "last_name"},
    {"last name", "last_name"},
    {"lastname", "last_name"},
    {"family name", "last_name"},
    {"surname", "last_name"},
    {"nachname", "last_name"},
    {"familienname", "last_name"},
    {"zuname", "last_name"},
    {"attendee email", "email"},
    {"attendee e mail", "email"},
    {"teilnehmer e mail", "email"},
    {"e mail des teilnehmers", "email"},
    {"email", "email"},
    {"e mail", "email"},
    {"mail", "email"},
    {"email address", "email"},
    {"e mail address", "email"},
    {"e mail adresse", "email"},
    {"email adresse", "email"},
    {"mailadresse", "email"},
    {"emailadresse", "email"},
    {"mail adresse", "email"},
    {"ticket type", "ticket_type"},
    {"ticket name", "ticket_type"},
    {"ticketart", "ticket_type"},
    {"ticket art", "ticket_type"},
    {"tickettyp", "ticket_type"},
    {"ticket", "ticket_type"},
    {"kategorie", "ticket_type"},
    {"category", "ticket_type"},
    {"product", "ticket_type"},
    {"produkt", "ticket_type"},
    {"language", "language"},
    {"sprache", "language"},
    {"order locale", "language"},
    {"bestellsprache", "language"},
    {"locale", "language"},
    {"approval status", "status"},
    {"attendee status", "status"},
    {"registration status", "status"},
    {"anmeldestatus", "status"},
    {"status", "status"},
};

/* Headings of the company, for a question that has another one of them as its label or slug. */
static const char *const companies[] = {"company",      "company name", "firma",    "unternehmen",
                                        "organisation", "organization", "employer", "arbeitgeber",
                                        "institution",  "affiliation"};

const char *columns_fold(struct arena *arena, const char *text)
{
    char *folded = text_fold(arena, text), *end = folded;
    bool has_gap = false;
    for (const char *at = folded; *at; at++) {
        bool is_letter = (*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9') || *at & 0x80;
        if (is_letter && has_gap && end > folded)
            *end++ = ' ';
        if (is_letter)
            *end++ = *at;
        has_gap = !is_letter;
    }
    *end = '\0';
    return folded;
}

static bool is_same(struct arena *arena, const char *text, const char *folded)
{
    return text && *folded && strcmp(columns_fold(arena, text), folded) == 0;
}

bool columns_is_label(struct arena *arena, const struct event_text *label, const char *text)
{
    const char *folded = columns_fold(arena, text);
    for (size_t i = 0; i < EVENT_LANGUAGES_MOST; i++) {
        if (is_same(arena, label->by_language[i], folded))
            return true;
    }
    return false;
}

const struct question *columns_question(const struct event *event, const char *meaning)
{
    bool is_answer = strncmp(meaning, answers, sizeof answers - 1) == 0;
    return is_answer ? event_question(event, meaning + sizeof answers - 1) : NULL;
}

bool columns_may_mean(const struct event *event, const char *meaning)
{
    bool is_known = *meaning == '\0' || columns_question(event, meaning);
    for (size_t i = 0; !is_known && i < sizeof synonyms / sizeof *synonyms; i++)
        is_known = strcmp(synonyms[i].meaning, meaning) == 0;
    return is_known;
}

const struct ticket_type *columns_ticket_type(struct arena *arena, const struct event *event,
                                              const char *text)
{
    const char *folded = columns_fold(arena, text);
    for (size_t i = 0; i < event->ticket_type_count; i++) {
        const struct ticket_type *type = &event->ticket_types[i];
        if (strcmp(type->slug, text) == 0 || is_same(arena, type->slug, folded) ||
            columns_is_label(arena, &type->title, text))
            return type;
    }
    return NULL;
}

/* --- Guessing -------------------------------------------------------------------------------- */

static bool is_company(const char *folded)
{
    for (size_t i = 0; i < sizeof companies / sizeof *companies; i++) {
        if (strcmp(companies[i], folded) == 0)
            return true;
    }
    return false;
}

static bool asks_for(struct arena *arena, const struct event *event,
                     const struct question *question, const char *heading)
{
    const char *folded = columns_fold(arena, heading), *slug = columns_fold(arena, question->slug);
    if (strcmp(slug, folded) == 0 || columns_is_label(arena, &question->label, heading))
        return true;
    bool is_about_company = is_company(slug);
    for (size_t i = 0; i < event->language_count; i++) {
        const char *label = question->label.by_language[i];
        is_about_company |= label && is_company(columns_fold(arena, label));
    }
    return is_about_company && is_company(folded);
}

static bool is_taken(const struct columns *columns, const char *meaning)
{
    for (size_t i = 0; i < columns->count; i++) {
        if (strcmp(columns->means[i], meaning) == 0)
            return true;
    }
    return false;
}

/* An export of another system names ticket types that the event does not have. */
static bool has_ticket_type(struct arena *arena, const struct event *event,
                            const struct columns *columns, size_t column)
{
    for (size_t i = 0; i < COLUMNS_EXAMPLES; i++) {
        const char *example = columns->examples[column][i];
        if (example && columns_ticket_type(arena, event, example))
            return true;
    }
    return false;
}

static void guess_by_synonyms(struct arena *arena, const struct event *event,
                              struct columns *columns)
{
    for (size_t i = 0; i < sizeof synonyms / sizeof *synonyms; i++) {
        const char *meaning = synonyms[i].meaning;
        for (size_t column = 0; column < columns->count; column++) {
            if (*columns->means[column] || is_taken(columns, meaning) ||
                !is_same(arena, columns->headings[column], synonyms[i].heading))
                continue;
            if (strcmp(meaning, "ticket_type") != 0 ||
                has_ticket_type(arena, event, columns, column))
                columns->means[column] = meaning;
        }
    }
}

/* "Name" beside a first name means the last name, if there is no other. */
static void settle_names(struct columns *columns)
{
    bool has_last = is_taken(columns, "last_name"), has_first = is_taken(columns, "first_name");
    for (size_t column = 0; column < columns->count; column++) {
        if (strcmp(columns->means[column], "name") == 0 && has_first && !has_last)
            columns->means[column] = "last_name";
    }
}

static void guess_questions(struct arena *arena, const struct event *event, struct columns *columns)
{
    for (size_t i = 0; i < event->question_count; i++) {
        const struct question *question = &event->questions[i];
        const char *meaning = arena_printf(arena, "%s%s", answers, question->slug);
        for (size_t column = 0; column < columns->count; column++) {
            if (!*columns->means[column] && !is_taken(columns, meaning) &&
                asks_for(arena, event, question, columns->headings[column]))
                columns->means[column] = meaning;
        }
    }
}

static bool has_address(const struct columns *columns, size_t column)
{
    struct arena arena;
    struct email email;
    const char *example = columns->examples[column][0];
    arena_init(&arena);
    bool is_address = example && email_parse(&arena, example, &email);
    arena_finish(&arena);
    return is_address;
}

/* Without a heading: the first column with addresses, and the first other one is the name. */
static void guess_by_values(struct columns *columns)
{
    for (size_t column = 0; column < columns->count; column++) {
        if (has_address(columns, column) && !is_taken(columns, "email"))
            columns->means[column] = "email";
        else if (columns->examples[column][0] && !has_address(columns, column) &&
                 !is_taken(columns, "name"))
            columns->means[column] = "name";
    }
}

static bool has_at(const struct list_reader *reader)
{
    for (size_t i = 0; i < reader->cell_count; i++) {
        if (strchr(reader->cells[i], '@'))
            return true;
    }
    return false;
}

static void widen(struct columns *columns, size_t count)
{
    if (count <= columns->count)
        return;
    for (size_t i = columns->count; i < count; i++) {
        columns->means[i] = "";
        columns->headings[i] = "";
    }
    columns->count = count;
}

static void note_examples(struct arena *arena, struct columns *columns,
                          const struct list_reader *reader)
{
    for (size_t column = 0; column < reader->cell_count; column++) {
        const char *value = text_clean(arena, reader->cells[column]);
        const char **examples = columns->examples[column];
        for (size_t i = 0; value && *value && i < COLUMNS_EXAMPLES; i++) {
            if (!examples[i]) {
                examples[i] = value;
                break;
            }
            if (strcmp(examples[i], value) == 0)
                break;
        }
    }
}

void columns_guess(struct arena *arena, const struct event *event, const struct list_source *source,
                   int heading, struct columns *ret_columns)
{
    struct list_reader reader;
    struct columns columns = {
        .headings = arena_alloc(arena, LIST_COLUMNS_MOST * sizeof *columns.headings),
        .means = arena_alloc(arena, LIST_COLUMNS_MOST * sizeof *columns.means),
        .examples = arena_alloc(arena, LIST_COLUMNS_MOST * sizeof *columns.examples)};
    size_t named = 0, wider = 0; /* columns of the heading; lines with more of them */
    list_reader_init(&reader, source, 1, true);
    bool is_first = true;
    while (columns.records < LIST_GUESS_RECORDS && list_reader_next(&reader)) {
        if (reader.is_blank)
            continue;
        widen(&columns, reader.cell_count);
        if (is_first && (heading < 0 ? !has_at(&reader) : heading)) {
            columns.has_heading = true;
            named = reader.cell_count;
            for (size_t i = 0; i < reader.cell_count; i++)
                columns.headings[i] = text_clean(arena, reader.cells[i]);
        } else {
            columns.records++;
            wider += reader.cell_count > named;
            note_examples(arena, &columns, &reader);
        }
        is_first = false;
    }
    list_reader_finish(&reader);
    if (columns.has_heading && wider * 2 < columns.records) /* they are ragged */
        columns.count = named;
    if (columns.has_heading) {
        guess_by_synonyms(arena, event, &columns);
        settle_names(&columns);
        guess_questions(arena, event, &columns);
    } else {
        guess_by_values(&columns);
    }
    *ret_columns = columns;
}
