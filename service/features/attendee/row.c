#include "features/attendee/row.h"

#include <inttypes.h>
#include <string.h>

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

static void add_escaped(struct buffer *out, const char *text, size_t length)
{
    size_t plain = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c >= ' ' && c != '"' && c != '\\')
            continue;
        buffer_add(out, text + plain, i - plain);
        plain = i + 1;
        if (c < ' ')
            buffer_printf(out, "\\u%04x", c);
        else
            buffer_add(out, (const char[]){'\\', (char)c}, 2);
    }
    buffer_add(out, text + plain, length - plain);
}

/* `head` is {"name": or ,"name": */
static void add_text(struct buffer *out, const char *head, const struct cell *cell)
{
    buffer_add_text(out, head);
    if (!cell->text) {
        buffer_add_text(out, "null");
        return;
    }
    buffer_add_char(out, '"');
    add_escaped(out, cell->text, cell->length);
    buffer_add_char(out, '"');
}

static void add_json(struct buffer *out, const char *head, const struct cell *cell)
{
    buffer_add_text(out, head);
    buffer_add(out, cell->text, cell->length);
}

/* Appends a time of PostgreSQL as RFC 3339. */
static void add_time(struct buffer *out, const char *head, const struct cell *cell)
{
    enum { DATE = 10 };
    buffer_add_text(out, head);
    if (!cell->text || cell->length <= DATE) {
        buffer_add_text(out, "null");
        return;
    }
    buffer_add_char(out, '"');
    buffer_add(out, cell->text, DATE);
    buffer_add_char(out, 'T');
    buffer_add(out, cell->text + DATE + 1, cell->length - DATE - 1);
    buffer_add_text(out, "Z\"");
}

static bool is_true(const struct row *row, enum row_column column)
{
    const struct cell *cell = &row->cells[column];
    return cell->length > 0 && cell->text[0] == 't';
}

static void add_registration(const struct row *row, struct buffer *out)
{
    const struct cell *cells = row->cells;
    add_text(out, ",\"registration\":{\"id\":", &cells[ROW_REGISTRATION_ID]);
    add_json(out, ",\"number\":", &cells[ROW_NUMBER]);
    add_text(out, ",\"status\":", &cells[ROW_REGISTRATION_STATUS]);
    add_text(out, ",\"email\":", &cells[ROW_EMAIL]);
    add_text(out, ",\"language\":", &cells[ROW_LANGUAGE]);
    add_time(out, ",\"created_at\":", &cells[ROW_CREATED_AT]);
    if (is_true(row, ROW_DECLINED_BEFORE))
        buffer_add_text(out, ",\"earlier\":\"declined\"");
    buffer_printf(out, ",\"repeated\":%s}", is_true(row, ROW_REPEATED) ? "true" : "false");
}

static void add_value(struct buffer *out, const char *head, const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | ESCAPE_REALS);
    buffer_printf(out, "%s%s", head, text);
    free(text);
}

void row_json_at_door(const struct row *row, const struct event *event, const struct locale *locale,
                      const json_t *answers, const struct row_at_door *more, struct buffer *out)
{
    const struct cell *cells = row->cells;
    const struct ticket_type *type = event_ticket_type(event, cells[ROW_TICKET_TYPE].text);
    json_t *title = json_string(type ? event_text(event, &type->title, locale_code(locale))
                                     : cells[ROW_TICKET_TYPE].text);
    add_text(out, "{\"id\":", &cells[ROW_ATTENDEE_ID]);
    add_text(out, ",\"name\":", &cells[ROW_NAME]);
    add_text(out, ",\"ticket_type\":", &cells[ROW_TICKET_TYPE]);
    add_value(out, ",\"ticket_type_title\":", title);
    add_text(out, ",\"status\":", &cells[ROW_STATUS]);
    buffer_add_text(out, is_true(row, ROW_INSIDE) ? ",\"present\":true" : ",\"present\":false");
    add_time(out, ",\"first_admitted_at\":", &cells[ROW_FIRST_ADMITTED_AT]);
    add_time(out, ",\"admitted_at\":", &cells[ROW_ADMITTED_AT]);
    add_json(out, ",\"days\":", &cells[ROW_DAYS]);
    if (event->cancelled)
        buffer_add_text(out, ",\"event_cancelled\":true");
    add_value(out, ",\"answers\":", answers);
    if (more->masked_email)
        add_text(out, ",\"masked_email\":",
                 &(struct cell){more->masked_email, strlen(more->masked_email)});
    if (more->number > 0)
        buffer_printf(out, ",\"number\":%" PRId64, more->number);
    buffer_add_char(out, '}');
    json_decref(title);
}

