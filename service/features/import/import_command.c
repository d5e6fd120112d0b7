#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/session.h"
#include "event/event_load.h"
#include "event/events.h"
#include "features/import/adding.h"
#include "features/import/import.h"
#include "features/import/mapping.h"
#include "features/import/result.h"
#include "http/reply.h"
#include "view/asset.h"
#include "view/locale.h"

enum { LEASE_S = 3600, REPORTED_MOST = 1000, STALE_MOST = 5, PROGRESS_US = 200000 };

struct run {
    struct import_work work;
    struct db_session *session;
    struct locale_set *locales;
    struct event *event; /* the same as work.event */
    const char *slug, *path, *language;
    const char *ticket_type, *reason; /* NULL: not given */
    bool is_dry, is_silent, tells_progress;
    struct buffer file;
    struct arena arena;
    struct columns columns;
    struct line_rules rules;
    int64_t told_at_us;
};

static bool fail_database(const struct run *run)
{
    command_fail("%s", db_session_error(run->session));
    return false;
}

/* Runs a statement whose rows do not matter. */
static bool tell(struct run *run, struct params *params)
{
    return db_session_run(run->session, params) || fail_database(run);
}

/* --- The arguments --------------------------------------------------------------------------- */

static bool read_arguments(struct run *run, int argc, char **argv)
{
    run->is_dry = command_flag(&argc, argv, "--dry-run");
    run->is_silent = command_flag(&argc, argv, "--no-mail");
    run->language = command_option(&argc, argv, "--lang");
    run->ticket_type = command_option(&argc, argv, "--ticket-type");
    run->reason = command_option(&argc, argv, "--over-capacity");
    for (int i = 0; i < argc; i++) {
        if (argv[i][0] == '-' && argv[i][1] != '\0')
            return false;
    }
    if (argc != 2)
        return false;
    run->slug = argv[0];
    run->path = argv[1];
    return true;
}

/* --- The file -------------------------------------------------------------------------------- */

static bool read_file(struct run *run)
{
    bool is_input = strcmp(run->path, "-") == 0;
    FILE *file = is_input ? stdin : fopen(run->path, "rb");
    char piece[64 * 1024];
    size_t length;
    if (!file) {
        command_fail("cannot read %s: %s", run->path, strerror(errno));
        return false;
    }
    while ((length = fread(piece, 1, sizeof piece, file)) > 0 &&
           run->file.length <= IMPORT_FILE_MOST_BYTES)
        buffer_add(&run->file, piece, length);
    bool is_read = !ferror(file);
    if (!is_read)
        command_fail("cannot read %s: %s", run->path, strerror(errno));
    if (!is_input)
        fclose(file);
    if (is_read && run->file.length > IMPORT_FILE_MOST_BYTES) {
        command_fail("%s is larger than 16 MiB", run->path);
        return false;
    }
    if (is_read && run->file.length >= 4 && memcmp(run->file.bytes, "PK\x03\x04", 4) == 0) {
        command_fail("%s is an Excel file: save it as CSV, or bring it at the desk", run->path);
        return false;
    }
    return is_read;
}

static bool load_event(struct run *run)
{
    struct event *event;
    if (!event_load(run->session, run->slug, &event))
        return fail_database(run);
    if (!event) {
        command_fail("there is no event %s", run->slug);
        return false;
    }
    if (run->event)
        events_release(run->event);
    run->event = event;
    run->work.event = event;
    return true;
}

static bool prepare(struct run *run, const struct config *config)
{
    char error[LOCALE_ERROR_BYTES];
    if (!locale_set_load_texts(asset_all, asset_count, error, &run->locales)) {
        command_fail("%s", error);
        return false;
    }
    run->work.locales = run->locales;
    if (!locale_find(run->locales, run->language ? run->language : "en")) {
        command_fail("there is no language %s", run->language);
        return false;
    }
    run->language = run->language ? run->language : "en";
    run->session = command_session(config);
    if (!run->session || !read_file(run) || !load_event(run))
        return false;
    if (run->ticket_type && !event_ticket_type(run->event, run->ticket_type)) {
        command_fail("the event has no ticket type %s", run->ticket_type);
        return false;
    }
    run->work.event_id = run->event->id;
    id_make_in(run->event->number, &run->work.import_id);
    return true;
}

/* --- Columns --------------------------------------------------------------------------------- */

