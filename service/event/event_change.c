#include "event/event_change.h"

#include <event2/event.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/pool.h"
#include "db/db.h"
#include "db/migrate.h"
#include "event/event.h"
#include "event/event_diff.h"
#include "event/event_load.h"
#include "event/events.h"
#include "event/history.h"
#include "http/reply.h"
#include "http/request.h"
#include "statements.h"
#include "worker.h"

enum {
    CHANGES_WAITING_MOST = 50, /* limit: changes of events that wait, per process */
    LOCK_MS = 5000,
    STATEMENT_MS = 15000,
};

/* --- The threads ----------------------------------------------------------------------------- */

static void *create_pool(struct worker *worker)
{
    (void)worker;
    return pool_create(EVENT_CHANGES_AT_ONCE, CHANGES_WAITING_MOST);
}

static void destroy_pool(void *state)
{
    pool_destroy(state);
}

static const struct worker_slot pool_slot = {
    .name = "event_changes", .shared = true, .create = create_pool, .destroy = destroy_pool};

/* Of one worker. */
struct outlet {
    struct pool_outlet *pool;
    struct event *on_done;
};

static void on_readable(evutil_socket_t fd, short what, void *context)
{
    struct outlet *outlet = context;
    (void)fd, (void)what;
    pool_outlet_run(outlet->pool);
}

static void *create_outlet(struct worker *worker)
{
    struct outlet *outlet = memory_alloc(sizeof *outlet);
    outlet->pool = pool_outlet_create(worker_state(worker, &pool_slot));
    outlet->on_done = event_new(worker->loop, pool_outlet_fd(outlet->pool), EV_READ | EV_PERSIST,
                                on_readable, outlet);
    event_add(outlet->on_done, NULL);
    return outlet;
}

static void destroy_outlet(void *state)
{
    struct outlet *outlet = state;
    event_free(outlet->on_done);
    pool_outlet_destroy(outlet->pool);
    free(outlet);
}

static const struct worker_slot outlet_slot = {
    .name = "event_changes_of_worker", .create = create_outlet, .destroy = destroy_outlet};

/* --- A change -------------------------------------------------------------------------------- */

struct work {
    struct request *request; /* not for the thread */
    event_change_done *on_changed;
    void *context;

    const char *conninfo;
    struct primary *primary;
    const struct locale *locale;
    char *actor;
    struct id event_id, organiser_id;
    struct event_wish wish;
    struct findings findings;
    struct event_applied applied;
};

static void run_on(struct db_session *session, struct work *work)
{
    if (db_session_time_out(session, LOCK_MS, STATEMENT_MS))
        event_apply(session, &work->wish, &work->findings, &work->applied);
    /* Another connection has met the new primary meanwhile: this change is lost. */
    if (primary_is_behind(work->primary, db_session_server(session)->timeline))
        work->applied.outcome = EVENT_APPLY_FAILED;
    if (work->applied.outcome == EVENT_APPLY_FAILED)
        log_event(LOG_WARNING, "event_change_failed",
                  log_text("sqlstate", db_session_sqlstate(session)));
}

static void run(void *context)
{
    struct work *work = context;
    struct db_session *session;
    struct buffer error;
    buffer_init(&error);
    if (db_session_open(work->conninfo, migrate_schema(all_migrations, all_functions),
                        work->primary, &session, &error)) {
        run_on(session, work);
        db_session_close(session);
    } else {
        log_event(LOG_WARNING, "event_change_failed", log_text("sqlstate", ""));
    }
    buffer_finish(&error);
}

static enum event_change_outcome outcome_of(const struct work *work)
{
    switch (work->applied.outcome) {
    case EVENT_APPLY_CHANGED:
        return EVENT_CHANGE_CHANGED;
    case EVENT_APPLY_UNCHANGED:
        return EVENT_CHANGE_UNCHANGED;
    case EVENT_APPLY_REFUSED:
        return EVENT_CHANGE_REFUSED;
    case EVENT_APPLY_STALE:
        return EVENT_CHANGE_STALE;
    case EVENT_APPLY_FAILED:
        break;
    }
    return EVENT_CHANGE_AWAY;
}

static json_t *changes_of(const struct work *work)
{
    const struct event_applied *applied = &work->applied;
    if (!applied->before || !applied->after)
        return json_array();
    json_t *differences = event_diff(applied->before, applied->after);
    json_t *changes = event_diff_say(differences, applied->before, applied->after, work->locale);
    json_decref(differences);
    return changes;
}

static json_t *meanwhile_of(const struct work *work)
{
    size_t i;
    json_t *version, *views = json_array();
    json_array_foreach (work->applied.meanwhile, i, version) {
        int64_t at_us = json_integer_value(json_object_get(version, "at_us"));
        json_array_append_new(views,
                              json_pack("{s:O, s:o, s:O, s:o}", "version",
                                        json_object_get(version, "version"), "at", view_time(at_us),
                                        "local_at", json_object_get(version, "local_at"), "who",
                                        history_who(version, work->locale)));
    }
    return views;
}

static void tell(struct work *work)
{
    const struct event_applied *applied = &work->applied;
    const json_t *document = applied->after ? applied->after : work->wish.file;
    struct event_changed changed = {
        .outcome = outcome_of(work),
        .slug = json_string_value(json_object_get(document, "slug")),
        .version = applied->version,
        .changes = changes_of(work),
        .errors = findings_take(&work->findings),
        .meanwhile = meanwhile_of(work),
        .document = applied->after,
        .told = applied->told,
        .moved = applied->moved,
    };
    work->on_changed(work->context, &changed);
    json_decref(changed.changes);
    json_decref(changed.errors);
    json_decref(changed.meanwhile);
}

