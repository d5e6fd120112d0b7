#include "features/attendee/export.h"

#include <stdatomic.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/timezone.h"
#include "features/attendee/row.h"
#include "features/attendee/sheet.h"
#include "view/roster.h"
#include "view/workbook.h"

enum { BADGE_COLUMNS_MOST = 2, TITLE_MOST_BYTES = 120 };

struct export
{
    struct export_options options;
    const struct locale *locale;
    struct arena arena;
    const char *file_name;
    const char **former_questions, **former_consents;
    size_t former_question_count, former_consent_count;
    struct buffer after; /* the place behind which the next portion starts */
    int64_t known_count; /* of its attendees, from the first portion of a PDF; 0: not known */

    /* From export_begin on. */
    struct sheet *sheet; /* NULL: JSON Lines */
    struct table *table; /* one of the following; NULL: it could not be made */
    struct csv csv;
    struct workbook *workbook;
    struct roster *roster;
    atomic_bool stop;
};

static const struct {
    const char *name, *content_type;
} formats[] = {
    [EXPORT_CSV] = {"csv", "text/csv; charset=utf-8; header=present"},
    [EXPORT_JSONL] = {"jsonl", "application/jsonl; charset=utf-8"},
    [EXPORT_XLSX] = {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    [EXPORT_PDF] = {"pdf", "application/pdf"},
};

bool export_format_named(const char *name, enum export_format *ret_format)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(formats[i].name, name) == 0) {
            *ret_format = (enum export_format)i;
            return true;
        }
    }
    return false;
}

/* --- Parameters ------------------------------------------------------------------------------ */

/* Reads one of two words. The first is the default. */
static bool read_either(const struct form_place *place, const char *first, const char *second)
{
    const char *text = form_is_given(place) ? json_string_value(place->value) : first;
    if (strcmp(text, first) != 0 && strcmp(text, second) != 0)
        form_refuse_here(place, "wrong", NULL);
    return strcmp(text, second) == 0;
}

static void read_dialect(const struct form_place *place, const struct form_field *field,
                         void *values)
{
    struct export_choice *choice = values;
    (void)field;
    choice->dialect = read_either(place, "comma", "excel-de") ? CSV_EXCEL_DE : CSV_COMMA;
}

static void read_layout(const struct form_place *place, const struct form_field *field,
                        void *values)
{
    struct export_choice *choice = values;
    (void)field;
    choice->is_sign_in = read_either(place, "names", "sign-in");
}

static bool has_name(const struct sheet_choice *choice)
{
    for (size_t i = 0; i < choice->count; i++)
        if (strcmp(choice->keys[i], "name") == 0)
            return true;
    return false;
}

/* A PDF always has the name. */
static size_t paper_width(const struct event *event, const struct sheet_choice *choice)
{
    return sheet_choice_width(event, choice) + (has_name(choice) ? 0 : 1);
}

static void read_columns(const struct form_place *place, const struct form_field *field,
                         void *values)
{
    const struct export_options *options = place->reading->context;
    struct export_choice *choice = values;
    (void)field;
    if (!form_is_given(place))
        return;
    if (!sheet_choose(options->event, json_string_value(place->value), place->reading->arena,
                      &choice->columns) ||
        (options->format == EXPORT_PDF &&
         paper_width(options->event, &choice->columns) > ROSTER_COLUMNS_MOST))
        form_refuse_here(place, "wrong", NULL);
}

static void read_language(const struct form_place *place, const struct form_field *field,
                          void *values)
{
    const struct export_options *options = place->reading->context;
    struct export_choice *choice = values;
    (void)field;
    if (!form_is_given(place))
        return;
    choice->language = arena_copy(place->reading->arena, json_string_value(place->value));
    if (!event_has_language(options->event, choice->language) &&
        !locale_find(options->locales, choice->language))
        form_refuse_here(place, "wrong", NULL);
}

static const struct form_field fields[] = {
    {"dialect", .read = read_dialect},
    {"layout", .read = read_layout},
    {"columns", .read = read_columns},
    {"lang", .read = read_language},
};
const struct form export_form = FORM(struct export_choice, fields);

/* --- The export ------------------------------------------------------------------------------ */

