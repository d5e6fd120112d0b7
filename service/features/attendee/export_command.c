#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/spool.h"
#include "db/session.h"
#include "features/attendee/attendee.h"
#include "features/attendee/export.h"
#include "event/event_load.h"
#include "event/events.h"
#include "statements.h"
#include "view/asset.h"
#include "view/locale.h"
#include "view/roster.h"

#define WORDS "attendees export"

enum { OPTIONS_MOST = 24, PROGRESS_US = 200000 };

struct option {
    const char *name, *value;
};

struct run {
    struct option options[OPTIONS_MOST];
    struct db_session *session;
    struct locale_set *locales;
    struct event *event;
    struct arena arena;
    struct filter filter;
    struct export *an_export;

    const char *path, *path_while_writing; /* NULL: standard output */
    FILE *file;
    struct buffer bytes;
    int64_t rows, told_at_us;
    bool tells;
};

static const char *option_of(const struct run *run, const char *name)
{
    for (const struct option *option = run->options; option->name; option++) {
        if (strcmp(option->name, name) == 0)
            return option->value;
    }
    return NULL;
}

/* False: an option is unknown, or the event is missing. */
static bool read_options(struct run *run, int *argc, char **argv)
{
    static const char *const names[] = {
        "format",   "output", "lang",    "dialect",    "layout",          "columns",     "sort",
        "q",        "list",   "status",  "present",    "admitted",        "day",         "repeated",
        "language", "door",   "consent", "no_consent", "declined_before", "ticket_type", "answer",
        NULL};
    for (int i = 0; names[i]; i++) {
        char *flag = arena_printf(&run->arena, "--%s", names[i]);
        for (char *at = flag; *at; at++)
            *at = *at == '_' ? '-' : *at;
        run->options[i] = (struct option){names[i], command_option(argc, argv, flag)};
    }
    return *argc == 1 && argv[0][0] != '-';
}

static bool load_words(struct run *run)
{
    char error[LOCALE_ERROR_BYTES];
    if (locale_set_load_texts(asset_all, asset_count, error, &run->locales))
        return true;
    command_fail("%s", error);
    return false;
}

static bool load_event(struct run *run, const struct config *config, const char *slug)
{
    run->session = command_session(config);
    if (!run->session)
        return false;
    if (!event_load(run->session, slug, &run->event))
        command_fail("%s", db_session_error(run->session));
    else if (!run->event)
        command_fail("there is no event %s", slug);
    return run->event != NULL;
}

static void fail_parameter(const struct run *run, const char *name)
{
    struct buffer expected;
    buffer_init(&expected);
    locale_text(locale_find(run->locales, "en"),
                arena_printf((struct arena *)&run->arena, "attendee.parameter.%s", name), NULL,
                &expected);
    char *flag = arena_copy((struct arena *)&run->arena, name);
    for (char *at = flag; *at; at++)
        *at = *at == '_' ? '-' : *at;
    command_fail("--%s %s", flag, buffer_text(&expected));
    buffer_finish(&expected);
}

static json_t *parameters_of(const struct run *run)
{
    json_t *parameters = json_object();
    for (const struct option *option = run->options; option->name; option++) {
        if (option->value)
            json_object_set_new_nocheck(parameters, option->name,
                                        json_string_nocheck(option->value));
    }
    return parameters;
}

static const char *read_parameters(struct run *run, struct export_options *options)
{
    json_t *parameters = parameters_of(run);
    const char *wrong =
        form_read_parameters(&run->arena, &filter_form, parameters, run->event, &run->filter);
    if (options->format == EXPORT_PDF && !option_of(run, "sort"))
        run->filter.sort = "name";
    if (!wrong)
        wrong =
            form_read_parameters(&run->arena, &export_form, parameters, options, &options->choice);
    json_decref(parameters);
    return wrong;
}

static bool prepare(struct run *run)
{
    const char *format = option_of(run, "format"), *output = option_of(run, "output");
    struct export_options options = {
        .event = run->event, .locales = run->locales, .filter = &run->filter};
    if (!export_format_named(format, &options.format)) {
        command_fail("there is no format %s: choose csv, xlsx, pdf or jsonl", format);
        return false;
    }
    const char *wrong = read_parameters(run, &options);
    if (wrong) {
        fail_parameter(run, wrong);
        return false;
    }
    run->an_export = export_create(&options);
    if (export_is_file(run->an_export) && (!output || strcmp(output, "-") == 0) &&
        isatty(STDOUT_FILENO)) {
        command_fail("a terminal cannot show %s: give --output FILE", format);
        return false;
    }
    return true;
}

/* --- The file -------------------------------------------------------------------------------- */

static bool fail_file(const struct run *run, const char *what)
{
    command_fail("%s %s: %s", what, run->path ? run->path : "standard output", strerror(errno));
    return false;
}

/* Writes under another name first, so that no partial file appears. Only the owner may read the
 * personal data. */