void row_json(const struct row *row, const struct row_json_options *options, struct buffer *out)
{
    const struct cell *cells = row->cells;
    add_text(out, "{\"id\":", &cells[ROW_ATTENDEE_ID]);
    add_text(out, ",\"name\":", &cells[ROW_NAME]);
    add_text(out, ",\"email\":", &cells[ROW_ATTENDEE_EMAIL]);
    add_text(out, ",\"ticket_type\":", &cells[ROW_TICKET_TYPE]);
    add_text(out, ",\"status\":", &cells[ROW_STATUS]);
    add_time(out, ",\"first_admitted_at\":", &cells[ROW_FIRST_ADMITTED_AT]);
    add_json(out, ",\"days\":", &cells[ROW_DAYS]);
    buffer_add_text(out, is_true(row, ROW_INSIDE) ? ",\"inside\":true" : ",\"inside\":false");
    if (options->event_cancelled)
        buffer_add_text(out, ",\"event_cancelled\":true");
    add_json(out, ",\"answers\":", &cells[ROW_ANSWERS]);
    add_json(out, ",\"consents\":", &cells[ROW_CONSENTS]);
    if (cells[ROW_HANDED_ON_BY].text)
        add_text(out, ",\"handed_on_by\":", &cells[ROW_HANDED_ON_BY]);
    if (cells[ROW_HANDED_ON_TO].text)
        add_text(out, ",\"handed_on_to\":", &cells[ROW_HANDED_ON_TO]);
    add_registration(row, out);
    if (options->ticket)
        buffer_printf(out, ",\"ticket\":\"%s\",\"ticket_url\":\"%s\"", options->ticket,
                      options->ticket_url);
    buffer_add_char(out, '}');
}

/* --- Chosen columns -------------------------------------------------------------------------- */

static void add_truth(struct buffer *out, const char *head, const struct cell *cell)
{
    buffer_printf(out, "%s%s", head, cell->length > 0 && cell->text[0] == 't' ? "true" : "false");
}

typedef void add_cell(struct buffer *out, const char *head, const struct cell *cell);

static const struct {
    const char *key;
    enum row_column of;
    add_cell *add;
} members[] = {
    {"number", ROW_NUMBER, add_json},
    {"registered_at", ROW_CREATED_AT, add_time},
    {"status", ROW_STATUS, add_text},
    {"ticket_type", ROW_TICKET_TYPE, add_text},
    {"name", ROW_NAME, add_text},
    {"came_at", ROW_FIRST_ADMITTED_AT, add_time},
    {"days", ROW_DAYS, add_json},
    {"inside", ROW_INSIDE, add_truth},
    {"language", ROW_LANGUAGE, add_text},
    {"declined_before", ROW_DECLINED_BEFORE, add_truth},
    {"repeated", ROW_REPEATED, add_truth},
    {"handed_on_by", ROW_HANDED_ON_BY, add_text},
    {"handed_on_to", ROW_HANDED_ON_TO, add_text},
    {"registration_id", ROW_REGISTRATION_ID, add_text},
    {"attendee_id", ROW_ATTENDEE_ID, add_text},
    {"last_door", ROW_SEEN_DOOR, add_text},
    {"desk_notes", ROW_NOTES, add_text},
};

static void add_piece(struct buffer *out, const struct json_piece *piece)
{
    static const char around[][3] = {
        [JSON_KIND_TEXT] = "\"\"",
        [JSON_KIND_LIST] = "[]",
        [JSON_KIND_OBJECT] = "{}",
        [JSON_KIND_BARE] = "",
    };
    const char *marks = around[piece->kind];
    buffer_add(out, marks, marks[0] ? 1 : 0);
    buffer_add(out, piece->at, piece->length);
    buffer_add_text(out, marks[0] ? marks + 1 : "");
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

static void add_column(const struct row *row, const char *key, struct buffer *out)
{
    static const char consents[] = "consents.", answers[] = "answers.";
    const struct cell *cells = row->cells;
    struct json_piece piece;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (strcmp(members[i].key, key) == 0) {
            members[i].add(out, "", &cells[members[i].of]);
            return;
        }
    }
    if (strcmp(key, "email") == 0) {
        add_text(out, "", &cells[cells[ROW_ATTENDEE_EMAIL].text ? ROW_ATTENDEE_EMAIL : ROW_EMAIL]);
        return;
    }
    const struct cell *given = &cells[ROW_ANSWERS];
    const char *slug = strncmp(key, answers, strlen(answers)) == 0 ? key + strlen(answers) : key;
    bool is_there = strncmp(key, consents, strlen(consents)) == 0
                        ? find_consent(&cells[ROW_CONSENTS], key + strlen(consents), &piece)
                        : find_member(json_walk_text(given->text, given->length), slug, &piece);
    if (is_there)
        add_piece(out, &piece);
    else
        buffer_add_text(out, "null");
}

void row_json_columns(const struct row *row, const char *const *keys, size_t count,
                      struct buffer *out)
{
    for (size_t i = 0; i < count; i++) {
        buffer_printf(out, "%c\"%s\":", i == 0 ? '{' : ',', keys[i]);
        add_column(row, keys[i], out);
    }
    buffer_add_char(out, '}');
}
