#include "features/event/event_apply.h"

#include "event/event_file.h"
#include "event/event_load.h"
#include "event/event_unknown.h"
#include "event/events.h"
#include "features/event/event_diff.h"
#include "statements.h"

struct application {
    struct db_session *session;
    const char *actor;
    json_t *file;
    struct event *current, *wanted; /* current NULL: the event is new */
    json_t *before, *definition;    /* before NULL: the event is new */
    char *definition_text;
    struct id event_id;
    struct findings *findings;
    struct buffer *report;
    bool is_written; /* a new version */
};

static bool lock_and_load(struct application *application, const char *slug)
{
    struct db_session *session = application->session;
    return db_session_run(session, event_apply_turn_params()) &&
           db_session_run(session,
                          event_apply_lock_params(&(struct event_apply_lock){.slug = slug})) &&
           event_load_definition(session, slug, &application->current, &application->before);
}

/* Members that a newer version of the service stored in the event may be in the file and are kept.
 */
static bool read_file(struct application *application)
{
    json_t *unknown = NULL;
    if (application->current) {
        json_t *known = event_file_write(application->current);
        unknown = event_unknown(application->before, known);
        event_unknown_drop(application->file, unknown);
        json_decref(known);
    }
    application->wanted = event_file_read(application->file, application->findings);
    if (application->wanted) {
        application->definition = event_file_write(application->wanted);
        event_unknown_keep(application->definition, unknown);
        application->definition_text = json_dumps(application->definition, JSON_COMPACT);
    }
    json_decref(unknown);
    return application->wanted != NULL;
}

/* Returns false if the database has findings or failed. */
static bool check(const struct application *application)
{
    const struct event_apply_check asked = {
        .event_id = application->current ? &application->current->id : NULL,
        .file = application->definition_text,
    };
    const struct rows *rows =
        db_session_run(application->session, event_apply_check_params(&asked));
    for (int i = 0; rows && i < rows_count(rows); i++)
        findings_add(application->findings, rows_text(rows, i, "pointer"),
                     rows_text(rows, i, "code"), json_loads(rows_text(rows, i, "data"), 0, NULL));
    return rows && !findings_any(application->findings);
}

static bool write(struct application *application)
{
    struct id event_id, organiser_id;
    id_make(&event_id);
    id_make(&organiser_id);
    const struct event_apply given = {
        .event_id = &event_id,
        .organiser_id = &organiser_id,
        .definition = application->definition_text,
        .actor = application->actor,
    };
    const struct rows *rows = db_session_run(application->session, event_apply_params(&given));
    if (rows)
        application->event_id = rows_id(rows, 0, "event_id");
    application->is_written = rows != NULL;
    return application->is_written;
}

