#include "features/attendee/row.h"

#include <string.h>

#include "base/json_writer.h"
#include "features/attendee/json_walk.h"
#include "view/escape.h"
#include "view/locale.h"

const char *const row_column_names[ROW_COLUMNS] = {
    [ROW_ATTENDEE_ID] = "attendee_id",
    [ROW_NAME] = "name",
    [ROW_ATTENDEE_EMAIL] = "attendee_email",
    [ROW_TICKET_TYPE] = "ticket_type",
    [ROW_STATUS] = "status",
    [ROW_ANSWERS] = "answers",
    [ROW_FIRST_ADMITTED_AT] = "first_admitted_at",
    [ROW_ADMITTED_AT] = "admitted_at",
    [ROW_DAYS] = "days",
    [ROW_INSIDE] = "inside",
    [ROW_REGISTRATION_ID] = "registration_id",
    [ROW_NUMBER] = "number",
    [ROW_EMAIL] = "email",
    [ROW_LANGUAGE] = "language",
    [ROW_REGISTRATION_STATUS] = "registration_status",
    [ROW_CONSENTS] = "consents",
    [ROW_CREATED_AT] = "created_at",
    [ROW_DECLINED_BEFORE] = "declined_before",
    [ROW_REPEATED] = "repeated",
    [ROW_HANDED_ON_BY] = "handed_on_by",
    [ROW_HANDED_ON_TO] = "handed_on_to",
    [ROW_SEEN_DOOR] = "seen_door",
    [ROW_NOTES] = "notes",
};

static void read_cells(const struct rows *rows, int at, int count, struct row *ret_row)
{
    for (int i = 0; i < count; i++) {
        struct cell *cell = &ret_row->cells[i];
        cell->text = rows_at(rows, at, i, &cell->length);
        if (cell->length == 0 && rows_is_null_at(rows, at, i))
            cell->text = NULL;
    }
}

void row_read(const struct rows *rows, int at, struct row *ret_row)
{
    read_cells(rows, at, ROW_COLUMNS, ret_row);
}

void row_read_guest(const struct rows *rows, int at, struct row *ret_row)
{
    *ret_row = (struct row){0};
    read_cells(rows, at, ROW_INSIDE + 1, ret_row);
}

/* --- JSON ------------------------------------------------------------------------------------- */

static void write_text(struct json_writer *json, const char *name, const struct cell *cell)
{
    if (cell->text)
        json_writer_text_of(json, name, cell->text, cell->length);
    else
        json_writer_null(json, name);
}

static void write_json(struct json_writer *json, const char *name, const struct cell *cell)
{
    if (cell->text)
        json_writer_json(json, name, cell->text, cell->length);
    else
        json_writer_null(json, name);
}

/* Writes a time of PostgreSQL as RFC 3339. */
static void write_time(struct json_writer *json, const char *name, const struct cell *cell)
{
    enum { DATE = 10, MOST = 40 };
    char text[MOST + 1];
    if (!cell->text || cell->length <= DATE || cell->length > MOST) {
        json_writer_null(json, name);
        return;
    }
    memcpy(text, cell->text, cell->length);
    text[DATE] = 'T';
    text[cell->length] = 'Z';
    json_writer_text_of(json, name, text, cell->length + 1);
}

static void write_truth(struct json_writer *json, const char *name, const struct cell *cell)
{
    json_writer_bool(json, name, cell->length > 0 && cell->text[0] == 't');
}

static bool is_true(const struct row *row, enum row_column column)
{
    const struct cell *cell = &row->cells[column];
    return cell->length > 0 && cell->text[0] == 't';
}

