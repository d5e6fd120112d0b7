#include "features/event/event_apply.h"

#include "features/event/event_diff.h"
#include "event/event_file.h"
#include "event/event_load.h"
#include "event/events.h"
#include "statements.h"

/* One file on its way into the database. */
struct application {
    struct db_session *session;
    const struct event *wanted;
    struct event *current; /* NULL: it is new */
    json_t *file;          /* what is wanted, in the one form that can be compared */
    char *file_text;
    struct id event_id;
    struct findings *findings;
    struct buffer *report;
};

static struct params *id_and_file(const struct application *application, const struct id *id)
{
    struct params *params = params_create(2);
    params_id(params, 1, id);
    params_text(params, 2, application->file_text);
    return params;
}

static const struct rows *run(const struct application *application,
                              const struct statement *statement)
{
    return db_session_run(application->session, statement,
                          id_and_file(application, &application->event_id));
}

static bool lock_and_load(struct application *application)
{
    struct params *slug = params_create(1);
    params_text(slug, 1, application->wanted->slug);
    if (!db_session_run(application->session, &sql_event_apply_turn, params_create(0))) {
        params_destroy(slug);
        return false;
    }
    return db_session_run(application->session, &sql_event_apply_lock, slug) &&
           event_load(application->session, application->wanted->slug, &application->current);
}

/* Whether the database has nothing against the file. */
static bool check(const struct application *application)
{
    const struct event *current = application->current;
    const struct rows *rows =
        db_session_run(application->session, &sql_event_apply_check,
                       id_and_file(application, current ? &current->id : NULL));
    for (int i = 0; rows && i < rows_count(rows); i++)
        findings_add(application->findings, rows_text(rows, i, "pointer"),
                     rows_text(rows, i, "code"), json_loads(rows_text(rows, i, "data"), 0, NULL));
    return rows && !findings_any(application->findings);
}

static bool write_organiser(const struct application *application)
{
    struct id id;
    id_make(&id);
    return db_session_run(application->session, &sql_event_apply_organiser,
                          id_and_file(application, &id)) != NULL;
}

static bool write_event(struct application *application)
{
    id_make(&application->event_id);
    const struct rows *rows = run(application, &sql_event_apply_event);
    if (rows)
        application->event_id = rows_id(rows, 0, "event_id");
    return rows != NULL;
}

static bool write_lists(const struct application *application)
{
    static const struct statement *const statements[] = {
        &sql_event_apply_ticket_types, &sql_event_apply_questions, &sql_event_apply_consents_retire,
        &sql_event_apply_consents,     &sql_event_apply_doors,     NULL,
    };
    for (int i = 0; statements[i]; i++) {
        if (!run(application, statements[i]))
            return false;
    }
    return true;
}

static bool same(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

/* What those who are registered have to know. NULL: nothing. */
static const char *news(const struct event *before, const struct event *now)
{
    if (!before || (before->cancelled && now->cancelled))
        return NULL;
    if (now->cancelled)
        return "event_cancelled";
    bool stays = !before->cancelled && same(before->starts_at, now->starts_at) &&
                 same(before->ends_at, now->ends_at) && same(before->timezone, now->timezone) &&
                 same(before->venue_name, now->venue_name) &&
                 same(before->venue_address, now->venue_address);
    return stays ? NULL : "event_changed";
}

static bool tell(const struct application *application)
{
    const char *kind = news(application->current, application->wanted);
    if (!kind)
        return true;
    struct params *params = params_create(2);
    params_id(params, 1, &application->event_id);
    params_text(params, 2, kind);
    const struct rows *rows = db_session_run(application->session, &sql_event_apply_tell, params);
    int64_t told = rows && rows_count(rows) > 0 ? rows_number(rows, 0, "told") : 0;
    if (told > 0)
        buffer_printf(application->report, "%s: %lld %s told by mail\n", application->wanted->slug,
                      (long long)told, told == 1 ? "registration is" : "registrations are");
    return rows != NULL;
}

static bool move_up(const struct application *application)
{
    struct params *tickets = params_create(1), *places = params_create(1);
    params_id(tickets, 1, &application->event_id);
    params_id(places, 1, &application->event_id);
    if (!db_session_run(application->session, &sql_event_apply_tickets, tickets)) {
        params_destroy(places);
        return false;
    }
    const struct rows *rows =
        db_session_run(application->session, &sql_event_apply_move_up, places);
    int64_t moved = rows ? rows_number(rows, 0, "moved") : 0;
    if (moved > 0)
        buffer_printf(application->report, "%s: %lld %s up from the waiting list\n",
                      application->wanted->slug, (long long)moved,
                      moved == 1 ? "registration moves" : "registrations move");
    return rows != NULL;
}

static bool follow_up(const struct application *application)
{
    return move_up(application) && tell(application);
}

static bool note(const struct application *application)
{
    json_t *detail = json_pack("{s:s}", "changes", buffer_text(application->report));
    char *text = json_dumps(detail, JSON_COMPACT);
    struct params *params = params_create(2);
    params_id(params, 1, &application->event_id);
    params_text(params, 2, text);
    free(text);
    json_decref(detail);
    return db_session_run(application->session, &sql_event_apply_done, params) != NULL;
}

/* Whether there is something to do; says what. */
static bool differs(const struct application *application)
{
    const char *slug = application->wanted->slug;
    if (!application->current) {
        buffer_printf(application->report, "%s: created\n", slug);
        return true;
    }
    json_t *before = event_file_write(application->current);
    size_t differences = event_diff(slug, before, application->file, application->report);
    json_decref(before);
    if (differences == 0)
        buffer_printf(application->report, "%s: unchanged\n", slug);
    return differences > 0;
}

static bool apply(struct application *application)
{
    if (!lock_and_load(application) || !check(application))
        return false;
    if (!differs(application))
        return true;
    return write_organiser(application) && write_event(application) && write_lists(application) &&
           follow_up(application) && note(application);
}

bool event_apply(struct db_session *session, const struct event *wanted, struct findings *findings,
                 struct buffer *ret_report)
{
    if (!db_session_begin(session))
        return false;
    struct application application = {
        .session = session, .wanted = wanted, .findings = findings, .report = ret_report};
    application.file = event_file_write(wanted);
    application.file_text = json_dumps(application.file, JSON_COMPACT);
    bool done = apply(&application);
    if (done)
        done = db_session_commit(session);
    else
        db_session_rollback(session);
    free(application.file_text);
    json_decref(application.file);
    if (application.current)
        events_release(application.current);
    return done;
}