static bool open_file(struct run *run)
{
    struct stat there;
    run->path = option_of(run, "output");
    run->file = stdout;
    if (run->path && strcmp(run->path, "-") == 0)
        run->path = NULL;
    if (!run->path)
        return true;
    if (stat(run->path, &there) == 0 && !S_ISREG(there.st_mode)) {
        command_fail("%s is no file that could be replaced", run->path);
        run->file = NULL;
        return false;
    }
    run->path_while_writing = arena_printf(&run->arena, "%s.%ld.part", run->path, (long)getpid());
    int file = open(run->path_while_writing, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    run->file = file < 0 ? NULL : fdopen(file, "wb");
    return run->file || fail_file(run, "cannot write");
}

static bool flush(struct run *run)
{
    size_t written = fwrite(buffer_text(&run->bytes), 1, run->bytes.length, run->file);
    bool good = written == run->bytes.length;
    buffer_clear(&run->bytes);
    return good || fail_file(run, "cannot write");
}

static bool close_file(struct run *run)
{
    bool good = fflush(run->file) == 0 && (!run->path || fsync(fileno(run->file)) == 0);
    if (!good)
        return fail_file(run, "cannot write");
    if (!run->path)
        return true;
    good = fclose(run->file) == 0 && rename(run->path_while_writing, run->path) == 0;
    run->file = NULL;
    return good || fail_file(run, "cannot write");
}

/* --- Rows ------------------------------------------------------------------------------------ */

static void tell_progress(struct run *run, bool is_last)
{
    int64_t now = clock_monotonic_us();
    if (!run->tells || (!is_last && now - run->told_at_us < PROGRESS_US))
        return;
    run->told_at_us = now;
    fprintf(stderr, "\r%lld attendees%s", (long long)run->rows, is_last ? "\n" : " …");
}

/* Holds no transaction while it writes, because a pipe may have a slow reader. */
static bool write_portions(struct run *run)
{
    const struct rows *rows = NULL;
    struct params *next;
    while ((next = export_next(run->an_export, rows))) {
        rows = db_session_run(run->session, next);
        if (!rows) {
            command_fail("%s", db_session_error(run->session));
            return false;
        }
        run->rows += export_rows(run->an_export, rows, &run->bytes);
        tell_progress(run, false);
        if (!flush(run))
            return false;
    }
    tell_progress(run, true);
    return flush(run);
}

/* Copies the file that the export has made. */
static bool write_file(struct run *run)
{
    char piece[64 * 1024];
    ssize_t length = 0;
    if (export_is_too_long(run->an_export)) {
        command_fail(
            "a PDF list has at most %d people, and these are %lld: filter them, or take xlsx",
            ROSTER_ROWS_MOST, (long long)run->rows);
        return false;
    }
    if (run->tells)
        fputs("Making the file …\n", stderr);
    int file = export_finish(run->an_export);
    if (file < 0) {
        command_fail("cannot make the file in %s: is there room?", spool_directory());
        return false;
    }
    lseek(file, 0, SEEK_SET);
    bool good = true;
    while (good && (length = read(file, piece, sizeof piece)) > 0) {
        buffer_add(&run->bytes, piece, (size_t)length);
        good = flush(run);
    }
    close(file);
    return good && (length == 0 || fail_file(run, "cannot write"));
}

static bool add_former_questions(struct run *run)
{
    if (!export_wants_former_questions(run->an_export))
        return true;
    const struct rows *rows =
        db_session_run(run->session, export_former_questions_params(run->an_export));
    if (rows)
        export_add_former_questions(run->an_export, rows);
    return rows != NULL;
}

static bool note(struct run *run)
{
    const char *detail = arena_printf(&run->arena, "{\"format\": \"%s\", \"filtered\": %s}",
                                      export_format_name(run->an_export),
                                      filter_is_empty(&run->filter) ? "false" : "true");
    struct params *params = attendee_log_export_params(&(struct attendee_log_export){
        .event_id = &run->event->id, .actor = "command", .detail = detail});
    return db_session_run(run->session, params) != NULL;
}

static bool write_rows(struct run *run)
{
    if (!db_session_plan_by_key(run->session) || !note(run) || !add_former_questions(run)) {
        command_fail("%s", db_session_error(run->session));
        return false;
    }
    export_begin(run->an_export, &run->bytes);
    return write_portions(run) && (!export_is_file(run->an_export) || write_file(run));
}

static void finish(struct run *run)
{
    if (run->path && run->file) {
        fclose(run->file);
        unlink(run->path_while_writing);
    }
    export_destroy(run->an_export);
    if (run->event)
        events_release(run->event);
    if (run->session)
        db_session_close(run->session);
    locale_set_destroy(run->locales);
    buffer_finish(&run->bytes);
    arena_finish(&run->arena);
}

static int run_export(const struct config *config, int argc, char **argv)
{
    struct run run = {.tells = isatty(STDERR_FILENO)};
    bool done = false;
    arena_init(&run.arena);
    buffer_init(&run.bytes);
    bool used_well = read_options(&run, &argc, argv) && option_of(&run, "format");
    if (used_well)
        done = load_words(&run) && load_event(&run, config, argv[0]) && prepare(&run) &&
               open_file(&run) && write_rows(&run) && close_file(&run);
    finish(&run);
    if (!used_well)
        return COMMAND_USAGE;
    return done ? COMMAND_DONE : COMMAND_FAILED;
}

const struct command command_attendees_export = {
    .words = WORDS,
    .arguments = "EVENT --format csv|xlsx|pdf|jsonl [--output FILE] [--columns KEY,…] "
                 "[--sort ORDER] [--dialect comma|excel-de] [--layout names|sign-in] "
                 "[--lang LANGUAGE] [--q WORDS] [--list LIST] [--status STATUS] "
                 "[--present true|false] [--admitted true|false] [--day DATE] "
                 "[--ticket-type SLUG] [--repeated true|false] [--declined-before true|false] "
                 "[--language LANGUAGE] [--door SLUG] [--consent SLUG] [--no-consent SLUG] "
                 "[--answer QUESTION:VALUE]",
    .help = "write the attendee list",
    .run = run_export,
};
