#include "features/registration/sign_up.h"

#include "base/clock.h"
#include "db/batch.h"
#include "db/measure.h"
#include "security/attempts.h"
#include "event/access_code.h"
#include "event/changes.h"
#include "event/events.h"
#include "form/form.h"
#include "features/registration/draft.h"
#include "features/registration/registration.h"
#include "http/reply.h"
#include "security/secret.h"
#include "statements.h"
#include "view/locale.h"

/* One sign-up under way; lives in its request's arena. */
struct sign_up {
    struct request *request;
    const struct sign_up_answer *answer;
    const struct event *event; /* a reference of its own: the definition may change under it */
    struct draft draft;
    struct id registration_id;
    struct id *attendee_ids, *ticket_ids;
    unsigned char fingerprint[SECRET_DIGEST_BYTES];
    int tries, put_off;
};

static void try_again_with_newest_event(struct sign_up *sign_up);
static struct batcher *sign_ups_of(struct worker *worker);

/* --- The answer ------------------------------------------------------------------------------ */

static void finish(struct sign_up *sign_up)
{
    events_release(sign_up->event);
    sign_up->event = NULL;
}

static void refuse(struct sign_up *sign_up, int status, const char *code)
{
    finish(sign_up);
    sign_up->answer->refused(sign_up->request, status, code, NULL);
}

static void answer_registered(struct sign_up *sign_up, const struct rows *rows, int row)
{
    struct arena *arena = request_arena(sign_up->request);
    const struct draft *draft = &sign_up->draft;
    const char *status = arena_copy(arena, rows_text(rows, row, "outcome"));
    struct registration registration = {
        .id = sign_up->registration_id,
        .created_at_us = rows_time(rows, row, "created_at"),
        .waiting_position = rows_number(rows, row, "waiting_position"),
        .version = 1,
        .status = status,
        .email = draft->email.address,
        .language = draft->language,
        .consents = draft->consents,
        .attendees = arena_alloc(arena, draft->attendee_count * sizeof *registration.attendees),
        .attendee_count = draft->attendee_count,
    };
    bool confirmed = strcmp(status, "confirmed") == 0;
    for (size_t i = 0; i < draft->attendee_count; i++) {
        registration.attendees[i] = (struct registered_attendee){
            .id = sign_up->attendee_ids[i],
            .name = draft->attendees[i].name,
            .email = draft->attendees[i].email.address,
            .ticket_type = draft->attendees[i].ticket_type->slug,
            .status = status,
            .answers = draft->attendees[i].answers,
            .ticket_expires_at_us = sign_up->event->tickets_expire_at_us,
        };
        if (confirmed)
            registration.attendees[i].ticket_id = sign_up->ticket_ids[i];
    }
    json_t *view =
        registration_view(request_worker(sign_up->request), sign_up->event, &registration, arena);
    finish(sign_up);
    sign_up->answer->registered(sign_up->request, view);
}

/* The registration was there already: the same answer again, from what the database has. */
static void on_shown_again(void *context, const struct db_result *result)
{
    struct sign_up *sign_up = context;
    struct arena *arena = request_arena(sign_up->request);
    struct registration registration;
    if (result->outcome != DB_DONE || !registration_from_rows(arena, result->rows, &registration)) {
        refuse(sign_up, 503, "busy");
        return;
    }
    json_t *view =
        registration_view(request_worker(sign_up->request), sign_up->event, &registration, arena);
    finish(sign_up);
    sign_up->answer->registered(sign_up->request, view);
}

static void show_again(struct sign_up *sign_up)
{
    /* Where a connection was lost after the commit, nobody has been told of the change yet. */
    changes_note(request_worker(sign_up->request), &sign_up->event->id);
    struct params *params = params_create(sql_registration_show.parameter_count);
    params_id(params, 1, &sign_up->event->id);
    params_id(params, 2, &sign_up->registration_id);
    db_ask(request_worker(sign_up->request)->db, &sql_registration_show, params, on_shown_again,
           sign_up);
}

/* --- The batch ------------------------------------------------------------------------------- */

static void submit(struct sign_up *sign_up)
{
    if (!batcher_submit(sign_ups_of(request_worker(sign_up->request)), sign_up))
        refuse(sign_up, 503, "busy");
}

/* A crowd of one address of whom nobody gets a place is decided one a batch: that has an end. */
static void submit_later(struct sign_up *sign_up)
{
    if (++sign_up->put_off > SIGN_UP_LATER_MOST)
        refuse(sign_up, 503, "busy");
    else
        submit(sign_up);
}

