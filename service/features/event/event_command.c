#include "features/event/event_feature.h"

#include <errno.h>

#include "base/buffer.h"
#include "db/session.h"
#include "features/event/event_apply.h"
#include "event/event_file.h"
#include "event/event_load.h"
#include "event/events.h"
#include "view/locale.h"

/* Reads a file, "-" standard input. False: it has said why. */
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

/* NULL: it has said why. */
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

static bool apply_event(struct db_session *session, const char *path, const struct event *event,
                        struct findings *findings)
{
    struct buffer report;
    buffer_init(&report);
    bool done = event_apply(session, event, findings, &report);
    if (done)
        fputs(buffer_text(&report), stdout);
    else if (findings_any(findings))
        say_findings(path, findings);
    else
        command_fail("%s: %s", path, db_session_error(session));
    buffer_finish(&report);
    return done;
}

static bool apply_file(struct db_session *session, const struct locale *locale, const char *path)
{
    json_t *json = read_json(path);
    if (!json)
        return false;
    struct findings findings;
    findings_init(&findings, locale);
    struct event *event = event_file_read(json, &findings);
    bool done = false;
    if (event) {
        done = apply_event(session, path, event, &findings);
        events_release(event);
    } else {
        say_findings(path, &findings);
    }
    findings_finish(&findings);
    json_decref(json);
    return done;
}

static int run_apply(const struct config *config, int argc, char **argv)
{
    if (argc == 0)
        return COMMAND_USAGE;
    char error[LOCALE_ERROR_BYTES];
    struct locale_set *locales;
    if (!locale_set_load(asset_all, asset_count, error, &locales))
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
    if (!event_load(session, slug, &event))
        return command_fail("%s", db_session_error(session));
    if (!event)
        return command_fail("there is no event %s", slug);
    json_t *file = event_file_write(event);
    char *text = json_dumps(file, JSON_INDENT(2));
    puts(text);
    free(text);
    json_decref(file);
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