static bool guess(struct run *run)
{
    bool has_name = false;
    struct list_source source = {
        .bytes = buffer_text(&run->file),
        .length = run->file.length,
        .encoding = list_encoding_guess(buffer_text(&run->file), run->file.length),
        .is_whole = true,
        .is_start = true,
    };
    run->rules = mapping_guess(&run->arena, run->event, &source, run->language, &run->columns);
    run->rules.ticket_type = run->ticket_type;
    printf("%s, separated by %s\n", list_encoding_name(run->rules.encoding),
           run->rules.separator == ','   ? "commas"
           : run->rules.separator == ';' ? "semicolons"
                                         : "tabs");
    for (size_t i = 0; i < run->columns.count; i++) {
        const char *means = run->columns.means[i];
        bool is_name = strcmp(means, "name") == 0 || strcmp(means, "first_name") == 0 ||
                       strcmp(means, "last_name") == 0;
        has_name |= is_name;
        printf("  column %zu%s%s: %s\n", i + 1, *run->columns.headings[i] ? " " : "",
               run->columns.headings[i], *means ? means : "(left out)");
    }
    if (!has_name)
        command_fail("no column of %s has the names: give it the heading “name”", run->path);
    return has_name;
}

/* --- Reading --------------------------------------------------------------------------------- */

static bool store(struct run *run)
{
    json_t *json = line_rules_write(&run->rules);
    const char *rules = draft_json_text(&run->arena, json);
    const char *slash = strrchr(run->path, '/');
    json_decref(json);
    return tell(run, import_add_params(&(struct import_add){
                         .event_id = &run->work.event_id,
                         .import_id = &run->work.import_id,
                         .name = slash ? slash + 1 : run->path,
                         .file = {(const unsigned char *)buffer_text(&run->file), run->file.length},
                         .encoding = list_encoding_name(run->rules.encoding),
                         .actor = "command"})) &&
           tell(run, import_check_params(&(struct import_check){.event_id = &run->work.event_id,
                                                                .import_id = &run->work.import_id,
                                                                .rules = rules,
                                                                .lease_s = LEASE_S}));
}

static bool read_lines(struct run *run)
{
    struct piece piece = {.line = 1};
    const struct rows *rows = db_session_run(run->session, piece_params(&piece, &run->work));
    struct params *lines;
    bool is_good = rows && piece_open(&piece, &run->work, rows);
    enum piece_step step = PIECE_NEXT;
    while (is_good && step != PIECE_END) {
        step = piece_read(&piece, &run->work, &lines);
        if (step == PIECE_READ) {
            is_good = db_session_run(run->session, lines);
        } else if (step == PIECE_NEXT) {
            rows = db_session_run(run->session, piece_params(&piece, &run->work));
            is_good = rows && piece_open(&piece, &run->work, rows);
        } else if (step == PIECE_TOO_LONG) {
            piece_close(&piece);
            command_fail("%s has more than %d lines", run->path, IMPORT_LINES_MOST);
            return false;
        }
    }
    piece_close(&piece);
    return is_good
               ? tell(run, import_judge_params(&(struct import_judge){
                               .event_id = &run->work.event_id, .import_id = &run->work.import_id}))
               : fail_database(run);
}

/* Ends the lease after reading or adding. */
static bool note(struct run *run)
{
    return tell(run, import_note_params(&(struct import_note){.event_id = &run->work.event_id,
                                                              .import_id = &run->work.import_id,
                                                              .tries = 1,
                                                              .end = "done"}));
}

/* --- Adding ---------------------------------------------------------------------------------- */

static void tell_progress(struct run *run, int64_t added)
{
    int64_t now = clock_monotonic_us();
    if (!run->tells_progress || now - run->told_at_us < PROGRESS_US)
        return;
    run->told_at_us = now;
    fprintf(stderr, "\r%lld lines …", (long long)added);
}

/* NULL: the database refused, and the transaction is over. */
static const struct rows *sign_up(struct run *run, struct params *statement)
{
    struct params *lock = registration_lock_tally_params();
    registration_lock_tally_add_event(lock, &run->work.event_id);
    if (!db_session_begin(run->session) || !db_session_run(run->session, lock)) {
        params_destroy(statement);
        db_session_rollback(run->session);
        return NULL;
    }
    const struct rows *rows = db_session_run(run->session, statement);
    if (!rows)
        db_session_rollback(run->session);
    return rows;
}

/* Adds the next portion. *ret_count: its lines; 0: there are none any more. */
static bool add_portion(struct run *run, size_t *ret_count, bool *ret_is_stale)
{
    struct adding adding;
    struct params *outcomes;
    const struct rows *rows =
        db_session_run(run->session, adding_portion_params(&run->work, ADDING_LINES));
    *ret_is_stale = false;
    if (!rows)
        return fail_database(run);
    *ret_count = (size_t)rows_count(rows);
    if (*ret_count == 0)
        return true;
    struct params *statement = adding_begin(&adding, &run->work, rows);
    rows = statement ? sign_up(run, statement) : NULL;
    bool is_good = rows || !statement;
    if (!is_good)
        fail_database(run);
    *ret_is_stale = rows && adding_is_stale(rows);
    if (is_good && !*ret_is_stale) {
        outcomes = adding_outcomes(&adding, &run->work, rows);
        is_good = (!statement || db_session_commit(run->session) || fail_database(run)) &&
                  tell(run, outcomes);
    } else if (*ret_is_stale) {
        db_session_rollback(run->session);
    }
    adding_end(&adding);
    return is_good;
}