static void write_registration(struct json_writer *json, const struct row *row)
{
    const struct cell *cells = row->cells;
    json_writer_object(json, "registration");
    write_text(json, "id", &cells[ROW_REGISTRATION_ID]);
    write_json(json, "number", &cells[ROW_NUMBER]);
    write_text(json, "status", &cells[ROW_REGISTRATION_STATUS]);
    write_text(json, "email", &cells[ROW_EMAIL]);
    write_text(json, "language", &cells[ROW_LANGUAGE]);
    write_time(json, "created_at", &cells[ROW_CREATED_AT]);
    if (is_true(row, ROW_DECLINED_BEFORE))
        json_writer_text(json, "earlier", "declined");
    write_truth(json, "repeated", &cells[ROW_REPEATED]);
    json_writer_end(json);
}

void row_json_at_door(const struct row *row, const struct event *event, const struct locale *locale,
                      const json_t *answers, const struct row_at_door *more,
                      struct json_writer *json)
{
    const struct cell *cells = row->cells;
    const struct ticket_type *type = event_ticket_type(event, cells[ROW_TICKET_TYPE].text);
    json_writer_object(json, NULL);
    write_text(json, "id", &cells[ROW_ATTENDEE_ID]);
    write_text(json, "name", &cells[ROW_NAME]);
    write_text(json, "ticket_type", &cells[ROW_TICKET_TYPE]);
    json_writer_text(json, "ticket_type_title",
                     type ? event_text(event, &type->title, locale_code(locale))
                          : cells[ROW_TICKET_TYPE].text);
    write_text(json, "status", &cells[ROW_STATUS]);
    write_truth(json, "present", &cells[ROW_INSIDE]);
    write_time(json, "first_admitted_at", &cells[ROW_FIRST_ADMITTED_AT]);
    write_time(json, "admitted_at", &cells[ROW_ADMITTED_AT]);
    write_json(json, "days", &cells[ROW_DAYS]);
    if (event->cancelled)
        json_writer_bool(json, "event_cancelled", true);
    if (!escape_json(json, "answers", answers))
        json_writer_null(json, "answers");
    if (more->masked_email)
        json_writer_text(json, "masked_email", more->masked_email);
    struct id id;
    char number[ID_NUMBER_BYTES];
    if (more->needs_number && id_parse(cells[ROW_ATTENDEE_ID].text, &id)) {
        id_number(&id, number);
        json_writer_text(json, "number", number);
    }
    json_writer_end(json);
}

void row_json(const struct row *row, const struct row_json_options *options,
              struct json_writer *json)
{
    const struct cell *cells = row->cells;
    json_writer_object(json, NULL);
    write_text(json, "id", &cells[ROW_ATTENDEE_ID]);
    write_text(json, "name", &cells[ROW_NAME]);
    write_text(json, "email", &cells[ROW_ATTENDEE_EMAIL]);
    write_text(json, "ticket_type", &cells[ROW_TICKET_TYPE]);
    write_text(json, "status", &cells[ROW_STATUS]);
    write_time(json, "first_admitted_at", &cells[ROW_FIRST_ADMITTED_AT]);
    write_json(json, "days", &cells[ROW_DAYS]);
    write_truth(json, "inside", &cells[ROW_INSIDE]);
    if (options->event_cancelled)
        json_writer_bool(json, "event_cancelled", true);
    write_json(json, "answers", &cells[ROW_ANSWERS]);
    write_json(json, "consents", &cells[ROW_CONSENTS]);
    if (cells[ROW_HANDED_ON_BY].text)
        write_text(json, "handed_on_by", &cells[ROW_HANDED_ON_BY]);
    if (cells[ROW_HANDED_ON_TO].text)
        write_text(json, "handed_on_to", &cells[ROW_HANDED_ON_TO]);
    write_registration(json, row);
    if (options->ticket) {
        json_writer_text(json, "ticket", options->ticket);
        json_writer_text(json, "ticket_url", options->ticket_url);
    }
    json_writer_end(json);
}

/* --- Chosen columns -------------------------------------------------------------------------- */

typedef void write_cell(struct json_writer *json, const char *name, const struct cell *cell);