/* The date at the event, like "2026-05-13". */
static const char *today_at(const struct event *event, struct arena *arena)
{
    enum { DATE = 10 };
    struct timezone *zone;
    struct timezone_change change = {.offset_s = 0};
    char text[CLOCK_TEXT_BYTES];
    int64_t now_us = clock_now_us();
    if (timezone_load(event->timezone, &zone)) {
        if (!timezone_at(zone, now_us, &change, NULL))
            change.offset_s = 0;
        timezone_destroy(zone);
    }
    clock_format(now_us + change.offset_s * CLOCK_SECOND_US, text);
    return arena_printf(arena, "%.*s", DATE, text);
}

static const char *title_of(const struct export *an_export)
{
    const struct event *event = an_export->options.event;
    return event_text(event, &event->title, an_export->options.choice.language);
}

/* Without what file systems do not take. */
static const char *make_file_name(struct export *an_export)
{
    char *title = arena_copy(&an_export->arena, title_of(an_export));
    size_t length = 0;
    for (const char *at = title; *at; at++) {
        bool is_fine = (unsigned char)*at > ' ' && !strchr("/\\:*?\"<>|", *at);
        if (is_fine || (length > 0 && title[length - 1] != ' '))
            title[length++] = is_fine ? *at : ' ';
    }
    if (length > TITLE_MOST_BYTES)
        for (length = TITLE_MOST_BYTES; ((unsigned char)title[length] & 0xC0) == 0x80;)
            length--;
    return arena_printf(&an_export->arena, "%.*s %s.%s", (int)length, title,
                        today_at(an_export->options.event, &an_export->arena),
                        formats[an_export->options.format].name);
}

static void copy_keys(struct export *an_export, const struct sheet_choice *choice)
{
    const char **keys = arena_alloc(&an_export->arena, (choice->count + 1) * sizeof *keys);
    for (size_t i = 0; i < choice->count; i++)
        keys[i] = arena_copy(&an_export->arena, choice->keys[i]);
    an_export->options.choice.columns = (struct sheet_choice){.keys = keys, .count = choice->count};
}

struct export *export_create(const struct export_options *options)
{
    struct export *an_export = memory_alloc(sizeof *an_export);
    const char *language = options->choice.language;
    an_export->options = *options;
    arena_init(&an_export->arena);
    buffer_init(&an_export->after);
    atomic_init(&an_export->stop, false);
    an_export->options.choice.language =
        arena_copy(&an_export->arena, language ? language : options->event->languages[0]);
    copy_keys(an_export, &options->choice.columns);
    an_export->locale = locale_find(options->locales, an_export->options.choice.language);
    if (!an_export->locale)
        an_export->locale = locale_find(options->locales, locale_languages[0]);
    an_export->file_name = make_file_name(an_export);
    return an_export;
}

void export_destroy(struct export *an_export)
{
    if (!an_export)
        return;
    if (an_export->sheet)
        sheet_finish(an_export->sheet);
    workbook_destroy(an_export->workbook);
    roster_destroy(an_export->roster);
    arena_finish(&an_export->arena);
    buffer_finish(&an_export->after);
    free(an_export);
}

const char *export_format_name(const struct export *an_export)
{
    return formats[an_export->options.format].name;
}

const char *export_content_type(const struct export *an_export)
{
    return formats[an_export->options.format].content_type;
}

const char *export_file_name(const struct export *an_export)
{
    return an_export->file_name;
}

bool export_is_file(const struct export *an_export)
{
    return an_export->options.format == EXPORT_XLSX || an_export->options.format == EXPORT_PDF;
}

/* --- Former questions ------------------------------------------------------------------------ */

/* Who chooses columns names the former ones. */
bool export_wants_former_questions(const struct export *an_export)
{
    return (an_export->options.format == EXPORT_CSV || an_export->options.format == EXPORT_XLSX) &&
           an_export->options.choice.columns.count == 0 && an_export->options.event->version > 1;
}

struct params *export_former_questions_params(const struct export *an_export)
{
    const struct event *event = an_export->options.event;
    struct params *params = attendee_former_questions_params(
        &(struct attendee_former_questions){.event_id = &event->id});
    for (size_t i = 0; i < event->question_count; i++)
        attendee_former_questions_add_question(params, event->questions[i].slug);
    for (size_t i = 0; i < event->consent_count; i++)
        attendee_former_questions_add_consent(params, event->consents[i].slug);
    return params;
}