static bool add_people(struct run *run)
{
    size_t count = 1;
    int64_t lines = 0;
    bool is_good = true, is_stale;
    for (int stale = 0; is_good && count > 0 && stale <= STALE_MOST;) {
        is_good = add_portion(run, &count, &is_stale);
        if (is_good && is_stale)
            is_good = ++stale <= STALE_MOST && load_event(run);
        lines += (int64_t)count;
        tell_progress(run, lines);
    }
    if (run->tells_progress)
        fprintf(stderr, "\r%lld lines  \n", (long long)lines);
    return is_good;
}

static bool start(struct run *run)
{
    if (run->event->cancelled || clock_now_us() >= run->event->tickets_expire_at_us) {
        command_fail("the event is over or cancelled");
        return false;
    }
    return tell(run, import_start_params(&(struct import_start){.event_id = &run->work.event_id,
                                                                .import_id = &run->work.import_id,
                                                                .actor = "command",
                                                                .tells = !run->is_silent,
                                                                .over_capacity = run->reason,
                                                                .lease_s = LEASE_S}));
}

/* --- The report ------------------------------------------------------------------------------ */

static void print_wording(const struct run *run, const char *key, json_t *data)
{
    struct buffer text;
    buffer_init(&text);
    locale_text(locale_find(run->locales, run->language), key, data, &text);
    printf("%s\n", buffer_text(&text));
    buffer_finish(&text);
    json_decref(data);
}

static bool print_lines(struct run *run)
{
    const struct rows *rows = db_session_run(
        run->session,
        import_people_params(&(struct import_people){.event_id = &run->work.event_id,
                                                     .import_id = &run->work.import_id,
                                                     .most = REPORTED_MOST + 1}));
    if (!rows)
        return fail_database(run);
    json_t *headings = json_array();
    for (size_t i = 0; i < run->columns.count; i++)
        json_array_append_new(headings, json_string(run->columns.headings[i]));
    for (int row = 0; row < rows_count(rows) && row < REPORTED_MOST; row++) {
        struct buffer why;
        buffer_init(&why);
        result_add_reasons(locale_find(run->locales, run->language), headings, rows, row, &why);
        printf("  %s: %s\n", rows_text(rows, row, "line"), buffer_text(&why));
        buffer_finish(&why);
    }
    if (rows_count(rows) > REPORTED_MOST)
        printf("  …\n");
    json_decref(headings);
    return true;
}

static bool report(struct run *run)
{
    const struct rows *rows = db_session_run(
        run->session, import_show_params(&(struct import_show){.event_id = &run->work.event_id,
                                                               .import_id = &run->work.import_id}));
    if (!rows)
        return fail_database(run);
    for (int row = 0; row < rows_count(rows) && !rows_is_null(rows, row, "kind"); row++)
        print_wording(run,
                      arena_printf(&run->arena, "import.outcome.%s", rows_text(rows, row, "kind")),
                      json_pack("{s:o}", "n", view_number_of(rows, row, "count")));
    if (run->is_dry && rows_number(rows, 0, "without_place") > 0)
        print_wording(
            run, "import.without_place",
            json_pack("{s:o}", "without_place", view_number_of(rows, 0, "without_place")));
    return print_lines(run);
}

/* A dry run leaves nothing behind. What was added stays a day, so that the desk can show it. */
static bool clean_up(struct run *run)
{
    return !run->is_dry ||
           tell(run, import_drop_params(&(struct import_drop){.event_id = &run->work.event_id,
                                                              .import_id = &run->work.import_id}));
}

static bool work(struct run *run)
{
    bool is_read = guess(run) && store(run) && read_lines(run) && note(run);
    if (!is_read || run->is_dry)
        return is_read && report(run) && clean_up(run);
    return start(run) && add_people(run) && note(run) && report(run);
}

static int run_import(const struct config *config, int argc, char **argv)
{
    struct run run = {.tells_progress = isatty(STDERR_FILENO)};
    bool is_done = false;
    arena_init(&run.arena);
    buffer_init(&run.file);
    bool is_used_well = read_arguments(&run, argc, argv);
    if (is_used_well)
        is_done = prepare(&run, config) && work(&run);
    if (run.event)
        events_release(run.event);
    if (run.session)
        db_session_close(run.session);
    locale_set_destroy(run.locales);
    buffer_finish(&run.file);
    arena_finish(&run.arena);
    if (!is_used_well)
        return COMMAND_USAGE;
    return is_done ? COMMAND_DONE : COMMAND_FAILED;
}

const struct command command_attendees_import = {
    .words = "attendees import",
    .arguments = "EVENT FILE [--dry-run] [--no-mail] [--ticket-type SLUG] [--over-capacity REASON] "
                 "[--lang LANGUAGE]",
    .help = "add the people of a CSV list",
    .run = run_import,
};
