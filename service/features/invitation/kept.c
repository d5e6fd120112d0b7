#include "features/invitation/kept.h"

#include "base/log.h"
#include "base/memory.h"
#include "event/event.h"
#include "event/events.h"
#include "features/invitation/invitation.h"
#include "form/field_view.h"
#include "form/form.h"
#include "http/reply.h"
#include "view/locale.h"
#include "worker.h"

enum { EVENTS_AT_ONCE = 100, PLACES_MOST = 1000000 };

struct wish {
    struct request *request;
    int64_t most; /* 0: as many as are invited */
    const char *day;
    bool ends;
    json_t *errors; /* a reference; NULL: none */
};

/* --- The page -------------------------------------------------------------------------------- */

static void reply_kept(const struct wish *wish, const struct rows *rows)
{
    struct request *request = wish->request;
    json_t *body = request_body(request), *most = json_null(), *day = json_null();
    bool is_over = rows_bool(rows, 0, "is_over");
    json_t *view = json_pack("{s:b, s:I}", "is_kept", !is_over, "kept",
                             (json_int_t)rows_number(rows, 0, "kept"));
    if (!rows_is_null(rows, 0, "most"))
        most = json_sprintf("%lld", (long long)rows_number(rows, 0, "most"));
    if (!rows_is_null(rows, 0, "day"))
        day = json_string(rows_text(rows, 0, "day"));
    if (!request_is_desk(request)) {
        json_object_set_new(view, "day", is_over ? json_null() : json_incref(day));
        json_object_set_new(view, "most", view_number_of(rows, 0, "most"));
        json_decref(most);
        json_decref(day);
        reply_view(request, 200, view);
        return;
    }
    json_t *problems = field_view_problems(request_arena(request), wish->errors, false);
    json_object_set_new(view, "list", json_string(invitation_path(request, "")));
    json_object_set_new(view, "action", json_string(invitation_path(request, "/places")));
    json_object_set_new(view, "may_edit", json_boolean(request_role(request) & WHO_EDITORS));
    json_object_set_new(view, "no_capacity", json_boolean(!rows_bool(rows, 0, "has_capacity")));
    json_object_set_new(view, "has_problems", json_boolean(json_array_size(problems) > 0));
    json_object_set_new(view, "problems", problems);
    if (!is_over)
        json_object_set(view, "until", day);
    json_object_set_new(
        view, "most_field",
        field_view_plain(wish->errors, "most", body ? json_object_get(body, "most") : most));
    json_object_set_new(
        view, "day_field",
        field_view_plain(wish->errors, "day", body ? json_object_get(body, "day") : day));
    json_object_set_new(
        view, "edit",
        json_string(arena_printf(request_arena(request), "/desk/events/%s/edit/places",
                                 request_event(request)->slug)));
    json_decref(most);
    json_decref(day);
    int status = wish->errors ? 422 : 200;
    json_decref(wish->errors);
    reply_page(request, status, "features/invitation/kept.html", view);
}

static void on_kept(void *context, const struct db_result *result)
{
    const struct wish *wish = context;
    if (result->outcome == DB_DONE) {
        reply_kept(wish, result->rows);
    } else {
        json_decref(wish->errors);
        reply_failed(wish->request, result);
    }
}

static void show(struct wish *wish)
{
    db_ask(request_worker(wish->request)->db,
           invitation_kept_params(
               &(struct invitation_kept){.event_id = &request_event(wish->request)->id}),
           on_kept, wish);
}

void kept_show(struct request *request)
{
    struct wish *wish = arena_alloc(request_arena(request), sizeof *wish);
    wish->request = request;
    request_locale(request); /* reads headers, which is possible only now */
    show(wish);
}

/* --- Keeping --------------------------------------------------------------------------------- */

static const struct form_field fields[] = {
    {"most", KIND_INTEGER, FORM_AT(struct wish, most), .least = 1, .most = PLACES_MOST},
    {"day", KIND_DATE, FORM_AT(struct wish, day)},
    {"end", KIND_BOOLEAN, FORM_AT(struct wish, ends)},
};