static void make_room_for_former(struct export *an_export, size_t count)
{
    an_export->former_questions =
        arena_alloc(&an_export->arena, count * sizeof *an_export->former_questions + 1);
    an_export->former_consents =
        arena_alloc(&an_export->arena, count * sizeof *an_export->former_consents + 1);
}

void export_add_former_questions(struct export *an_export, const struct rows *rows)
{
    make_room_for_former(an_export, (size_t)rows_count(rows));
    for (int i = 0; i < rows_count(rows); i++) {
        const char *slug = arena_copy(&an_export->arena, rows_text(rows, i, "slug"));
        if (rows_bool(rows, i, "is_consent"))
            an_export->former_consents[an_export->former_consent_count++] = slug;
        else
            an_export->former_questions[an_export->former_question_count++] = slug;
    }
}

static void add_chosen_former(struct export *an_export)
{
    static const char consents[] = "consents.";
    const struct event *event = an_export->options.event;
    const struct sheet_choice *choice = &an_export->options.choice.columns;
    make_room_for_former(an_export, event->former_question_count + choice->count);
    for (size_t i = 0; i < event->former_question_count; i++)
        an_export->former_questions[an_export->former_question_count++] =
            event->former_questions[i].slug;
    for (size_t i = 0; i < choice->count; i++) {
        const char *slug = choice->keys[i] + strlen(consents);
        if (strncmp(choice->keys[i], consents, strlen(consents)) == 0 &&
            !event_consent(event, slug))
            an_export->former_consents[an_export->former_consent_count++] = slug;
    }
}

/* --- Portions -------------------------------------------------------------------------------- */

struct params *export_next(struct export *an_export, const struct rows *before)
{
    const struct event *event = an_export->options.event;
    if (before && rows_count(before) < EXPORT_PORTION_ROWS)
        return NULL;
    buffer_clear(&an_export->after);
    if (before)
        filter_add_place(before, rows_count(before) - 1, &an_export->after);
    return attendee_list_params(&(struct attendee_list){
        .event_id = &event->id,
        .filter = an_export->options.filter->text,
        .sort = an_export->options.filter->sort,
        .after = before ? buffer_text(&an_export->after) : NULL,
        .most = EXPORT_PORTION_ROWS,
        .timezone = an_export->options.format == EXPORT_JSONL ? "UTC" : event->timezone,
        .today = event_day_at(event, clock_now_us()),
        .whole = an_export->options.format == EXPORT_PDF && !before,
        .with_notes = sheet_choice_has(&an_export->options.choice.columns, SHEET_NOTES)});
}

/* --- Writing --------------------------------------------------------------------------------- */

static const char *word(struct export *an_export, const char *key)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(an_export->locale, key, NULL, &text);
    const char *copy = arena_copy(&an_export->arena, buffer_text(&text));
    buffer_finish(&text);
    return copy;
}

static void begin_workbook(struct export *an_export)
{
    an_export->workbook = workbook_create(
        &(struct workbook_options){.title = title_of(an_export),
                                   .author = an_export->options.event->organiser_name,
                                   .time_format = word(an_export, "attendee.file.time_format"),
                                   .date_format = word(an_export, "attendee.file.date_format"),
                                   .cut_mark = word(an_export, "attendee.file.cut")});
    if (an_export->workbook)
        an_export->table = workbook_table(an_export->workbook);
}

static void begin_roster(struct export *an_export)
{
    const struct event *event = an_export->options.event;
    const struct export_choice *choice = &an_export->options.choice;
    const char *when = event_when(event, an_export->locale, &an_export->arena);
    an_export->roster = roster_create(&(struct roster_options){
        .locale = an_export->locale,
        .title = title_of(an_export),
        .subtitle = event->venue_name
                        ? arena_printf(&an_export->arena, "%s · %s", when, event->venue_name)
                        : when,
        .author = event->organiser_name,
        .signature = choice->is_sign_in ? word(an_export, "attendee.file.signature") : NULL,
        .column_count = sheet_choice_width(event, &choice->columns),
        .by_surname = strcmp(an_export->options.filter->sort, "name") == 0,
        .stop = &an_export->stop});
    an_export->table = roster_table(an_export->roster);
}

