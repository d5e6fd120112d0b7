#include "features/attendee/sheet.h"

#include "base/clock.h"
#include "base/timezone.h"
#include "features/attendee/json_walk.h"
#include "statements.h"

/* The label of a slug, for people. */
struct label {
    const char *slug, *text;
    size_t slug_length, text_length;
};

struct labels {
    struct label *list;
    size_t count;
};

/* The column of a question. */
struct column {
    const char *slug, *heading;
    size_t slug_length;
    struct labels choices;
    struct json_piece answer; /* of the current row; length 0: none */
};

/* The columns of a consent, with its newest entry in the current row. */
struct consent_column {
    const char *slug;
    struct buffer state, given_at, withdrawn_at;
};

enum { STATUSES = 5 };

struct sheet {
    struct sheet_options options;
    struct labels statuses, ticket_types;
    struct label yes, no;
    struct column *columns; /* in the order of the questions */
    struct column **by_key; /* in the order of jsonb's keys */
    size_t column_count;
    struct consent_column *consents; /* of the event, then former ones */
    size_t consent_count;
    const char *withdrawn;
    struct timezone *zone; /* NULL: the machine does not have it; times are in UTC */
    struct buffer text;    /* for composing a cell */
};

static struct label make_label(const char *slug, const char *text)
{
    return (struct label){slug, text, strlen(slug), strlen(text)};
}

static const char *word(const struct sheet *sheet, struct arena *arena, const char *key,
                        const json_t *data)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(sheet->options.locale, key, data, &text);
    const char *copy = arena_copy(arena, buffer_text(&text));
    buffer_finish(&text);
    return copy;
}

static const char *own_text(const struct sheet *sheet, const struct event_text *text)
{
    return event_text(sheet->options.event, text, sheet->options.language);
}

/* The order of jsonb's keys. */
static int compare_keys(const char *a, size_t a_length, const char *b, size_t b_length)
{
    if (a_length != b_length)
        return a_length < b_length ? -1 : 1;
    return memcmp(a, b, a_length);
}

static int compare_columns(const void *a, const void *b)
{
    const struct column *const *left = a, *const *right = b;
    return compare_keys((*left)->slug, (*left)->slug_length, (*right)->slug, (*right)->slug_length);
}

static void make_columns(struct sheet *sheet, struct arena *arena)
{
    const struct event *event = sheet->options.event;
    size_t former = sheet->options.former_question_count;
    sheet->column_count = event->question_count + former;
    sheet->columns = arena_alloc(arena, sheet->column_count * sizeof *sheet->columns + 1);
    sheet->by_key = arena_alloc(arena, sheet->column_count * sizeof *sheet->by_key + 1);
    for (size_t i = 0; i < sheet->column_count; i++) {
        struct column *column = &sheet->columns[i];
        sheet->by_key[i] = column;
        bool is_former = i >= event->question_count;
        column->slug = column->heading =
            is_former ? sheet->options.former_questions[i - event->question_count]
                      : event->questions[i].slug;
        column->slug_length = strlen(column->slug);
        const struct question *question = event_question_ever(event, column->slug);
        if (!question)
            continue;
        column->heading = own_text(sheet, &question->label);
        column->choices.count = event_choices_ever(question).count;
        column->choices.list =
            arena_alloc(arena, column->choices.count * sizeof *column->choices.list + 1);
        for (size_t c = 0; c < column->choices.count; c++)
            column->choices.list[c] =
                make_label(question->choices[c].slug, own_text(sheet, &question->choices[c].label));
    }
    qsort(sheet->by_key, sheet->column_count, sizeof(struct column *), compare_columns);
}

/* In a cancelled event nobody has a valid ticket, whatever the status says. */
static const char *status_word(const struct sheet *sheet, struct arena *arena, const char *status)
{
    const char *own = word(sheet, arena, arena_printf(arena, "attendee.status.%s", status), NULL);
    if (!sheet->options.event->cancelled ||
        registration_status_parse(status) == REGISTRATION_STATUS_CANCELLED)
        return own;
    json_t *data = json_pack("{s:s}", "status", own);
    const char *both = word(sheet, arena, "attendee.status_of_cancelled", data);
    json_decref(data);
    return both;
}

static void make_statuses(struct sheet *sheet, struct arena *arena)
{
    static const char *const statuses[STATUSES] = {"confirmed", "cancelled", "waitlisted",
                                                   "pending", "unverified"};
    sheet->statuses.count = STATUSES;
    sheet->statuses.list = arena_alloc(arena, STATUSES * sizeof *sheet->statuses.list);
    for (size_t i = 0; i < STATUSES; i++)
        sheet->statuses.list[i] = make_label(statuses[i], status_word(sheet, arena, statuses[i]));
}