static void finish(struct work *work)
{
    findings_finish(&work->findings);
    event_applied_finish(&work->applied);
    json_decref(work->wish.file);
    free(work->actor);
    free(work);
}

/* The answer must not be older than the change, on any worker. */
static void on_done(void *context)
{
    struct work *work = context;
    struct worker *worker = request_worker(work->request);
    if (work->applied.outcome == EVENT_APPLY_CHANGED && !work->wish.is_trial) {
        changes_note(worker, &work->applied.event_id);
        events_changed(worker, &work->applied.event_id);
    }
    tell(work);
    finish(work);
}

static void on_dropped(void *context)
{
    finish(context);
}

static void on_full(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what;
    on_done(context);
}

/* Copies what the thread needs, because the request may end before it. */
static struct work *make_work(struct request *request, const struct event_change *change)
{
    struct work *work = memory_alloc(sizeof *work);
    const struct event *event = change->organiser_id ? NULL : request_event(request);
    work->request = request;
    work->conninfo = request_worker(request)->config->database;
    work->primary = db_primary(request_worker(request)->db);
    work->locale = request_locale(request);
    work->actor = memory_copy(request_caller(request)->label);
    if (event)
        work->event_id = event->id;
    work->organiser_id = event ? event->organiser_id : *change->organiser_id;
    work->wish = (struct event_wish){
        .file = change->document,
        .actor = work->actor,
        .base_version = change->base_version,
        .event_id = event ? &work->event_id : NULL,
        .organiser_id = &work->organiser_id,
        .is_trial = change->is_trial,
    };
    findings_init(&work->findings, work->locale);
    work->findings.words = change->words;
    return work;
}

void event_change(struct request *request, const struct event_change *change,
                  event_change_done *on_changed, void *context)
{
    static const struct timeval now = {0};
    struct worker *worker = request_worker(request);
    struct outlet *outlet = worker_state(worker, &outlet_slot);
    struct work *work = make_work(request, change);
    work->on_changed = on_changed;
    work->context = context;
    const struct pool_job job = {run, on_done, on_dropped, work};
    if (!pool_submit(outlet->pool, &job) &&
        event_base_once(worker->loop, -1, EV_TIMEOUT, on_full, work, &now) != 0)
        abort(); /* out of memory */
}

void event_change_reply(struct request *request, const struct event_changed *changed)
{
    switch (changed->outcome) {
    case EVENT_CHANGE_CHANGED:
    case EVENT_CHANGE_UNCHANGED:
        reply_view(request, 200,
                   json_pack("{s:i, s:O, s:I, s:I}", "version", changed->version, "changes",
                             changed->changes, "told", (json_int_t)changed->told, "moved",
                             (json_int_t)changed->moved));
        return;
    case EVENT_CHANGE_REFUSED:
        form_refuse(request, json_incref(changed->errors));
        return;
    case EVENT_CHANGE_STALE:
        reply_problem(request,
                      &(struct problem){.status = 412,
                                        .code = "stale",
                                        .data = json_pack("{s:i}", "version", changed->version)});
        return;
    case EVENT_CHANGE_AWAY:
        break;
    }
    reply_busy(request, "busy");
}

/* --- The definition -------------------------------------------------------------------------- */

struct finding {
    struct request *request;
    event_definition_found *on_found;
    void *context;
};

static json_t *who_of(struct request *request, const struct rows *rows)
{
    json_t *entry = json_pack("{s:s}", "actor", rows_text(rows, 0, "actor"));
    if (!rows_is_null(rows, 0, "actor_name"))
        json_object_set_new(entry, "actor_name", json_string(rows_text(rows, 0, "actor_name")));
    json_t *who = history_who(entry, request_locale(request));
    json_decref(entry);
    return who;
}

static void on_definition(void *context, const struct db_result *result)
{
    const struct finding *finding = context;
    struct event_definition definition = {0};
    if (result->outcome != DB_DONE) {
        reply_failed(finding->request, result);
        finding->on_found(finding->context, NULL);
        return;
    }
    const struct rows *rows = result->rows;
    bool is_there = rows_count(rows) > 0;
    if (is_there)
        definition = (struct event_definition){
            .version = (int)rows_number(rows, 0, "version"),
            .newest = (int)rows_number(rows, 0, "newest"),
            .document = event_load_text(rows_text(rows, 0, "definition")),
            .local_at = rows_text(rows, 0, "local_at"),
            .who = who_of(finding->request, rows),
        };
    finding->on_found(finding->context, &definition);
    json_decref(definition.document);
    json_decref(definition.who);
}

void event_definition_find(struct request *request, int version, event_definition_found *on_found,
                           void *context)
{
    const int64_t number = version;
    const struct event_definition_load wanted = {.event_id = &request_event(request)->id,
                                                 .version = version > 0 ? &number : NULL};
    struct finding *finding = arena_alloc(request_arena(request), sizeof *finding);
    *finding = (struct finding){request, on_found, context};
    request_locale(request); /* headers can be read before a wait only */
    db_ask(request_worker(request)->db, event_definition_load_params(&wanted), on_definition,
           finding);
}
