#include "event/event_apply.h"

#include <string.h>

#include "event/event_diff.h"
#include "event/event_file.h"
#include "event/event_load.h"
#include "event/event_slug.h"
#include "event/event_unknown.h"
#include "event/events.h"
#include "statements.h"

enum {
    MEANWHILE_MOST = 20,
    OWN_SLUG_MOST = 24, /* longer slugs make larger QR codes */
};

struct application {
    struct db_session *session;
    const struct event_wish *wish;
    struct event_applied *applied;
    struct findings *findings;
    struct event *current, *wanted; /* current NULL: the event is new */
    char *definition_text;
};

static enum event_apply_outcome refuse(const struct application *application, const char *pointer,
                                       const char *code, json_t *data)
{
    findings_add(application->findings, pointer, code, data);
    return EVENT_APPLY_REFUSED;
}

/* --- What is there --------------------------------------------------------------------------- */

static bool take_turn(struct db_session *session, const char *slug)
{
    return db_session_run(
               session, event_apply_turn_params(&(struct event_apply_turn){.slug = slug})) != NULL;
}

static bool lock_and_load(struct application *application, const char *slug)
{
    struct db_session *session = application->session;
    struct event_applied *applied = application->applied;
    if (!take_turn(session, slug) ||
        !db_session_run(session,
                        event_apply_lock_params(&(struct event_apply_lock){.slug = slug})) ||
        !event_load_definition(session, slug, &application->current, &applied->before))
        return false;
    applied->version = application->current ? application->current->version : 0;
    return true;
}

static json_t *version_view(const struct rows *rows, int row)
{
    json_t *view =
        json_pack("{s:I, s:I, s:s, s:s}", "version", (json_int_t)rows_number(rows, row, "version"),
                  "at_us", (json_int_t)rows_time(rows, row, "at"), "local_at",
                  rows_text(rows, row, "local_at"), "actor", rows_text(rows, row, "actor"));
    if (!rows_is_null(rows, row, "actor_name"))
        json_object_set_new(view, "actor_name", json_string(rows_text(rows, row, "actor_name")));
    return view;
}

/* Tells who has changed the event since the version that the file was made from. */
static enum event_apply_outcome stale(const struct application *application)
{
    struct event_applied *applied = application->applied;
    const int64_t base = application->wish->base_version;
    const struct event_versions wanted = {
        .event = application->current->slug, .after = base - 1, .most = MEANWHILE_MOST};
    const struct rows *rows = db_session_run(application->session, event_versions_params(&wanted));
    if (!rows)
        return EVENT_APPLY_FAILED;
    applied->after = applied->before;
    applied->before = NULL;
    applied->meanwhile = json_array();
    for (int row = 0; row < rows_count(rows); row++) {
        if (rows_number(rows, row, "version") == base)
            applied->before = event_load_text(rows_text(rows, row, "definition"));
        else
            json_array_append_new(applied->meanwhile, version_view(rows, row));
    }
    return EVENT_APPLY_STALE;
}

/* Returns EVENT_APPLY_CHANGED if the file is about the right event and version. */
static enum event_apply_outcome check_base(const struct application *application)
{
    const struct event_wish *wish = application->wish;
    const struct event *current = application->current;
    const char *slug = json_string_value(json_object_get(wish->file, "slug"));
    if (wish->event_id && (!current || !id_equal(&current->id, wish->event_id)))
        return refuse(application, "/slug", "event.other_slug", NULL);
    if (wish->base_version == EVENT_APPLY_NEW && current)
        return refuse(application, "/slug", "event.slug_taken", json_pack("{s:s}", "slug", slug));
    if (wish->base_version > 0 && current && current->version != wish->base_version)
        return stale(application);
    return EVENT_APPLY_CHANGED;
}

/* --- The file -------------------------------------------------------------------------------- */

/* Who changes an event at the desk does not change the organiser, whom other events share. */
static enum event_apply_outcome put_organiser(const struct application *application)
{
    const struct event_wish *wish = application->wish;
    if (!wish->organiser_id)
        return EVENT_APPLY_CHANGED;
    const struct rows *rows =
        db_session_run(application->session,
                       event_apply_organiser_params(
                           &(struct event_apply_organiser){.organiser_id = wish->organiser_id}));
    if (!rows || rows_count(rows) == 0)
        return EVENT_APPLY_FAILED;
    const char *slug = rows_text(rows, 0, "slug");
    const char *given =
        json_string_value(json_object_get(json_object_get(wish->file, "organiser"), "slug"));
    if (given && strcmp(given, slug) != 0)
        return refuse(application, "/organiser/slug", "event.other_organiser",
                      json_pack("{s:s}", "organiser", slug));
    json_object_set_new(wish->file, "organiser",
                        json_pack("{s:s, s:s}", "slug", slug, "name", rows_text(rows, 0, "name")));
    return EVENT_APPLY_CHANGED;
}