static void add_attendees(const struct sign_up *sign_up, int ordinal, struct params *run)
{
    for (size_t i = 0; i < sign_up->draft.attendee_count; i++) {
        const struct draft_attendee *attendee = &sign_up->draft.attendees[i];
        registration_sign_up_add_attendee(
            run, &(struct registration_sign_up_attendee){.ordinal = ordinal,
                                                         .attendee_id = &sign_up->attendee_ids[i],
                                                         .ticket_id = &sign_up->ticket_ids[i],
                                                         .ticket_type = attendee->ticket_type->slug,
                                                         .name = attendee->name,
                                                         .attendee_email = attendee->email.address,
                                                         .answers = attendee->answers,
                                                         .search = attendee->search});
    }
}

static void add(void *element, int ordinal, struct params *lock, struct params *run)
{
    const struct sign_up *sign_up = element;
    const struct draft *draft = &sign_up->draft;
    registration_lock_tally_add_event(lock, &sign_up->event->id);
    registration_sign_up_add_registration(
        run, &(struct registration_sign_up_registration){
                 .registration_id = &sign_up->registration_id,
                 .event_id = &sign_up->event->id,
                 .version = sign_up->event->version,
                 .email = draft->email.address,
                 .email_key = draft->email.key,
                 .language = draft->language,
                 .consents = draft->consents,
                 .fingerprint = {sign_up->fingerprint, sizeof sign_up->fingerprint},
                 .status = draft->status,
                 .expires_at_us = sign_up->event->tickets_expire_at_us});
    add_attendees(sign_up, ordinal, run);
}

static bool is(const char *outcome, const char *name)
{
    return strcmp(outcome, name) == 0;
}

static void on_done(void *element, const struct db_result *result, int row)
{
    struct sign_up *sign_up = element;
    if (result->outcome != DB_DONE) {
        refuse(sign_up, 503, "busy");
        return;
    }
    const char *outcome = rows_text(result->rows, row, "outcome");
    if (is(outcome, "later"))
        submit_later(sign_up);
    else if (is(outcome, "stale"))
        try_again_with_newest_event(sign_up);
    else if (is(outcome, "again"))
        show_again(sign_up);
    else if (is(outcome, "key_reused"))
        refuse(sign_up, 422, "idempotency_key_reused");
    else if (is(outcome, "no_event"))
        refuse(sign_up, 404, "not_found");
    else if (is(outcome, "sold_out") || is(outcome, "already_registered"))
        refuse(sign_up, 409, is(outcome, "sold_out") ? "sold_out" : "already_registered");
    else {
        changes_note(request_worker(sign_up->request), &sign_up->event->id);
        answer_registered(sign_up, result->rows, row);
    }
}

/* One batch at a time: on one event the order of arrival is the order of places. */
static const struct batch_kind kind = {
    .name = "sign_up",
    .lock = registration_lock_tally_params,
    .run = registration_sign_up_params,
    .elements_most = SIGN_UP_BATCH_MOST,
    .waiting_most = SIGN_UP_WAITING_MOST,
    .in_flight_most = 1,
    .add = add,
    .on_done = on_done,
};

static void *create_batcher(struct worker *worker)
{
    return batcher_create(worker->db, &kind);
}

static void destroy_batcher(void *state)
{
    batcher_destroy(state);
}

static const struct worker_slot slot = {
    .name = "sign-ups", .create = create_batcher, .destroy = destroy_batcher};

static struct batcher *sign_ups_of(struct worker *worker)
{
    return worker_state(worker, &slot);
}

void sign_up_measure(struct worker *worker, struct gauges *gauges)
{
    measure_batcher(sign_ups_of(worker), gauges);
}

/* --- The request ----------------------------------------------------------------------------- */

static void make_ids(struct sign_up *sign_up)
{
    struct arena *arena = request_arena(sign_up->request);
    const struct event *event = sign_up->event;
    size_t count = sign_up->draft.attendee_count;
    const char *key = request_idempotency_key(sign_up->request);
    if (key) {
        struct id hash;
        secret_id_for_key(&event->id, key, &hash);
        id_from_hash_in(event->number, hash.bytes, &sign_up->registration_id);
    } else {
        id_make_in(event->number, &sign_up->registration_id);
    }
    sign_up->attendee_ids = arena_alloc(arena, count * sizeof *sign_up->attendee_ids);
    sign_up->ticket_ids = arena_alloc(arena, count * sizeof *sign_up->ticket_ids);
    for (size_t i = 0; i < count; i++) {
        id_make_in(event->number, &sign_up->attendee_ids[i]);
        id_make_in(event->number, &sign_up->ticket_ids[i]);
    }
    size_t length;
    const char *body = request_body_bytes(sign_up->request, &length);
    secret_digest(body, length, sign_up->fingerprint);
}

