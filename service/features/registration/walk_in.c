#include "features/registration/walk_in.h"

#include "base/clock.h"
#include "db/db.h"
#include "security/attempts.h"
#include "event/changes.h"
#include "event/events.h"
#include "form/form.h"
#include "features/registration/draft.h"
#include "features/registration/registration.h"
#include "features/registration/sign_up.h"
#include "http/reply.h"
#include "security/secret.h"
#include "statements.h"
#include "view/locale.h"

/* One under way; lives in its request's arena. */
struct walk_in {
    struct request *request;
    const struct event *event; /* a reference of its own: the definition may change under it */
    struct draft draft;
    struct id registration_id, attendee_id, ticket_id;
    int tries;
};

static void attempt(struct walk_in *walk_in);

/* --- The answer ------------------------------------------------------------------------------ */

static void finish(struct walk_in *walk_in)
{
    events_release(walk_in->event);
    walk_in->event = NULL;
}

/* Takes the data. */
static void refuse(struct walk_in *walk_in, int status, const char *code, json_t *data)
{
    finish(walk_in);
    reply_problem(walk_in->request, &(struct problem){.status = status,
                                                      .code = code,
                                                      .data = data,
                                                      .retry_after_s = status == 503});
}

static void on_shown(void *context, const struct db_result *result)
{
    struct walk_in *walk_in = context;
    struct request *request = walk_in->request;
    struct registration registration;
    if (result->outcome != DB_DONE ||
        !registration_from_rows(request_arena(request), result->rows, &registration)) {
        refuse(walk_in, 503, "busy", NULL);
        return;
    }
    json_t *view = registration_view(request_worker(request), walk_in->event, &registration,
                                     request_arena(request));
    /* With it the guest's registration could be read and cancelled long after. */
    if (!(request_role(request) & WHO_EDITORS))
        json_object_del(view, "manage_url");
    finish(walk_in);
    reply_view(request, 201, view);
}

/* Done now or before: the same answer, from what the database has. */
static void show(struct walk_in *walk_in)
{
    struct worker *worker = request_worker(walk_in->request);
    changes_note(worker, &walk_in->event->id);
    struct params *params = params_create(sql_registration_show.parameter_count);
    params_id(params, 1, &walk_in->event->id);
    params_id(params, 2, &walk_in->registration_id);
    db_ask(worker->db, &sql_registration_show, params, on_shown, walk_in);
}

static json_t *places(const struct rows *rows, const char *column)
{
    return rows_is_null(rows, 0, column) ? json_null() : json_integer(rows_number(rows, 0, column));
}

/* What is left, for whoever decides what to do now; null: without limit. */
static json_t *sold_out_data(const struct rows *rows)
{
    return json_pack("{s:b, s:o, s:o}", "at_door", true, "places_left", places(rows, "places_left"),
                     "ticket_type_places_left", places(rows, "ticket_type_places_left"));
}

/* --- An event that changes meanwhile --------------------------------------------------------- */

static void on_newest_event(void *context, const struct event *event, int db_outcome)
{
    struct walk_in *walk_in = context;
    bool gone = db_outcome == DB_DONE;
    walk_in->event = event;
    if (event)
        attempt(walk_in);
    else if (gone)
        reply_refuse(walk_in->request, 404, "not_found");
    else
        reply_busy(walk_in->request, "busy");
}

static void try_again_with_newest_event(struct walk_in *walk_in)
{
    struct worker *worker = request_worker(walk_in->request);
    if (++walk_in->tries > WALK_IN_TRIES_MOST) {
        refuse(walk_in, 503, "busy", NULL);
        return;
    }
    const char *slug = arena_copy(request_arena(walk_in->request), walk_in->event->slug);
    events_forget(worker, &walk_in->event->id);
    finish(walk_in);
    events_find(worker, slug, on_newest_event, walk_in);
}

/* --- The database ---------------------------------------------------------------------------- */

static bool is(const char *outcome, const char *name)
{
    return strcmp(outcome, name) == 0;
}

static void on_decided(void *context, const struct db_result *result)
{
    struct walk_in *walk_in = context;
    if (result->outcome != DB_DONE) {
        refuse(walk_in, 503, "busy", NULL);
        return;
    }
    const char *outcome = rows_text(result->rows, 0, "outcome");
    if (is(outcome, "stale"))
        try_again_with_newest_event(walk_in);
    else if (is(outcome, "key_reused"))
        refuse(walk_in, 422, "idempotency_key_reused", NULL);
    else if (is(outcome, "no_event"))
        refuse(walk_in, 404, "not_found", NULL);
    else if (is(outcome, "already_registered"))
        refuse(walk_in, 409, "already_registered", json_pack("{s:b}", "at_door", true));
    else if (is(outcome, "sold_out"))
        refuse(walk_in, 409, "sold_out", sold_out_data(result->rows));
    else
        show(walk_in);
}

static const char *door_of(const struct request *request)
{
    return request_role(request) == WHO_DEVICE ? request_caller(request)->door : NULL;
}

