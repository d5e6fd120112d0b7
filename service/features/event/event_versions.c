/* einlass event history, event diff */
#include "base/clock.h"
#include "base/memory.h"
#include "db/session.h"
#include "event/event_diff.h"
#include "event/event_load.h"
#include "features/event/event_feature.h"
#include "statements.h"

enum { ROWS_PORTION = 20, VERSION_DIGITS_MOST = 9 };

/* --- event history --------------------------------------------------------------------------- */

struct history {
    int64_t version; /* that was printed last; 0: none */
    json_t *before;
};

static void say_changes(const json_t *before, const json_t *after)
{
    static const char separator[] = "; ";
    struct buffer changes;
    buffer_init(&changes);
    json_t *differences = event_diff(before, after);
    event_diff_write(differences, "", separator, &changes);
    if (!before)
        puts("created");
    else if (changes.length == 0)
        puts("no difference");
    else
        printf("%.*s\n", (int)(changes.length - strlen(separator)), buffer_text(&changes));
    json_decref(differences);
    buffer_finish(&changes);
}

static void say_versions(struct history *history, const struct rows *rows)
{
    for (int row = 0; row < rows_count(rows); row++) {
        char at[CLOCK_TEXT_BYTES];
        json_t *definition = event_load_text(rows_text(rows, row, "definition"));
        clock_format(rows_time(rows, row, "at"), at);
        printf("%s\t%s\t%s\t", rows_text(rows, row, "version"), at, rows_text(rows, row, "actor"));
        say_changes(history->before, definition);
        json_decref(history->before);
        history->before = definition;
        history->version = rows_number(rows, row, "version");
    }
}

static int say_history(struct db_session *session, const char *slug)
{
    struct history history = {0};
    int status = COMMAND_DONE;
    const struct rows *rows;
    do {
        const struct event_versions wanted = {
            .event = slug, .after = history.version, .most = ROWS_PORTION};
        rows = db_session_run(session, event_versions_params(&wanted));
        if (rows)
            say_versions(&history, rows);
    } while (rows && rows_count(rows) == ROWS_PORTION);
    if (!rows)
        status = command_fail("%s", db_session_error(session));
    else if (!history.before)
        status = command_fail("there is no event %s", slug);
    json_decref(history.before);
    return status;
}

static int run_history(const struct config *config, int argc, char **argv)
{
    if (argc != 1)
        return COMMAND_USAGE;
    struct db_session *session = command_session(config);
    if (!session)
        return COMMAND_FAILED;
    int status = say_history(session, argv[0]);
    db_session_close(session);
    return status;
}

const struct command command_event_history = {
    .words = "event history",
    .arguments = "EVENT",
    .help = "the versions of an event: number, when, who and what changed",
    .run = run_history,
};

/* --- event diff ------------------------------------------------------------------------------ */

/* Returns 0 if the text is no version number. */
static int64_t read_version(const char *text)
{
    size_t length = strspn(text, "0123456789");
    return text[length] == '\0' && length <= VERSION_DIGITS_MOST ? strtol(text, NULL, 10) : 0;
}

/* Returns NULL if the event has no such version. */
static json_t *definition_of(const struct rows *rows, int64_t version)
{
    for (int row = 0; row < rows_count(rows); row++) {
        if (rows_number(rows, row, "version") == version)
            return event_load_text(rows_text(rows, row, "definition"));
    }
    return NULL;
}

static int say_differences(struct db_session *session, const char *slug, int64_t old, int64_t new)
{
    const struct event_versions wanted = {
        .event = slug, .old = &old, .new = &new, .most = ROWS_PORTION};
    const struct rows *rows = db_session_run(session, event_versions_params(&wanted));
    if (!rows)
        return command_fail("%s", db_session_error(session));
    json_t *before = definition_of(rows, old), *after = definition_of(rows, new);
    int status = COMMAND_DONE;
    if (before && after) {
        struct buffer lines;
        buffer_init(&lines);
        json_t *differences = event_diff(before, after);
        event_diff_write(differences, "", "\n", &lines);
        json_decref(differences);
        fputs(buffer_text(&lines), stdout);
        buffer_finish(&lines);
    } else {
        status = command_fail("there is no version %lld of an event %s",
                              (long long)(before ? new : old), slug);
    }
    json_decref(before);
    json_decref(after);
    return status;
}

static int run_diff(const struct config *config, int argc, char **argv)
{
    int64_t old = argc == 3 ? read_version(argv[1]) : 0;
    int64_t new = argc == 3 ? read_version(argv[2]) : 0;
    if (old == 0 || new == 0)
        return COMMAND_USAGE;
    struct db_session *session = command_session(config);
    if (!session)
        return COMMAND_FAILED;
    int status = say_differences(session, argv[0], old, new);
    db_session_close(session);
    return status;
}

const struct command command_event_diff = {
    .words = "event diff",
    .arguments = "EVENT OLD NEW",
    .help = "what differs between two versions of an event",
    .run = run_diff,
};