static void make_ticket_types(struct sheet *sheet, struct arena *arena)
{
    const struct event *event = sheet->options.event;
    sheet->ticket_types.count = event->ticket_type_count;
    sheet->ticket_types.list =
        arena_alloc(arena, event->ticket_type_count * sizeof *sheet->ticket_types.list + 1);
    for (size_t i = 0; i < event->ticket_type_count; i++)
        sheet->ticket_types.list[i] =
            make_label(event->ticket_types[i].slug, own_text(sheet, &event->ticket_types[i].title));
}

static void make_consents(struct sheet *sheet, struct arena *arena)
{
    const struct event *event = sheet->options.event;
    sheet->consent_count = event->consent_count + sheet->options.former_consent_count;
    sheet->consents = arena_alloc(arena, sheet->consent_count * sizeof *sheet->consents + 1);
    for (size_t i = 0; i < sheet->consent_count; i++)
        sheet->consents[i].slug = i < event->consent_count
                                      ? event->consents[i].slug
                                      : sheet->options.former_consents[i - event->consent_count];
}

struct sheet *sheet_create(struct arena *arena, const struct sheet_options *options)
{
    struct sheet *sheet = arena_alloc(arena, sizeof *sheet);
    sheet->options = *options;
    make_columns(sheet, arena);
    make_statuses(sheet, arena);
    make_ticket_types(sheet, arena);
    make_consents(sheet, arena);
    sheet->withdrawn = word(sheet, arena, "attendee.withdrawn", NULL);
    if (!timezone_load(options->event->timezone, &sheet->zone))
        sheet->zone = NULL;
    sheet->yes = make_label("true", word(sheet, arena, "attendee.yes", NULL));
    sheet->no = make_label("false", word(sheet, arena, "attendee.no", NULL));
    return sheet;
}

void sheet_finish(struct sheet *sheet)
{
    for (size_t i = 0; i < sheet->consent_count; i++) {
        buffer_finish(&sheet->consents[i].state);
        buffer_finish(&sheet->consents[i].given_at);
        buffer_finish(&sheet->consents[i].withdrawn_at);
    }
    timezone_destroy(sheet->zone);
    buffer_finish(&sheet->text);
}

/* --- Heading --------------------------------------------------------------------------------- */

static void add_heading(struct sheet *sheet, struct csv *csv, const char *key, const char *of)
{
    json_t *data = json_pack("{s:s, s:s}", "of", of, "timezone", sheet->options.event->timezone);
    buffer_clear(&sheet->text);
    locale_text(sheet->options.locale, key, data, &sheet->text);
    csv_cell(csv, sheet->text.bytes, sheet->text.length);
    json_decref(data);
}

void sheet_heading(struct sheet *sheet, struct csv *csv)
{
    static const char *const consent_keys[] = {"attendee.column.consent",
                                               "attendee.column.consent_given_at",
                                               "attendee.column.consent_withdrawn_at"};
    const struct event *event = sheet->options.event;
    add_heading(sheet, csv, "attendee.column.number", "");
    add_heading(sheet, csv, "attendee.column.registered_at", event->timezone);
    add_heading(sheet, csv, "attendee.column.status", "");
    add_heading(sheet, csv, "attendee.column.ticket_type", "");
    add_heading(sheet, csv, "attendee.column.name", "");
    add_heading(sheet, csv, "attendee.column.email", "");
    for (size_t i = 0; i < sheet->column_count; i++)
        csv_text(csv, sheet->columns[i].heading);
    for (size_t i = 0; i < sheet->consent_count; i++)
        for (size_t k = 0; k < sizeof consent_keys / sizeof *consent_keys; k++)
            add_heading(sheet, csv, consent_keys[k], sheet->consents[i].slug);
    add_heading(sheet, csv, "attendee.column.first_admitted_at", event->timezone);
    for (size_t i = 0; event->day_count > 1 && i < event->day_count; i++)
        add_heading(sheet, csv, "attendee.column.came_on", event->days[i].date);
    add_heading(sheet, csv, "attendee.column.inside", "");
    add_heading(sheet, csv, "attendee.column.language", "");
    add_heading(sheet, csv, "attendee.column.declined_before", "");
    add_heading(sheet, csv, "attendee.column.repeated", "");
    add_heading(sheet, csv, "attendee.column.handed_on_by", "");
    add_heading(sheet, csv, "attendee.column.handed_on_to", "");
    add_heading(sheet, csv, "attendee.column.registration_id", "");
    add_heading(sheet, csv, "attendee.column.attendee_id", "");
    csv_end_row(csv);
}

/* --- Cells ----------------------------------------------------------------------------------- */