bool sign_up_is_open(const struct event *event)
{
    int64_t now = clock_now_us();
    return !event->cancelled && now >= event->opens_at_us && now < event->closes_at_us;
}

json_t *sign_up_closed_data(const struct event *event)
{
    bool early = clock_now_us() < event->opens_at_us;
    return json_pack("{s:b, s:b, s:s?}", "cancelled", event->cancelled, "early", early, "opens_at",
                     event->opens_at);
}

static void refuse_closed(struct sign_up *sign_up)
{
    json_t *data = sign_up_closed_data(sign_up->event);
    finish(sign_up);
    sign_up->answer->refused(sign_up->request, 409, "closed", data);
}

static bool is_objected_to(struct sign_up *sign_up)
{
    int status = 0;
    const struct sign_up_answer *answer = sign_up->answer;
    const char *code =
        answer->objects ? answer->objects(sign_up->request, &sign_up->draft, &status) : NULL;
    if (code)
        refuse(sign_up, status, code);
    return code != NULL;
}

/* Checks the body against the event in hand and lets the database decide. */
static void attempt(struct sign_up *sign_up)
{
    struct request *request = sign_up->request;
    struct arena *arena = request_arena(request);
    if (!sign_up_is_open(sign_up->event)) {
        refuse_closed(sign_up);
        return;
    }
    const struct draft_input input = {
        .event = sign_up->event,
        .body = request_body(request),
        .language = locale_code(request_locale(request)),
        .locale = request_locale(request),
        .from_form = request_body_is_form(request),
    };
    json_t *errors = draft_read(arena, &input, &sign_up->draft);
    if (errors) {
        finish(sign_up);
        sign_up->answer->invalid(request, errors);
        return;
    }
    if (is_objected_to(sign_up))
        return;
    make_ids(sign_up);
    submit(sign_up);
}

static void on_newest_event(void *context, const struct event *event, int db_outcome)
{
    struct sign_up *sign_up = context;
    if (!event) {
        bool gone = db_outcome == DB_DONE;
        sign_up->answer->refused(sign_up->request, gone ? 404 : 503, gone ? "not_found" : "busy",
                                 NULL);
        return;
    }
    sign_up->event = event;
    attempt(sign_up);
}

static void try_again_with_newest_event(struct sign_up *sign_up)
{
    struct worker *worker = request_worker(sign_up->request);
    if (++sign_up->tries > SIGN_UP_TRIES_MOST) {
        refuse(sign_up, 503, "busy");
        return;
    }
    const char *slug = arena_copy(request_arena(sign_up->request), sign_up->event->slug);
    events_forget(worker, &sign_up->event->id);
    finish(sign_up);
    events_find(worker, slug, on_newest_event, sign_up);
}

void sign_up_begin(struct request *request, const struct sign_up_answer *answer)
{
    struct sign_up *sign_up = arena_alloc(request_arena(request), sizeof *sign_up);
    sign_up->request = request;
    sign_up->answer = answer;
    sign_up->event = events_hold(request_event(request));
    attempt(sign_up);
}

static void on_api_registered(struct request *request, json_t *view)
{
    const char *manage_url = json_string_value(json_object_get(view, "manage_url"));
    reply_header(request, "Location", manage_url);
    reply_view(request, 201, view);
}

static void on_api_refused(struct request *request, int status, const char *code, json_t *data)
{
    reply_problem(
        request, &(struct problem){
                     .status = status, .code = code, .data = data, .retry_after_s = status == 503});
}

static bool may_try_code(struct request *request)
{
    const char *code =
        draft_read_code(request_arena(request), json_object_get(request_body(request), "code"));
    return access_code_try(request_worker(request), request_event(request), code) !=
           ACCESS_CODE_TOO_MANY;
}

void sign_up_handle(struct request *request)
{
    static const struct sign_up_answer answer = {
        .registered = on_api_registered,
        .invalid = form_refuse,
        .refused = on_api_refused,
    };
    if (!may_try_code(request))
        reply_problem(
            request,
            &(struct problem){.status = 429, .code = "too_many_access_codes", .retry_after_s = 1});
    else
        sign_up_begin(request, &answer);
}