/* A PDF has room for few columns: the name, and what the badge and the table at the door need. */
static void choose_for_paper(struct export *an_export)
{
    const struct event *event = an_export->options.event;
    const struct filter *filter = an_export->options.filter;
    struct sheet_choice *choice = &an_export->options.choice.columns;
    const char **keys =
        arena_alloc(&an_export->arena, (choice->count + ROSTER_COLUMNS_MOST) * sizeof *keys);
    size_t count = 0;
    keys[count++] = "name";
    for (size_t i = 0; i < choice->count; i++)
        if (strcmp(choice->keys[i], "name") != 0)
            keys[count++] = choice->keys[i];
    if (choice->count == 0) {
        for (size_t i = 0; i < event->question_count && count <= BADGE_COLUMNS_MOST; i++)
            if (event->questions[i].on_badge)
                keys[count++] =
                    arena_printf(&an_export->arena, "answers.%s", event->questions[i].slug);
        if (event->ticket_type_count > 1)
            keys[count++] = "ticket_type";
        if (filter->status == REGISTRATION_STATUS_NONE && !filter->list)
            keys[count++] = "status";
    }
    *choice = (struct sheet_choice){.keys = keys, .count = count};
}

void export_begin(struct export *an_export, struct buffer *out)
{
    const struct export_options *options = &an_export->options;
    if (options->format == EXPORT_JSONL)
        return;
    if (options->format == EXPORT_PDF)
        choose_for_paper(an_export);
    if (options->choice.columns.count > 0)
        add_chosen_former(an_export);
    an_export->sheet = sheet_create(
        &an_export->arena,
        &(struct sheet_options){.event = options->event,
                                .locale = an_export->locale,
                                .language = options->choice.language,
                                .choice = options->choice.columns,
                                .former_questions = an_export->former_questions,
                                .former_question_count = an_export->former_question_count,
                                .former_consents = an_export->former_consents,
                                .former_consent_count = an_export->former_consent_count});
    if (options->format == EXPORT_XLSX) {
        begin_workbook(an_export);
    } else if (options->format == EXPORT_PDF) {
        begin_roster(an_export);
    } else {
        csv_begin(&an_export->csv, options->choice.dialect, out);
        an_export->table = &an_export->csv.table;
    }
    if (an_export->table)
        sheet_heading(an_export->sheet, an_export->table);
}

/* The first portion of a PDF may say how many there are. So a list of too many is refused at once.
 */
static void read_count(struct export *an_export, const struct rows *rows)
{
    const char *list = an_export->options.filter->list;
    if (rows_count(rows) == 0 || rows_is_null(rows, 0, "lists"))
        return;
    json_t *lists = json_loads(rows_text(rows, 0, "lists"), 0, NULL);
    an_export->known_count = json_integer_value(json_object_get(lists, list ? list : "all"));
    json_decref(lists);
}

int64_t export_rows(struct export *an_export, const struct rows *rows, struct buffer *out)
{
    const struct row_json_options options = {.event_cancelled =
                                                 an_export->options.event->cancelled};
    const struct sheet_choice *columns = &an_export->options.choice.columns;
    struct row row;
    int count = rows_count(rows);
    read_count(an_export, rows);
    if (count == 1 && rows_is_null(rows, 0, "attendee_id"))
        return 0;
    an_export->csv.out = out;
    for (int i = 0; i < count && !atomic_load(&an_export->stop); i++) {
        row_read(rows, i, &row);
        if (an_export->table) {
            sheet_row(an_export->sheet, &row, an_export->table);
        } else if (an_export->options.format == EXPORT_JSONL) {
            struct json_writer json;
            json_writer_init(&json, out);
            if (columns->count > 0)
                row_json_columns(&row, columns->keys, columns->count, &json);
            else
                row_json(&row, &options, &json);
            buffer_add_char(out, '\n');
        }
    }
    return count;
}

bool export_is_too_long(const struct export *an_export)
{
    return an_export->roster && (an_export->known_count > ROSTER_ROWS_MOST ||
                                 roster_count(an_export->roster) > ROSTER_ROWS_MOST);
}

int export_finish(struct export *an_export)
{
    struct workbook *workbook = an_export->workbook;
    struct roster *roster = an_export->roster;
    if (atomic_load(&an_export->stop) || !an_export->table)
        return -1;
    an_export->workbook = NULL;
    an_export->roster = NULL;
    return workbook ? workbook_finish(workbook) : roster_finish(roster);
}

void export_stop(struct export *an_export)
{
    atomic_store(&an_export->stop, true);
}