static struct params *make_params(const struct walk_in *walk_in)
{
    struct request *request = walk_in->request;
    const struct draft *draft = &walk_in->draft;
    const struct draft_attendee *attendee = draft->attendees;
    struct params *params = params_create(sql_registration_walk_in.parameter_count);
    unsigned char fingerprint[SECRET_DIGEST_BYTES];
    size_t length;
    const char *body = request_body_bytes(request, &length);
    secret_digest(body, length, fingerprint);
    params_id(params, 1, &walk_in->event->id);
    params_id(params, 2, &walk_in->registration_id);
    params_number(params, 3, walk_in->event->version);
    params_text(params, 4, draft->email.address);
    params_text(params, 5, draft->email.key);
    params_text(params, 6, draft->language);
    params_text(params, 7, draft->consents);
    params_bytes(params, 8, fingerprint, sizeof fingerprint);
    params_id(params, 9, &walk_in->attendee_id);
    params_id(params, 10, &walk_in->ticket_id);
    params_time(params, 11, walk_in->event->tickets_expire_at_us);
    params_text(params, 12, attendee->ticket_type->slug);
    params_text(params, 13, attendee->name);
    params_text(params, 14, attendee->answers);
    params_text(params, 15, attendee->search);
    params_text(params, 16, door_of(request));
    params_bool(params, 17, walk_in->draft.over_capacity);
    params_text(params, 18, walk_in->draft.reason);
    params_text(params, 19, request_caller(request)->label);
    return params;
}

/* The same key is the same walk-in, and never somebody's sign-up. */
static void make_ids(struct walk_in *walk_in)
{
    const struct event *event = walk_in->event;
    struct request *request = walk_in->request;
    const char *key = request_idempotency_key(request);
    if (key) {
        struct id hash;
        key = arena_printf(request_arena(request), "walk-in %s", key);
        secret_id_for_key(&event->id, key, &hash);
        id_from_hash_in(event->number, hash.bytes, &walk_in->registration_id);
    } else {
        id_make_in(event->number, &walk_in->registration_id);
    }
    id_make_in(event->number, &walk_in->attendee_id);
    id_make_in(event->number, &walk_in->ticket_id);
}

static void decide(struct walk_in *walk_in)
{
    make_ids(walk_in);
    struct params *lock = params_create(sql_registration_lock_tally.parameter_count);
    params_add_id(lock, 1, &walk_in->event->id);
    db_run(request_worker(walk_in->request)->db, &(struct db_query){
                                                     .lane = DB_HOT,
                                                     .first = &sql_registration_lock_tally,
                                                     .first_params = lock,
                                                     .then = &sql_registration_walk_in,
                                                     .then_params = make_params(walk_in),
                                                     .again = true,
                                                     .on_done = on_decided,
                                                     .context = walk_in,
                                                 });
}

/* --- The request ----------------------------------------------------------------------------- */

/* A device lets in whom its door lets in; the door may be gone from the event file since. */
static bool find_door(const struct walk_in *walk_in, const struct door **ret_door)
{
    const char *slug = door_of(walk_in->request);
    *ret_door = slug ? event_door(walk_in->event, slug) : NULL;
    return !slug || *ret_door;
}

/* Whether what is asked for has nothing wrong with it; else it has been answered. */
static bool read_body(struct walk_in *walk_in)
{
    struct request *request = walk_in->request;
    struct draft_input input = {
        .event = walk_in->event,
        .body = request_body(request),
        .language = locale_code(request_locale(request)),
        .locale = request_locale(request),
        .at_door = true,
    };
    if (!find_door(walk_in, &input.door)) {
        refuse(walk_in, 409, "door_gone", NULL);
        return false;
    }
    json_t *errors = draft_read(request_arena(request), &input, &walk_in->draft);
    if (errors) {
        finish(walk_in);
        form_refuse(request, errors);
    }
    return !errors;
}

static void attempt(struct walk_in *walk_in)
{
    const struct event *event = walk_in->event;
    if (event->cancelled || clock_now_us() >= event->tickets_expire_at_us)
        refuse(walk_in, 409, "closed", sign_up_closed_data(event));
    else if (read_body(walk_in))
        decide(walk_in);
}

/* A device that was stolen registers no crowd, nor mails one. */
static bool is_too_fast(struct request *request)
{
    static const struct pace_limit limit = {.most = WALK_INS_MOST, .an_hour = WALK_INS_AN_HOUR};
    char caller[ID_TEXT_BYTES];
    id_format(&request_caller(request)->id, caller);
    return !attempts_allow(request_worker(request), &limit, &request_event(request)->id, caller,
                           clock_monotonic_us());
}

void walk_in_handle(struct request *request)
{
    if (is_too_fast(request)) {
        reply_problem(
            request,
            &(struct problem){.status = 429, .code = "too_many_walk_ins", .retry_after_s = 15});
        return;
    }
    struct walk_in *walk_in = arena_alloc(request_arena(request), sizeof *walk_in);
    walk_in->request = request;
    walk_in->event = events_hold(request_event(request));
    attempt(walk_in);
}