static const struct {
    const char *key;
    enum row_column of;
    write_cell *write;
} members[] = {
    {"number", ROW_NUMBER, write_json},
    {"registered_at", ROW_CREATED_AT, write_time},
    {"status", ROW_STATUS, write_text},
    {"ticket_type", ROW_TICKET_TYPE, write_text},
    {"name", ROW_NAME, write_text},
    {"came_at", ROW_FIRST_ADMITTED_AT, write_time},
    {"days", ROW_DAYS, write_json},
    {"inside", ROW_INSIDE, write_truth},
    {"language", ROW_LANGUAGE, write_text},
    {"declined_before", ROW_DECLINED_BEFORE, write_truth},
    {"repeated", ROW_REPEATED, write_truth},
    {"handed_on_by", ROW_HANDED_ON_BY, write_text},
    {"handed_on_to", ROW_HANDED_ON_TO, write_text},
    {"registration_id", ROW_REGISTRATION_ID, write_text},
    {"attendee_id", ROW_ATTENDEE_ID, write_text},
    {"last_door", ROW_SEEN_DOOR, write_text},
    {"desk_notes", ROW_NOTES, write_text},
};

/* A text, list or object stands between the marks that belong to it. */
static void write_piece(struct json_writer *json, const char *name, const struct json_piece *piece)
{
    static const char ends[] = {
        [JSON_KIND_TEXT] = '"', [JSON_KIND_LIST] = ']', [JSON_KIND_OBJECT] = '}'};
    size_t mark = piece->kind == JSON_KIND_BARE ? 0 : 1;
    if (mark && piece->at[piece->length] != ends[piece->kind]) /* cut short */
        json_writer_null(json, name);
    else
        json_writer_json(json, name, piece->at - mark, piece->length + 2 * mark);
}

/* Finds a member of an object. False: it has none. */
static bool find_member(struct json_walk walk, const char *key, struct json_piece *ret_value)
{
    struct json_piece name;
    while (json_walk_member(&walk, &name, ret_value))
        if (json_piece_is(&name, key))
            return true;
    return false;
}

/* Finds the newest entry of a consent. */
static bool find_consent(const struct cell *consents, const char *slug,
                         struct json_piece *ret_entry)
{
    struct json_walk walk = json_walk_text(consents->text, consents->length);
    struct json_piece entry, value;
    bool is_found = false;
    while (json_walk_item(&walk, &entry)) {
        if (find_member(json_walk_piece(&entry), "slug", &value) && json_piece_is(&value, slug)) {
            *ret_entry = entry;
            is_found = true;
        }
    }
    return is_found;
}

static void write_column(struct json_writer *json, const char *key, const struct row *row)
{
    static const char consents[] = "consents.", answers[] = "answers.";
    const struct cell *cells = row->cells;
    struct json_piece piece;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (strcmp(members[i].key, key) == 0) {
            members[i].write(json, key, &cells[members[i].of]);
            return;
        }
    }
    if (strcmp(key, "email") == 0) {
        write_text(json, key,
                   &cells[cells[ROW_ATTENDEE_EMAIL].text ? ROW_ATTENDEE_EMAIL : ROW_EMAIL]);
        return;
    }
    const struct cell *given = &cells[ROW_ANSWERS];
    const char *slug = strncmp(key, answers, strlen(answers)) == 0 ? key + strlen(answers) : key;
    bool is_there = strncmp(key, consents, strlen(consents)) == 0
                        ? find_consent(&cells[ROW_CONSENTS], key + strlen(consents), &piece)
                        : find_member(json_walk_text(given->text, given->length), slug, &piece);
    if (is_there)
        write_piece(json, key, &piece);
    else
        json_writer_null(json, key);
}

void row_json_columns(const struct row *row, const char *const *keys, size_t count,
                      struct json_writer *json)
{
    json_writer_object(json, NULL);
    for (size_t i = 0; i < count; i++)
        write_column(json, keys[i], row);
    json_writer_end(json);
}