static bool same(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool is_moved(const struct event *before, const struct event *now)
{
    return !same(before->starts_at, now->starts_at) || !same(before->ends_at, now->ends_at) ||
           !same(before->timezone, now->timezone) || !same(before->venue_name, now->venue_name) ||
           !same(before->venue_address, now->venue_address);
}

/* Queues a message for all people. Adds the number of told registrations. */
static bool tell_kind(const struct application *application, enum message_kind kind, int64_t *told)
{
    const struct event_apply_tell given = {.event_id = &application->event_id,
                                           .kind = message_kind_name(kind)};
    const struct rows *rows = db_session_run(application->session, event_apply_tell_params(&given));
    if (rows && rows_count(rows) > 0)
        *told = rows_number(rows, 0, "told");
    return rows != NULL;
}

/* People who have not heard of the cancellation yet get no mail that the event takes place after
 * all. So a move is told to everybody. */
static bool tell(const struct application *application)
{
    const struct event *before = application->current, *now = application->wanted;
    int64_t told = 0;
    bool done = true;
    if (!before || (before->cancelled && now->cancelled))
        return true;
    if (now->cancelled)
        done = tell_kind(application, MESSAGE_KIND_EVENT_CANCELLED, &told);
    if (before->cancelled)
        done = tell_kind(application, MESSAGE_KIND_EVENT_REVIVED, &told);
    if (done && !now->cancelled && is_moved(before, now))
        done = tell_kind(application, MESSAGE_KIND_EVENT_CHANGED, &told);
    if (told > 0)
        buffer_printf(application->report, "%s: %lld %s told by mail\n", now->slug, (long long)told,
                      told == 1 ? "registration is" : "registrations are");
    return done;
}

/* Moves up the first portion, in the transaction of the change. The lock is held for a moment only.
 */
static bool move_up(const struct application *application, const char *more)
{
    const struct event_apply_move_up given = {.event_id = &application->event_id};
    const struct rows *rows =
        db_session_run(application->session, event_apply_move_up_params(&given));
    int64_t moved = rows ? rows_number(rows, 0, "moved") : 0;
    if (moved > 0)
        buffer_printf(application->report, "%s: %lld %s%s up from the waiting list\n",
                      application->wanted->slug, (long long)moved, more,
                      moved == 1 ? "registration moves" : "registrations move");
    return rows != NULL;
}

static bool note(const struct application *application)
{
    json_t *detail = json_pack("{s:s}", "changes", buffer_text(application->report));
    char *text = json_dumps(detail, JSON_COMPACT);
    const struct event_apply_done given = {
        .event_id = &application->event_id, .actor = application->actor, .detail = text};
    struct params *params = event_apply_done_params(&given);
    free(text);
    json_decref(detail);
    return db_session_run(application->session, params) != NULL;
}

/* Writes the differences to the report. Returns whether there are any. */
static bool differs(const struct application *application)
{
    const char *slug = application->wanted->slug;
    if (!application->before) {
        buffer_printf(application->report, "%s: created\n", slug);
        return true;
    }
    char lead[EVENT_SLUG_MOST + sizeof ": "];
    snprintf(lead, sizeof lead, "%s: ", slug);
    size_t differences =
        event_diff(application->before, application->definition, lead, "\n", application->report);
    if (differences == 0)
        buffer_printf(application->report, "%s: unchanged\n", slug);
    return differences > 0;
}

static bool apply(struct application *application)
{
    const char *slug = json_string_value(json_object_get(application->file, "slug"));
    if (slug && !lock_and_load(application, slug))
        return false;
    if (!read_file(application) || !check(application))
        return false;
    if (!differs(application))
        return true;
    return write(application) && move_up(application, "") && tell(application) && note(application);
}

static bool has_more(const struct application *application)
{
    const struct event_apply_moving asked = {.event_id = &application->event_id};
    const struct rows *rows =
        db_session_run(application->session, event_apply_moving_params(&asked));
    return rows && rows_bool(rows, 0, "moving");
}

/* The other portions, each in a transaction of its own. Where that fails, the service goes on. */
static void move_up_the_others(const struct application *application)
{
    struct db_session *session = application->session;
    const struct event_apply_lock locked = {.slug = application->wanted->slug};
    while (has_more(application)) {
        if (!db_session_begin(session))
            return;
        bool done = db_session_run(session, event_apply_lock_params(&locked)) &&
                    move_up(application, "more ");
        if (!done)
            db_session_rollback(session);
        if (!done || !db_session_commit(session))
            return;
    }
}

static void finish(struct application *application)
{
    free(application->definition_text);
    json_decref(application->before);
    json_decref(application->definition);
    if (application->current)
        events_release(application->current);
    if (application->wanted)
        events_release(application->wanted);
}

bool event_apply(struct db_session *session, json_t *file, const char *actor,
                 struct findings *findings, struct buffer *ret_report)
{
    if (!db_session_begin(session))
        return false;
    struct application application = {.session = session,
                                      .actor = actor,
                                      .file = file,
                                      .findings = findings,
                                      .report = ret_report};
    bool done = apply(&application);
    if (done)
        done = db_session_commit(session);
    else
        db_session_rollback(session);
    if (done && application.is_written)
        move_up_the_others(&application);
    finish(&application);
    return done;
}
