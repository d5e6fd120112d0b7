#include "features/event/event_feature.h"

#include <errno.h>
#include <unistd.h>
#include <uniwidth.h>

#include "base/memory.h"
#include "db/session.h"
#include "event/event_apply.h"
#include "event/event_file.h"
#include "event/event_load.h"
#include "event/events.h"
#include "statements.h"
#include "view/locale.h"

/* Reads a file, or standard input for "-". Returns false after it has printed the error. */
static bool read_bytes(const char *path, struct buffer *bytes)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (!file) {
        command_fail("%s: %s", path, strerror(errno));
        return false;
    }
    char *space = buffer_reserve(bytes, EVENT_FILE_MOST_BYTES + 1);
    bytes->length += fread(space, 1, EVENT_FILE_MOST_BYTES + 1, file);
    bool good = !ferror(file);
    if (!good)
        command_fail("%s: %s", path, strerror(errno));
    else if (bytes->length > EVENT_FILE_MOST_BYTES)
        command_fail("%s: larger than %d bytes", path, EVENT_FILE_MOST_BYTES);
    if (file != stdin)
        fclose(file);
    return good && bytes->length <= EVENT_FILE_MOST_BYTES;
}

/* Returns NULL after it has printed the error. */
static json_t *read_json(const char *path)
{
    struct buffer bytes;
    json_error_t error;
    json_t *json = NULL;
    buffer_init(&bytes);
    if (read_bytes(path, &bytes)) {
        json = json_loadb(bytes.bytes, bytes.length, JSON_REJECT_DUPLICATES, &error);
        if (!json)
            command_fail("%s:%d:%d: %s", path, error.line, error.column, error.text);
    }
    buffer_finish(&bytes);
    return json;
}

static void say_findings(const char *path, struct findings *findings)
{
    size_t i;
    json_t *finding, *list = findings_take(findings);
    json_array_foreach (list, i, finding) {
        const char *pointer = json_string_value(json_object_get(finding, "pointer"));
        command_fail("%s: %s%s%s", path, pointer, *pointer ? ": " : "",
                     json_string_value(json_object_get(finding, "detail")));
    }
    json_decref(list);
}

static bool apply_json(struct db_session *session, const struct locale *locale, const char *path,
                       json_t *json)
{
    const struct event_wish wish = {
        .file = json, .actor = "command", .base_version = EVENT_APPLY_ANY};
    struct findings findings;
    struct event_applied applied;
    findings_init(&findings, locale);
    event_apply(session, &wish, &findings, &applied);
    if (applied.outcome == EVENT_APPLY_CHANGED)
        event_apply_move_on(session, &applied);
    bool done = applied.outcome == EVENT_APPLY_CHANGED || applied.outcome == EVENT_APPLY_UNCHANGED;
    if (done)
        fputs(buffer_text(&applied.report), stdout);
    else if (findings_any(&findings))
        say_findings(path, &findings);
    else
        command_fail("%s: %s", path, db_session_error(session));
    findings_finish(&findings);
    event_applied_finish(&applied);
    return done;
}

static bool apply_file(struct db_session *session, const struct locale *locale, const char *path)
{
    json_t *json = read_json(path);
    bool done = json && apply_json(session, locale, path, json);
    json_decref(json);
    return done;
}

static int run_apply(const struct config *config, int argc, char **argv)
{
    if (argc == 0)
        return COMMAND_USAGE;
    char error[LOCALE_ERROR_BYTES];
    struct locale_set *locales;
    if (!locale_set_load_texts(asset_all, asset_count, error, &locales))
        return command_fail("%s", error);
    struct db_session *session = command_session(config);
    int status = session ? COMMAND_DONE : COMMAND_FAILED;
    for (int i = 0; session && i < argc; i++) {
        if (!apply_file(session, locale_find(locales, "en"), argv[i]))
            status = COMMAND_FAILED;
    }
    if (session)
        db_session_close(session);
    locale_set_destroy(locales);
    return status;
}

static int show(struct db_session *session, const char *slug)
{
    struct event *event;
    json_t *definition;
    if (!event_load_definition(session, slug, &event, &definition))
        return command_fail("%s", db_session_error(session));
    if (!event)
        return command_fail("there is no event %s", slug);
    char *text = json_dumps(definition, JSON_INDENT(2));
    puts(text);
    free(text);
    json_decref(definition);
    events_release(event);
    return COMMAND_DONE;
}

static int run_show(const struct config *config, int argc, char **argv)
{
    if (argc != 1)
        return COMMAND_USAGE;
    struct db_session *session = command_session(config);
    if (!session)
        return COMMAND_FAILED;
    int status = show(session, argv[0]);
    db_session_close(session);
    return status;
}

static const struct column {
    const char *head, *name;
} list_columns[] = {{"EVENT", "slug"},
                    {"TITLE", "title"},
                    {"START", "starts_at"},
                    {"STATE", "state"},
                    {"PLACES", "places"}};
enum { LIST_COLUMNS = sizeof list_columns / sizeof *list_columns, HEAD = -1 };

static const char *cell_text(const struct rows *rows, int row, int column)
{
    const struct column *of = &list_columns[column];
    return row == HEAD ? of->head : rows_text(rows, row, of->name);
}

/* On a terminal: how many columns its letters take. */
static int cell_width(const struct rows *rows, int row, int column)
{
    return u8_strwidth((const uint8_t *)cell_text(rows, row, column), "UTF-8");
}

/* For people on a terminal a table with a head, for programs lines with tabs. */
static void say_events(const struct rows *rows, bool is_table)
{
    int widths[LIST_COLUMNS] = {0};
    for (int i = 0; i < LIST_COLUMNS; i++) {
        for (int row = HEAD; row < rows_count(rows); row++) {
            int width = cell_width(rows, row, i);
            widths[i] = width > widths[i] ? width : widths[i];
        }
    }
    for (int row = is_table ? HEAD : 0; row < rows_count(rows); row++) {
        for (int i = 0; i < LIST_COLUMNS; i++) {
            fputs(cell_text(rows, row, i), stdout);
            if (i + 1 == LIST_COLUMNS)
                putchar('\n');
            else if (is_table)
                printf("%*s", widths[i] - cell_width(rows, row, i) + 2, "");
            else
                putchar('\t');
        }
    }
}

static int say_list(struct db_session *session)
{
    const struct rows *rows = db_session_run(session, event_overview_params());
    if (!rows)
        return command_fail("%s", db_session_error(session));
    if (rows_count(rows) == 0)
        fputs("There are no events yet. Make one at the desk, or with: einlass event apply "
              "FILE.json\n",
              stderr);
    else
        say_events(rows, isatty(STDOUT_FILENO));
    return COMMAND_DONE;
}

static int run_list(const struct config *config, int argc, char **argv)
{
    (void)argv;
    if (argc != 0)
        return COMMAND_USAGE;
    struct db_session *session = command_session(config);
    if (!session)
        return COMMAND_FAILED;
    int status = say_list(session);
    db_session_close(session);
    return status;
}

const struct command command_event_apply = {
    .words = "event apply",
    .arguments = "FILE...",
    .help = "create or update events from event files (\"-\": standard input)",
    .run = run_apply,
};

const struct command command_event_show = {
    .words = "event show",
    .arguments = "EVENT",
    .help = "the event file of an event",
    .run = run_show,
};

const struct command command_event_list = {
    .words = "event list",
    .arguments = "",
    .help = "all events by start, with their state, places taken and capacity",
    .run = run_list,
};