static void check(const struct form_place *place, void *values)
{
    const struct wish *wish = values;
    if (!wish->day && !wish->ends)
        form_refuse_at(place, "day", "kept_day_needed", NULL);
}

static const struct form form = FORM(struct wish, fields, .check = check);

static void refuse(struct wish *wish)
{
    if (request_is_desk(wish->request))
        show(wish);
    else
        form_refuse(wish->request, wish->errors);
}

static void on_changed(void *context, const struct db_result *result)
{
    struct wish *wish = context;
    struct request *request = wish->request;
    struct findings findings;
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
        return;
    }
    switch (invitation_keep_outcome(result->rows, 0)) {
    case KEEP_OUTCOME_PAST:
        findings_init(&findings, request_locale(request));
        findings_add(&findings, "/day", "kept_day_past", NULL);
        wish->errors = findings_take(&findings);
        refuse(wish);
        return;
    case KEEP_OUTCOME_KEPT:
    case KEEP_OUTCOME_ENDED:
        changes_note(request_worker(request), &request_event(request)->id);
        if (request_is_desk(request))
            reply_see_other(request,
                            invitation_path(request, wish->ends ? "?done=invitation.kept_no_more"
                                                                : "?done=invitation.kept"));
        else
            show(wish);
        return;
    case KEEP_OUTCOME_NONE:
        break;
    }
    reply_refuse(request, 500, "internal");
}

void kept_change(struct request *request)
{
    struct wish *wish = arena_alloc(request_arena(request), sizeof *wish);
    request_locale(request); /* reads headers, which is possible only now */
    wish->errors = form_read_body(request, &form, NULL, wish);
    wish->request = request;
    if (wish->errors) {
        refuse(wish);
        return;
    }
    invitation_run_locked(request,
                          invitation_keep_params(
                              &(struct invitation_keep){.event_id = &request_event(request)->id,
                                                        .most = wish->most > 0 ? &wish->most : NULL,
                                                        .day = wish->ends ? NULL : wish->day,
                                                        .actor = request_caller(request)->label}),
                          on_changed, wish);
}

/* --- When the day is over -------------------------------------------------------------------- */

struct ending {
    struct worker *worker;
    struct id event_id;
};

static void on_ended(void *context, const struct db_result *result)
{
    struct ending *ending = context;
    int64_t count = result->outcome == DB_DONE ? rows_number(result->rows, 0, "count") : 0;
    if (result->outcome == DB_DONE)
        changes_note(ending->worker, &ending->event_id);
    if (count > 0)
        log_event(LOG_INFO, "moved_up", log_number("registrations", count));
    free(ending);
}

static void on_due(void *context, const struct db_result *result)
{
    struct worker *worker = context;
    for (int row = 0; result->outcome == DB_DONE && row < rows_count(result->rows); row++) {
        struct ending *ending = memory_alloc(sizeof *ending);
        struct params *lock = registration_lock_tally_params();
        *ending = (struct ending){worker, rows_id(result->rows, row, "event_id")};
        registration_lock_tally_add_event(lock, &ending->event_id);
        db_run(worker->db,
               &(struct db_query){.lane = DB_LOCKING,
                                  .key = &ending->event_id,
                                  .lock = lock,
                                  .run = invitation_kept_end_params(
                                      &(struct invitation_kept_end){.event_id = &ending->event_id}),
                                  .again = true,
                                  .on_done = on_ended,
                                  .context = ending});
    }
}

static void find(struct worker *worker, bool all_of_them)
{
    db_ask(worker->db,
           invitation_kept_due_params(
               &(struct invitation_kept_due){.all_of_them = all_of_them, .most = EVENTS_AT_ONCE}),
           on_due, worker);
}

void kept_end(struct worker *worker)
{
    find(worker, false);
}

void kept_count(struct worker *worker)
{
    find(worker, true);
}