/* Members that a newer version of the service stored in the event may be in the file and are kept.
 */
static bool read_file(struct application *application)
{
    struct event_applied *applied = application->applied;
    json_t *unknown = NULL, *file = application->wish->file;
    if (application->current) {
        json_t *known = event_file_write(application->current);
        unknown = event_unknown(applied->before, known);
        event_unknown_drop(file, unknown);
        json_decref(known);
    }
    application->wanted = event_file_read(file, application->findings);
    if (application->wanted) {
        applied->after = event_file_write(application->wanted);
        event_unknown_keep(applied->after, unknown);
        application->definition_text = json_dumps(applied->after, JSON_COMPACT);
    }
    json_decref(unknown);
    return application->wanted != NULL;
}

/* Returns EVENT_APPLY_CHANGED if the database has no findings. */
static enum event_apply_outcome check(const struct application *application)
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
    if (!rows)
        return EVENT_APPLY_FAILED;
    return findings_any(application->findings) ? EVENT_APPLY_REFUSED : EVENT_APPLY_CHANGED;
}

/* Writes the differences to the report. Returns whether there are any. */
static bool differs(const struct application *application)
{
    struct event_applied *applied = application->applied;
    const char *slug = application->wanted->slug;
    if (!applied->before) {
        buffer_printf(&applied->report, "%s: created\n", slug);
        return true;
    }
    char lead[EVENT_SLUG_MOST + sizeof ": "];
    snprintf(lead, sizeof lead, "%s: ", slug);
    json_t *differences = event_diff(applied->before, applied->after);
    bool any = json_array_size(differences) > 0;
    event_diff_write(differences, lead, "\n", &applied->report);
    if (!any)
        buffer_printf(&applied->report, "%s: unchanged\n", slug);
    json_decref(differences);
    return any;
}

/* --- The slug of a new event ----------------------------------------------------------------- */

/* In the main language. */
static const char *title_of(const json_t *file)
{
    const json_t *title = json_object_get(file, "title");
    const char *main = json_string_value(json_array_get(json_object_get(file, "languages"), 0));
    if (json_is_object(title))
        title = main ? json_object_get(title, main) : NULL;
    return json_is_string(title) ? json_string_value(title) : "";
}

/* Gives the file a slug that no event has. Events with the same stem take turns. */
static bool choose_slug(const struct application *application)
{
    struct arena arena;
    arena_init(&arena);
    json_t *file = application->wish->file;
    const char *title = title_of(file), *stem = event_slug(&arena, title, NULL, OWN_SLUG_MOST);
    const struct rows *rows =
        take_turn(application->session, stem)
            ? db_session_run(application->session,
                             event_slugs_params(&(struct event_slugs){.stem = stem}))
            : NULL;
    if (rows) {
        json_t *taken = json_pack("[s]", "new"); /* /desk/events/new is a page */
        for (int row = 0; row < rows_count(rows); row++)
            json_array_append_new(taken, json_string(rows_text(rows, row, "slug")));
        json_object_set_new(file, "slug",
                            json_string(event_slug(&arena, title, taken, OWN_SLUG_MOST)));
        json_decref(taken);
    }
    arena_finish(&arena);
    return rows != NULL;
}

/* --- Writing --------------------------------------------------------------------------------- */