static const struct label *find_label(const struct labels *labels, const char *slug, size_t length)
{
    for (size_t i = 0; i < labels->count; i++) {
        const struct label *label = &labels->list[i];
        if (label->slug_length == length && memcmp(label->slug, slug, length) == 0)
            return label;
    }
    return NULL;
}

static void add_label(struct csv *csv, const struct label *label)
{
    csv_cell(csv, label->text, label->text_length);
}

static void add_named(struct csv *csv, const struct labels *labels, const struct cell *cell)
{
    const struct label *label = find_label(labels, cell->text, cell->length);
    if (label)
        add_label(csv, label);
    else
        csv_cell(csv, cell->text, cell->length);
}

/* "2026-05-13 10:00:05", which spreadsheets read as a time. */
static void add_time(struct csv *csv, const struct cell *cell)
{
    enum { SECONDS = 19 };
    csv_cell(csv, cell->text, cell->length < SECONDS ? cell->length : SECONDS);
}

/* Adds a number of PostgreSQL without the protection against formulas: a minus sign is safe. */
static void add_digits(struct csv *csv, const char *digits, size_t length)
{
    csv_cell(csv, NULL, 0);
    buffer_add(csv->out, digits, length);
}

static void add_bare(struct sheet *sheet, const struct json_piece *piece, struct csv *csv)
{
    if (json_piece_is(piece, "true"))
        add_label(csv, &sheet->yes);
    else if (json_piece_is(piece, "false"))
        add_label(csv, &sheet->no);
    else if (json_piece_is(piece, "null"))
        csv_cell(csv, NULL, 0);
    else
        add_digits(csv, piece->at, piece->length);
}

/* Writes a text, or the label of a choice, to sheet->text. */
static void compose(struct sheet *sheet, const struct labels *choices,
                    const struct json_piece *piece)
{
    const struct label *label =
        choices->count ? find_label(choices, piece->at, piece->length) : NULL;
    if (label)
        buffer_add(&sheet->text, label->text, label->text_length);
    else
        json_piece_decode(piece, &sheet->text);
}

static void add_answer(struct sheet *sheet, const struct column *column, struct csv *csv)
{
    const struct json_piece *answer = &column->answer;
    struct json_piece item;
    if (answer->length == 0) {
        csv_cell(csv, NULL, 0);
        return;
    }
    if (answer->kind == JSON_KIND_BARE) {
        add_bare(sheet, answer, csv);
        return;
    }
    if (answer->kind == JSON_KIND_TEXT && column->choices.count == 0 && !answer->has_escapes) {
        csv_cell(csv, answer->at, answer->length);
        return;
    }
    buffer_clear(&sheet->text);
    if (answer->kind == JSON_KIND_LIST) {
        struct json_walk walk = json_walk_piece(answer);
        while (json_walk_item(&walk, &item)) {
            if (sheet->text.length > 0)
                buffer_add_text(&sheet->text, "; ");
            compose(sheet, &column->choices, &item);
        }
    } else {
        compose(sheet, &column->choices, answer);
    }
    csv_cell(csv, sheet->text.bytes, sheet->text.length);
}

/* Answers and columns are in the order of jsonb's keys, so one pass is enough. */
static void read_answers(struct sheet *sheet, const struct cell *answers)
{
    struct json_walk walk = json_walk_text(answers->text, answers->length);
    struct json_piece key, value;
    size_t at = 0;
    for (size_t i = 0; i < sheet->column_count; i++)
        sheet->columns[i].answer.length = 0;
    while (at < sheet->column_count && json_walk_member(&walk, &key, &value)) {
        int order = -1;
        while (at < sheet->column_count &&
               (order = compare_keys(sheet->by_key[at]->slug, sheet->by_key[at]->slug_length,
                                     key.at, key.length)) < 0)
            at++;
        if (at < sheet->column_count && order == 0)
            sheet->by_key[at++]->answer = value;
    }
}

/* Writes a time of a consent, "2026-05-13T08:00:00Z", as the column of the registration's time. */
static void compose_time(struct sheet *sheet, const struct json_piece *time, struct buffer *out)
{
    enum { DATE = 10 };
    struct timezone_change change = {.offset_s = 0};
    char text[CLOCK_TEXT_BYTES];
    int64_t at_us;
    snprintf(text, sizeof text, "%.*s", (int)time->length, time->at);
    if (time->length == 0 || !clock_parse(text, &at_us))
        return;
    if (sheet->zone && !timezone_at(sheet->zone, at_us, &change, NULL))
        change.offset_s = 0;
    clock_format(at_us + change.offset_s * CLOCK_SECOND_US, text);
    text[DATE] = ' ';
    text[strcspn(text, "Z")] = '\0';
    buffer_add_text(out, text);
}

