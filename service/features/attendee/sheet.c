#include "features/attendee/sheet.h"

#include "base/clock.h"
#include "base/text.h"
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

struct sheet;
struct column;

typedef void write_cell(struct sheet *sheet, const struct column *column, const struct row *row,
                        struct table *table);

struct column {
    const char *key, *heading;
    write_cell *write;
    enum row_column of;
    struct answer *answer;       /* NULL: none */
    struct agreement *agreement; /* NULL: none */
    const struct buffer *time;   /* of the agreement; NULL: none */
    const char *day;             /* NULL: none */
};

/* The answers to a question. */
struct answer {
    const char *slug;
    size_t slug_length;
    bool is_date;
    struct labels choices;
    struct json_piece given; /* in the current row; length 0: none */
};

/* A consent, with its newest entry in the current row. */
struct agreement {
    const char *slug;
    struct buffer state, given_at, withdrawn_at;
};

enum { STATUSES = 5 };

struct sheet {
    struct sheet_options options;
    struct labels statuses, ticket_types, doors;
    struct label yes, no;
    const char *withdrawn;
    struct column *columns; /* as chosen */
    size_t column_count;
    struct answer *answers; /* in the order of the questions */
    struct answer **by_key; /* in the order of jsonb's keys */
    size_t answer_count;
    struct agreement *agreements; /* of the event, then former ones */
    size_t agreement_count;
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

static int compare_answers(const void *a, const void *b)
{
    const struct answer *const *left = a, *const *right = b;
    return compare_keys((*left)->slug, (*left)->slug_length, (*right)->slug, (*right)->slug_length);
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

static void make_doors(struct sheet *sheet, struct arena *arena)
{
    const struct event *event = sheet->options.event;
    sheet->doors.count = event->door_count;
    sheet->doors.list = arena_alloc(arena, event->door_count * sizeof *sheet->doors.list + 1);
    for (size_t i = 0; i < event->door_count; i++)
        sheet->doors.list[i] =
            make_label(event->doors[i].slug, own_text(sheet, &event->doors[i].title));
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

static void add_label(struct table *table, const struct label *label)
{
    table_text(table, label->text, label->text_length);
}

static void add_named(struct table *table, const struct labels *labels, const struct cell *cell)
{
    const struct label *label = find_label(labels, cell->text, cell->length);
    if (label)
        add_label(table, label);
    else
        table_text(table, cell->text, cell->length);
}

static void add_bare(struct sheet *sheet, const struct json_piece *piece, struct table *table)
{
    if (json_piece_is(piece, "true"))
        add_label(table, &sheet->yes);
    else if (json_piece_is(piece, "false"))
        add_label(table, &sheet->no);
    else if (json_piece_is(piece, "null"))
        table_text(table, NULL, 0);
    else
        table_number(table, piece->at, piece->length);
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

/* Puts quotes around the choice from here on if its text could be taken for several. */
static void protect(struct sheet *sheet, size_t from)
{
    char *choice = sheet->text.bytes + from;
    if (sheet->text.length == from || !strpbrk(choice, ";\""))
        return;
    choice = memory_copy(choice);
    sheet->text.length = from;
    buffer_add_char(&sheet->text, '"');
    for (const char *at = choice; *at; at++) {
        if (*at == '"')
            buffer_add_char(&sheet->text, '"');
        buffer_add_char(&sheet->text, *at);
    }
    buffer_add_char(&sheet->text, '"');
    free(choice);
}

static void compose_list(struct sheet *sheet, const struct answer *answer)
{
    struct json_walk walk = json_walk_piece(&answer->given);
    struct json_piece item;
    while (json_walk_item(&walk, &item)) {
        if (sheet->text.length > 0)
            buffer_add_text(&sheet->text, "; ");
        size_t from = sheet->text.length;
        compose(sheet, &answer->choices, &item);
        protect(sheet, from);
    }
}

static void write_answer(struct sheet *sheet, const struct column *column, const struct row *row,
                         struct table *table)
{
    const struct answer *answer = column->answer;
    const struct json_piece *given = &answer->given;
    enum { DATE = 10 };
    (void)row;
    if (given->length == 0) {
        table_text(table, NULL, 0);
    } else if (given->kind == JSON_KIND_BARE) {
        add_bare(sheet, given, table);
    } else if (answer->is_date && given->length == DATE) {
        table_time(table, given->at, given->length);
    } else if (given->kind == JSON_KIND_TEXT && answer->choices.count == 0 && !given->has_escapes) {
        table_text(table, given->at, given->length);
    } else {
        buffer_clear(&sheet->text);
        if (given->kind == JSON_KIND_LIST)
            compose_list(sheet, answer);
        else
            compose(sheet, &answer->choices, given);
        table_text(table, sheet->text.bytes, sheet->text.length);
    }
}

/* The answers of a row and the questions are in the order of jsonb's keys, so one pass is enough.
 */
static void read_answers(struct sheet *sheet, const struct cell *answers)
{
    struct json_walk walk = json_walk_text(answers->text, answers->length);
    struct json_piece key, value;
    size_t at = 0;
    for (size_t i = 0; i < sheet->answer_count; i++)
        sheet->answers[i].given.length = 0;
    while (at < sheet->answer_count && json_walk_member(&walk, &key, &value)) {
        int order = -1;
        while (at < sheet->answer_count &&
               (order = compare_keys(sheet->by_key[at]->slug, sheet->by_key[at]->slug_length,
                                     key.at, key.length)) < 0)
            at++;
        if (at < sheet->answer_count && order == 0)
            sheet->by_key[at++]->given = value;
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

/* Writes "yes (2)" for agreement to the second wording, "withdrawn (2)", or "no"; in a brief sheet
 * without the number. */
static void compose_consent(struct sheet *sheet, struct agreement *agreement,
                            const struct cell *cell)
{
    struct json_walk walk = json_walk_text(cell->text, cell->length);
    struct json_piece entry, key, value;
    buffer_clear(&agreement->state);
    buffer_clear(&agreement->given_at);
    buffer_clear(&agreement->withdrawn_at);
    while (json_walk_item(&walk, &entry)) {
        struct json_walk members = json_walk_piece(&entry);
        struct json_piece version = {.length = 0}, given = {.length = 0}, withdrawn = {.length = 0};
        bool is_it = false;
        while (json_walk_member(&members, &key, &value)) {
            is_it |= json_piece_is(&key, "slug") && json_piece_is(&value, agreement->slug);
            if (json_piece_is(&key, "version"))
                version = value;
            else if (json_piece_is(&key, "given_at"))
                given = value;
            else if (json_piece_is(&key, "withdrawn_at"))
                withdrawn = value;
        }
        if (!is_it)
            continue;
        buffer_clear(&agreement->state);
        buffer_clear(&agreement->given_at);
        buffer_clear(&agreement->withdrawn_at);
        buffer_add_text(&agreement->state,
                        withdrawn.length > 0 ? sheet->withdrawn : sheet->yes.text);
        if (!sheet->options.is_brief)
            buffer_printf(&agreement->state, " (%.*s)", (int)version.length, version.at);
        compose_time(sheet, &given, &agreement->given_at);
        compose_time(sheet, &withdrawn, &agreement->withdrawn_at);
    }
    if (agreement->state.length == 0)
        buffer_add_text(&agreement->state, sheet->no.text);
}

/* The three columns of a consent follow each other. */
static void write_consent(struct sheet *sheet, const struct column *column, const struct row *row,
                          struct table *table)
{
    compose_consent(sheet, column->agreement, &row->cells[ROW_CONSENTS]);
    table_text(table, column->agreement->state.bytes, column->agreement->state.length);
}

static void write_consent_time(struct sheet *sheet, const struct column *column,
                               const struct row *row, struct table *table)
{
    (void)sheet, (void)row;
    table_time(table, column->time->bytes, column->time->length);
}

static void write_plain(struct sheet *sheet, const struct column *column, const struct row *row,
                        struct table *table)
{
    const struct cell *cell = &row->cells[column->of];
    (void)sheet;
    table_text(table, cell->text, cell->length);
}

static void write_number(struct sheet *sheet, const struct column *column, const struct row *row,
                         struct table *table)
{
    const struct cell *cell = &row->cells[column->of];
    (void)sheet;
    table_number(table, cell->text, cell->length);
}

static void write_time(struct sheet *sheet, const struct column *column, const struct row *row,
                       struct table *table)
{
    const struct cell *cell = &row->cells[column->of];
    (void)sheet;
    table_time(table, cell->text, cell->length);
}

static void write_truth(struct sheet *sheet, const struct column *column, const struct row *row,
                        struct table *table)
{
    const struct cell *cell = &row->cells[column->of];
    bool is_true = cell->length > 0 && cell->text[0] == 't';
    add_label(table, is_true ? &sheet->yes : &sheet->no);
}

static void write_named(struct sheet *sheet, const struct column *column, const struct row *row,
                        struct table *table)
{
    const struct labels *labels = column->of == ROW_STATUS        ? &sheet->statuses
                                  : column->of == ROW_TICKET_TYPE ? &sheet->ticket_types
                                                                  : &sheet->doors;
    if (row->cells[column->of].text)
        add_named(table, labels, &row->cells[column->of]);
    else
        table_text(table, NULL, 0);
}

static void write_email(struct sheet *sheet, const struct column *column, const struct row *row,
                        struct table *table)
{
    const struct cell *own = &row->cells[ROW_ATTENDEE_EMAIL];
    const struct cell *cell = own->text ? own : &row->cells[column->of];
    (void)sheet;
    table_text(table, cell->text, cell->length);
}

static void write_day(struct sheet *sheet, const struct column *column, const struct row *row,
                      struct table *table)
{
    bool came = strstr(row->cells[column->of].text, column->day) != NULL;
    add_label(table, came ? &sheet->yes : &sheet->no);
}

void sheet_row(struct sheet *sheet, const struct row *row, struct table *table)
{
    read_answers(sheet, &row->cells[ROW_ANSWERS]);
    for (size_t i = 0; i < sheet->column_count; i++)
        sheet->columns[i].write(sheet, &sheet->columns[i], row, table);
    table_end_row(table);
}

/* --- Columns --------------------------------------------------------------------------------- */

/* {of} of a heading is the time zone where it is a time. */
struct fixed {
    const char *key, *heading;
    write_cell *write;
    enum row_column of;
};

static const struct fixed fixed[] = {
    {"number", "attendee.column.number", write_number, ROW_NUMBER},
    {"registered_at", "attendee.column.registered_at", write_time, ROW_CREATED_AT},
    {"status", "attendee.column.status", write_named, ROW_STATUS},
    {"ticket_type", "attendee.column.ticket_type", write_named, ROW_TICKET_TYPE},
    {"name", "attendee.column.name", write_plain, ROW_NAME},
    {"email", "attendee.column.email", write_email, ROW_EMAIL},
    {"came_at", "attendee.column.first_admitted_at", write_time, ROW_FIRST_ADMITTED_AT},
    {"inside", "attendee.column.inside", write_truth, ROW_INSIDE},
    {"language", "attendee.column.language", write_plain, ROW_LANGUAGE},
    {"declined_before", "attendee.column.declined_before", write_truth, ROW_DECLINED_BEFORE},
    {"repeated", "attendee.column.repeated", write_truth, ROW_REPEATED},
    {"handed_on_by", "attendee.column.handed_on_by", write_plain, ROW_HANDED_ON_BY},
    {"handed_on_to", "attendee.column.handed_on_to", write_plain, ROW_HANDED_ON_TO},
    {"registration_id", "attendee.column.registration_id", write_plain, ROW_REGISTRATION_ID},
    {"attendee_id", "attendee.column.attendee_id", write_plain, ROW_ATTENDEE_ID},
    {"last_door", "attendee.column.last_door", write_named, ROW_SEEN_DOOR},
    {SHEET_NOTES, "attendee.column.desk_notes", write_plain, ROW_NOTES},
};
/* Where they stand. */
enum { BEFORE_ANSWERS = 0, AFTER_CONSENTS = 6, AFTER_DAYS = 7, IF_CHOSEN = 15, FIXED = 17 };
#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool is_fixed_key(const char *key)
{
    for (size_t i = 0; i < FIXED; i++)
        if (strcmp(key, fixed[i].key) == 0)
            return true;
    return strcmp(key, "days") == 0;
}

static bool begins(const char *key, const char *head)
{
    return strncmp(key, head, strlen(head)) == 0;
}

/* Returns the one key of a column that has two: "SLUG" for "answers.SLUG", unless a fixed column
 * has that key. */
static const char *only_key(const struct event *event, const char *key)
{
    const char *slug = begins(key, "answers.") ? key + strlen("answers.") : key;
    return event_question_ever(event, slug) && !is_fixed_key(slug) ? slug : key;
}

static bool is_column(const struct event *event, const char *key)
{
    const char *slug = begins(key, "answers.") ? key + strlen("answers.") : key;
    return is_fixed_key(key) || event_question_ever(event, slug) ||
           (begins(key, "consents.") && text_is_slug(key + strlen("consents."), EVENT_SLUG_MOST));
}

bool sheet_choice_has(const struct sheet_choice *choice, const char *key)
{
    for (size_t i = 0; i < choice->count; i++)
        if (strcmp(choice->keys[i], key) == 0)
            return true;
    return false;
}

bool sheet_choose(const struct event *event, const char *text, struct arena *arena,
                  struct sheet_choice *ret_choice)
{
    const char **keys = arena_alloc(arena, SHEET_COLUMNS_MOST * sizeof *keys);
    struct sheet_choice choice = {.keys = keys};
    char *rest = arena_copy(arena, text), *part;
    while ((part = strsep(&rest, ","))) {
        part += strspn(part, " ");
        part[strcspn(part, " ")] = '\0';
        const char *key = only_key(event, part);
        if (*key == '\0' || sheet_choice_has(&choice, key))
            continue;
        if (choice.count == SHEET_COLUMNS_MOST || !is_column(event, key))
            return false;
        keys[choice.count++] = key;
    }
    *ret_choice = choice;
    return true;
}

size_t sheet_choice_width(const struct event *event, const struct sheet_choice *choice)
{
    size_t width = 0;
    for (size_t i = 0; i < choice->count; i++) {
        if (strcmp(choice->keys[i], "days") == 0)
            width += event->day_count > 1 ? event->day_count : 0;
        else
            width += begins(choice->keys[i], "consents.") ? 3 : 1;
    }
    return width;
}

/* All columns of the event, before some are chosen. */
struct catalogue {
    struct sheet *sheet;
    struct arena *arena;
    struct column *columns;
    size_t count;
};

static void add_fixed(struct catalogue *all, size_t from, size_t until)
{
    const char *timezone = all->sheet->options.event->timezone;
    for (size_t i = from; i < until; i++) {
        json_t *data = json_pack("{s:s}", "of", timezone);
        all->columns[all->count++] =
            (struct column){.key = fixed[i].key,
                            .heading = word(all->sheet, all->arena, fixed[i].heading, data),
                            .write = fixed[i].write,
                            .of = fixed[i].of};
        json_decref(data);
    }
}

static void read_question(struct catalogue *all, const char *slug, struct answer *answer,
                          struct column *column)
{
    const struct question *question = event_question_ever(all->sheet->options.event, slug);
    *answer = (struct answer){.slug = slug, .slug_length = strlen(slug)};
    *column = (struct column){
        .key = is_fixed_key(slug) ? arena_printf(all->arena, "answers.%s", slug) : slug,
        .heading = slug,
        .write = write_answer,
        .answer = answer};
    if (!question)
        return;
    column->heading = own_text(all->sheet, &question->label);
    answer->is_date = question->kind == KIND_DATE;
    answer->choices.count = event_choices_ever(question).count;
    answer->choices.list =
        arena_alloc(all->arena, answer->choices.count * sizeof *answer->choices.list + 1);
    for (size_t c = 0; c < answer->choices.count; c++)
        answer->choices.list[c] = make_label(question->choices[c].slug,
                                             own_text(all->sheet, &question->choices[c].label));
}

static void add_answers(struct catalogue *all)
{
    struct sheet *sheet = all->sheet;
    const struct event *event = sheet->options.event;
    sheet->answer_count = event->question_count + sheet->options.former_question_count;
    sheet->answers = arena_alloc(all->arena, sheet->answer_count * sizeof *sheet->answers + 1);
    sheet->by_key = arena_alloc(all->arena, sheet->answer_count * sizeof *sheet->by_key + 1);
    for (size_t i = 0; i < sheet->answer_count; i++) {
        const char *slug = i < event->question_count
                               ? event->questions[i].slug
                               : sheet->options.former_questions[i - event->question_count];
        sheet->by_key[i] = &sheet->answers[i];
        read_question(all, slug, &sheet->answers[i], &all->columns[all->count++]);
    }
    qsort(sheet->by_key, sheet->answer_count, sizeof(struct answer *), compare_answers);
}

static void add_consents(struct catalogue *all)
{
    static const struct {
        const char *heading;
        write_cell *write;
    } parts[] = {
        {"attendee.column.consent", write_consent},
        {"attendee.column.consent_given_at", write_consent_time},
        {"attendee.column.consent_withdrawn_at", write_consent_time},
    };
    struct sheet *sheet = all->sheet;
    const struct event *event = sheet->options.event;
    sheet->agreement_count = event->consent_count + sheet->options.former_consent_count;
    sheet->agreements =
        arena_alloc(all->arena, sheet->agreement_count * sizeof *sheet->agreements + 1);
    for (size_t i = 0; i < sheet->agreement_count; i++) {
        struct agreement *agreement = &sheet->agreements[i];
        agreement->slug = i < event->consent_count
                              ? event->consents[i].slug
                              : sheet->options.former_consents[i - event->consent_count];
        json_t *data = json_pack("{s:s, s:s}", "of", agreement->slug, "timezone", event->timezone);
        for (size_t k = 0; k < (sheet->options.is_brief ? 1 : COUNT(parts)); k++)
            all->columns[all->count++] =
                (struct column){.key = arena_printf(all->arena, "consents.%s", agreement->slug),
                                .heading = word(sheet, all->arena, parts[k].heading, data),
                                .write = parts[k].write,
                                .agreement = agreement,
                                .time = k == 1 ? &agreement->given_at : &agreement->withdrawn_at};
        json_decref(data);
    }
}

/* One column for each day of an event of several days. */
static void add_days(struct catalogue *all)
{
    const struct event *event = all->sheet->options.event;
    for (size_t i = 0; event->day_count > 1 && i < event->day_count; i++) {
        json_t *data = json_pack("{s:s}", "of", event->days[i].date);
        all->columns[all->count++] = (struct column){
            .key = "days",
            .heading = word(all->sheet, all->arena, "attendee.column.came_on", data),
            .write = write_day,
            .of = ROW_DAYS,
            .day = event->days[i].date};
        json_decref(data);
    }
}

static bool is_named(const struct column *column, const char *key)
{
    return strcmp(column->key, key) == 0 ||
           (column->answer && begins(key, "answers.") &&
            strcmp(key + strlen("answers."), column->answer->slug) == 0);
}

static void choose(struct sheet *sheet, struct arena *arena, struct catalogue *all)
{
    const struct sheet_choice *choice = &sheet->options.choice;
    if (choice->count == 0) {
        sheet->columns = all->columns;
        sheet->column_count = all->count;
        return;
    }
    sheet->columns = arena_alloc(arena, all->count * sizeof *sheet->columns);
    for (size_t k = 0; k < choice->count; k++)
        for (size_t i = 0; i < all->count; i++)
            if (all->columns[i].write && is_named(&all->columns[i], choice->keys[k])) {
                sheet->columns[sheet->column_count++] = all->columns[i];
                all->columns[i].write = NULL; /* once */
            }
}

/* --- The sheet ------------------------------------------------------------------------------- */

struct sheet *sheet_create(struct arena *arena, const struct sheet_options *options)
{
    struct sheet *sheet = arena_alloc(arena, sizeof *sheet);
    sheet->options = *options;
    if (!timezone_load(options->event->timezone, &sheet->zone))
        sheet->zone = NULL;
    sheet->withdrawn = word(sheet, arena, "attendee.withdrawn", NULL);
    sheet->yes = make_label("true", word(sheet, arena, "attendee.yes", NULL));
    sheet->no = make_label("false", word(sheet, arena, "attendee.no", NULL));
    make_statuses(sheet, arena);
    make_ticket_types(sheet, arena);
    make_doors(sheet, arena);
    const struct event *event = options->event;
    size_t most = FIXED + event->question_count + options->former_question_count +
                  3 * (event->consent_count + options->former_consent_count) + event->day_count;
    struct catalogue all = {.sheet = sheet,
                            .arena = arena,
                            .columns = arena_alloc(arena, most * sizeof(struct column))};
    add_fixed(&all, BEFORE_ANSWERS, AFTER_CONSENTS);
    add_answers(&all);
    add_consents(&all);
    add_fixed(&all, AFTER_CONSENTS, AFTER_DAYS);
    add_days(&all);
    add_fixed(&all, AFTER_DAYS, IF_CHOSEN);
    if (options->choice.count > 0)
        add_fixed(&all, IF_CHOSEN, FIXED);
    choose(sheet, arena, &all);
    return sheet;
}

void sheet_finish(struct sheet *sheet)
{
    for (size_t i = 0; i < sheet->agreement_count; i++) {
        buffer_finish(&sheet->agreements[i].state);
        buffer_finish(&sheet->agreements[i].given_at);
        buffer_finish(&sheet->agreements[i].withdrawn_at);
    }
    timezone_destroy(sheet->zone);
    buffer_finish(&sheet->text);
}

void sheet_heading(struct sheet *sheet, struct table *table)
{
    for (size_t i = 0; i < sheet->column_count; i++)
        table_text(table, sheet->columns[i].heading, strlen(sheet->columns[i].heading));
    table_end_row(table);
}