static bool write(const struct application *application)
{
    struct event_applied *applied = application->applied;
    struct id event_id, organiser_id;
    id_make(&event_id);
    id_make(&organiser_id);
    const struct event_apply given = {
        .event_id = &event_id,
        .organiser_id = &organiser_id,
        .definition = application->definition_text,
        .actor = application->wish->actor,
    };
    const struct rows *rows = db_session_run(application->session, event_apply_params(&given));
    if (!rows)
        return false;
    applied->event_id = rows_id(rows, 0, "event_id");
    applied->version++;
    return true;
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

/* Queues a message for all people. */
static bool tell_kind(const struct application *application, enum message_kind kind)
{
    struct event_applied *applied = application->applied;
    const struct event_apply_tell given = {.event_id = &applied->event_id,
                                           .kind = message_kind_name(kind)};
    const struct rows *rows = db_session_run(application->session, event_apply_tell_params(&given));
    if (rows && rows_count(rows) > 0)
        applied->told = rows_number(rows, 0, "told");
    return rows != NULL;
}

/* People who have not heard of the cancellation yet get no mail that the event takes place after
 * all. So a move is told to everybody. */
static bool tell(const struct application *application)
{
    const struct event *before = application->current, *now = application->wanted;
    struct event_applied *applied = application->applied;
    bool done = true;
    if (!before || (before->cancelled && now->cancelled))
        return true;
    if (now->cancelled)
        done = tell_kind(application, MESSAGE_KIND_EVENT_CANCELLED);
    if (before->cancelled)
        done = tell_kind(application, MESSAGE_KIND_EVENT_REVIVED);
    if (done && !now->cancelled && is_moved(before, now))
        done = tell_kind(application, MESSAGE_KIND_EVENT_CHANGED);
    if (applied->told > 0)
        buffer_printf(&applied->report, "%s: %lld %s told by mail\n", now->slug,
                      (long long)applied->told,
                      applied->told == 1 ? "registration is" : "registrations are");
    return done;
}

static const char *slug_of(const struct event_applied *applied)
{
    return json_string_value(json_object_get(applied->after, "slug"));
}

/* Moves up the next portion. The lock is held for a moment only. */
static bool move_up(struct db_session *session, struct event_applied *applied, const char *more)
{
    const struct event_apply_move_up given = {.event_id = &applied->event_id};
    const struct rows *rows = db_session_run(session, event_apply_move_up_params(&given));
    int64_t moved = rows ? rows_number(rows, 0, "moved") : 0;
    applied->moved += moved;
    if (moved > 0)
        buffer_printf(&applied->report, "%s: %lld %s%s up from the waiting list\n",
                      slug_of(applied), (long long)moved, more,
                      moved == 1 ? "registration moves" : "registrations move");
    return rows != NULL;
}

static bool note(const struct application *application)
{
    struct event_applied *applied = application->applied;
    json_t *detail = json_pack("{s:s}", "changes", buffer_text(&applied->report));
    char *text = json_dumps(detail, JSON_COMPACT);
    const struct event_apply_done given = {
        .event_id = &applied->event_id, .actor = application->wish->actor, .detail = text};
    struct params *params = event_apply_done_params(&given);
    free(text);
    json_decref(detail);
    return db_session_run(application->session, params) != NULL;
}

static enum event_apply_outcome apply(struct application *application)
{
    const struct event_wish *wish = application->wish;
    if (wish->base_version == EVENT_APPLY_NEW && !json_object_get(wish->file, "slug") &&
        !choose_slug(application))
        return EVENT_APPLY_FAILED;
    const char *slug = json_string_value(json_object_get(wish->file, "slug"));
    if (slug && !lock_and_load(application, slug))
        return EVENT_APPLY_FAILED;
    enum event_apply_outcome outcome = slug ? check_base(application) : EVENT_APPLY_CHANGED;
    if (outcome == EVENT_APPLY_CHANGED)
        outcome = put_organiser(application);
    if (outcome == EVENT_APPLY_CHANGED && !read_file(application))
        outcome = EVENT_APPLY_REFUSED;
    if (outcome == EVENT_APPLY_CHANGED)
        outcome = check(application);
    if (outcome != EVENT_APPLY_CHANGED)
        return outcome;
    if (!differs(application))
        return EVENT_APPLY_UNCHANGED;
    if (wish->is_trial)
        return EVENT_APPLY_CHANGED;
    return write(application) && move_up(application->session, application->applied, "") &&
                   tell(application) && note(application)
               ? EVENT_APPLY_CHANGED
               : EVENT_APPLY_FAILED;
}

static void finish(struct application *application)
{
    free(application->definition_text);
    if (application->current)
        events_release(application->current);
    if (application->wanted)
        events_release(application->wanted);
}

void event_apply(struct db_session *session, const struct event_wish *wish,
                 struct findings *findings, struct event_applied *ret_applied)
{
    *ret_applied = (struct event_applied){.outcome = EVENT_APPLY_FAILED};
    buffer_init(&ret_applied->report);
    if (!db_session_begin(session))
        return;
    struct application application = {
        .session = session, .wish = wish, .applied = ret_applied, .findings = findings};
    ret_applied->outcome = apply(&application);
    bool writes = ret_applied->outcome == EVENT_APPLY_CHANGED && !wish->is_trial;
    if (!writes)
        db_session_rollback(session);
    else if (!db_session_commit(session))
        ret_applied->outcome = EVENT_APPLY_FAILED;
    finish(&application);
}

void event_applied_finish(struct event_applied *applied)
{
    json_decref(applied->before);
    json_decref(applied->after);
    json_decref(applied->meanwhile);
    buffer_finish(&applied->report);
}

static bool has_more(struct db_session *session, const struct event_applied *applied)
{
    const struct event_apply_moving asked = {.event_id = &applied->event_id};
    const struct rows *rows = db_session_run(session, event_apply_moving_params(&asked));
    return rows && rows_bool(rows, 0, "moving");
}

void event_apply_move_on(struct db_session *session, struct event_applied *applied)
{
    const struct event_apply_lock locked = {.slug = slug_of(applied)};
    while (has_more(session, applied)) {
        if (!db_session_begin(session))
            return;
        bool done = db_session_run(session, event_apply_lock_params(&locked)) &&
                    move_up(session, applied, "more ");
        if (!done)
            db_session_rollback(session);
        if (!done || !db_session_commit(session))
            return;
    }
}