/* Writes "yes (2)" for agreement to the second wording, "withdrawn (2)", or "no". */
static void compose_consent(struct sheet *sheet, struct consent_column *column,
                            const struct cell *cell)
{
    struct json_walk walk = json_walk_text(cell->text, cell->length);
    struct json_piece entry, key, value;
    buffer_clear(&column->state);
    buffer_clear(&column->given_at);
    buffer_clear(&column->withdrawn_at);
    while (json_walk_item(&walk, &entry)) {
        struct json_walk members = json_walk_piece(&entry);
        struct json_piece version = {.length = 0}, given = {.length = 0}, withdrawn = {.length = 0};
        bool is_it = false;
        while (json_walk_member(&members, &key, &value)) {
            is_it |= json_piece_is(&key, "slug") && json_piece_is(&value, column->slug);
            if (json_piece_is(&key, "version"))
                version = value;
            else if (json_piece_is(&key, "given_at"))
                given = value;
            else if (json_piece_is(&key, "withdrawn_at"))
                withdrawn = value;
        }
        if (!is_it)
            continue;
        buffer_clear(&column->state);
        buffer_clear(&column->given_at);
        buffer_clear(&column->withdrawn_at);
        buffer_printf(&column->state, "%s (%.*s)",
                      withdrawn.length > 0 ? sheet->withdrawn : sheet->yes.text,
                      (int)version.length, version.at);
        compose_time(sheet, &given, &column->given_at);
        compose_time(sheet, &withdrawn, &column->withdrawn_at);
    }
    if (column->state.length == 0)
        buffer_add_text(&column->state, sheet->no.text);
}

static void add_consents(struct sheet *sheet, const struct cell *cell, struct csv *csv)
{
    for (size_t i = 0; i < sheet->consent_count; i++) {
        struct consent_column *column = &sheet->consents[i];
        compose_consent(sheet, column, cell);
        csv_cell(csv, column->state.bytes, column->state.length);
        csv_cell(csv, column->given_at.bytes, column->given_at.length);
        csv_cell(csv, column->withdrawn_at.bytes, column->withdrawn_at.length);
    }
}

static void add_truth(const struct sheet *sheet, struct csv *csv, const struct cell *cell)
{
    bool is_true = cell->length > 0 && cell->text[0] == 't';
    add_label(csv, is_true ? &sheet->yes : &sheet->no);
}

static void add_plain(struct csv *csv, const struct cell *cell)
{
    csv_cell(csv, cell->text, cell->length);
}

/* One cell for each day of an event of several days. */
static void add_days(const struct sheet *sheet, const struct cell *days, struct csv *csv)
{
    const struct event *event = sheet->options.event;
    for (size_t i = 0; event->day_count > 1 && i < event->day_count; i++)
        add_label(csv, strstr(days->text, event->days[i].date) ? &sheet->yes : &sheet->no);
}

void sheet_row(struct sheet *sheet, const struct row *row, struct csv *csv)
{
    const struct cell *cells = row->cells;
    add_digits(csv, cells[ROW_NUMBER].text, cells[ROW_NUMBER].length);
    add_time(csv, &cells[ROW_CREATED_AT]);
    add_named(csv, &sheet->statuses, &cells[ROW_STATUS]);
    add_named(csv, &sheet->ticket_types, &cells[ROW_TICKET_TYPE]);
    add_plain(csv, &cells[ROW_NAME]);
    add_plain(csv, &cells[cells[ROW_ATTENDEE_EMAIL].text ? ROW_ATTENDEE_EMAIL : ROW_EMAIL]);
    read_answers(sheet, &cells[ROW_ANSWERS]);
    for (size_t i = 0; i < sheet->column_count; i++)
        add_answer(sheet, &sheet->columns[i], csv);
    add_consents(sheet, &cells[ROW_CONSENTS], csv);
    add_time(csv, &cells[ROW_FIRST_ADMITTED_AT]);
    add_days(sheet, &cells[ROW_DAYS], csv);
    add_truth(sheet, csv, &cells[ROW_INSIDE]);
    add_plain(csv, &cells[ROW_LANGUAGE]);
    add_truth(sheet, csv, &cells[ROW_DECLINED_BEFORE]);
    add_truth(sheet, csv, &cells[ROW_REPEATED]);
    add_plain(csv, &cells[ROW_HANDED_ON_BY]);
    add_plain(csv, &cells[ROW_HANDED_ON_TO]);
    add_plain(csv, &cells[ROW_REGISTRATION_ID]);
    add_plain(csv, &cells[ROW_ATTENDEE_ID]);
    csv_end_row(csv);
}
