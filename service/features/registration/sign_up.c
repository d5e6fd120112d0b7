#include "features/registration/sign_up.h"

#include "base/clock.h"
#include "db/batch.h"
#include "db/measure.h"
#include "event/draft.h"
#include "event/events.h"
#include "event/invited.h"
#include "event/links.h"
#include "form/form.h"
#include "features/registration/registration.h"
#include "http/reply.h"
#include "http/source.h"
#include "features/registration/holds.h"
#include "security/secret.h"
#include "statements.h"
#include "view/locale.h"

/* A running sign-up; lives in its request's arena. */
struct sign_up {
    struct request *request;
    const struct sign_up_answer *answer;
    const struct event *event;     /* a reference: the cache may get a new definition */
    const struct invited *invited; /* NULL: without an invitation */
    struct draft draft;
    struct id registration_id;
    struct id *attendee_ids, *ticket_ids;
    unsigned char fingerprint[SECRET_DIGEST_BYTES];
    int tries, put_off;
    bool is_paced; /* has taken its permits */
};

static void try_again_with_newest_event(struct sign_up *sign_up);

/* --- The answer ------------------------------------------------------------------------------ */

static void finish(struct sign_up *sign_up)
{
    events_release(sign_up->event);
    sign_up->event = NULL;
}

/* Takes the data. */
static void refuse_with(struct sign_up *sign_up, int status, const char *code, json_t *data)
{
    finish(sign_up);
    sign_up->answer->refused(sign_up->request, status, code, data);
}

static void refuse(struct sign_up *sign_up, int status, const char *code)
{
    refuse_with(sign_up, status, code, NULL);
}

static void fail(struct sign_up *sign_up, const struct db_result *result)
{
    const struct problem problem = reply_failure(result);
    refuse(sign_up, problem.status, problem.code);
}

/* Letters may go to the addresses that it names: an organiser typed them, or somebody opened a link
 * that was mailed to the address. */
static bool is_vouched(const struct sign_up *sign_up)
{
    return (request_role(sign_up->request) & WHO_EDITORS) ||
           (sign_up->invited && strcmp(sign_up->draft.email.key, sign_up->invited->email.key) == 0);
}

/* The request ends here, and with it the sign-up. */
static void tell_registered(struct sign_up *sign_up, const struct registration *registration)
{
    const struct event *event = sign_up->event;
    sign_up->answer->registered(sign_up->request, event, registration);
    events_release(event);
}

static void answer_registered(struct sign_up *sign_up, enum registration_status status,
                              const struct rows *rows, int row)
{
    struct arena *arena = request_arena(sign_up->request);
    const struct draft *draft = &sign_up->draft;
    struct registration registration = {
        .id = sign_up->registration_id,
        .created_at_us = rows_time(rows, row, "created_at"),
        .waiting_position = rows_number(rows, row, "waiting_position"),
        .version = 1,
        .status = status,
        .is_vouched = is_vouched(sign_up),
        .email = draft->email.address ? draft->email.address : "",
        .language = draft->language,
        .consents = draft->consents,
        .attendees = arena_alloc(arena, draft->attendee_count * sizeof *registration.attendees),
        .attendee_count = draft->attendee_count,
    };
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
        if (status == REGISTRATION_STATUS_CONFIRMED)
            registration.attendees[i].ticket_id = sign_up->ticket_ids[i];
    }
    tell_registered(sign_up, &registration);
}

/* A repeated request gets the answer for the existing registration. */
static void on_shown_again(void *context, const struct db_result *result)
{
    struct sign_up *sign_up = context;
    struct arena *arena = request_arena(sign_up->request);
    struct registration registration;
    if (result->outcome != DB_DONE) {
        fail(sign_up, result);
        return;
    }
    if (rows_count(result->rows) == 0 ||
        !registration_from_rows(arena, result->rows, &registration)) {
        refuse(sign_up, 500, "internal");
        return;
    }
    tell_registered(sign_up, &registration);
}

static void show_again(struct sign_up *sign_up)
{
    /* After a lost connection, nobody has noted the change of the first request yet. */
    changes_note(request_worker(sign_up->request), &sign_up->event->id);
    struct params *params = registration_show_params(&(struct registration_show){
        .event_id = &sign_up->event->id, .registration_id = &sign_up->registration_id});
    db_ask(request_worker(sign_up->request)->db, params, on_shown_again, sign_up);
}

/* --- The batch ------------------------------------------------------------------------------- */

static const struct worker_slot sign_ups, walk_ins;

static void submit(struct sign_up *sign_up)
{
    const struct worker_slot *slot = sign_up->answer->at_door ? &walk_ins : &sign_ups;
    if (!batcher_submit(worker_state(request_worker(sign_up->request), slot), sign_up))
        refuse(sign_up, 503, "busy");
}

/* A batch decides one sign-up of an address. This limits how many batches the others wait. */
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
        registration_sign_up_add_attendee(run, &(struct registration_sign_up_attendee){
                                                   .ordinal = ordinal,
                                                   .attendee_id = &sign_up->attendee_ids[i],
                                                   .ticket_id = &sign_up->ticket_ids[i],
                                                   .ticket_type = attendee->ticket_type->slug,
                                                   .name = attendee->name,
                                                   .attendee_email = attendee->email.address,
                                                   .answers = attendee->answers,
                                                   .search = draft_search_with_number(
                                                       request_arena(sign_up->request),
                                                       attendee->search, &sign_up->attendee_ids[i]),
                                                   .position = (int)i + 1});
    }
}

/* The door of the caller's device; NULL: none. */
static const char *door_of(const struct sign_up *sign_up)
{
    struct request *request = sign_up->request;
    bool is_device = sign_up->answer->at_door && request_role(request) == WHO_DEVICE;
    return is_device ? request_caller(request)->door : NULL;
}

/* The parameter of sign_up.sql; NULL: a sign-up. */
static const char *at_door(const struct sign_up *sign_up)
{
    const struct draft *draft = &sign_up->draft;
    if (!sign_up->answer->at_door)
        return NULL;
    json_t *json = json_pack("{s:b, s:s?, s:s?}", "over_capacity", draft->over_capacity, "door",
                             door_of(sign_up), "reason", draft->reason);
    if (sign_up->answer->at_desk)
        json_object_update_new(json, json_pack("{s:b, s:b, s:b}", "desk", true, "anyway",
                                               draft->anyway, "silent", !draft->sends));
    else if (!draft->email.address)
        json_object_set_new(json, "silent", json_true());
    const char *text = draft_json_text(request_arena(sign_up->request), json);
    json_decref(json);
    return text;
}

/* Who registers somebody else, for the audit log; NULL: people register themselves. */
static const char *actor(const struct sign_up *sign_up)
{
    struct request *request = sign_up->request;
    bool is_other = sign_up->answer->at_door || request_role(request) & WHO_EDITORS;
    return is_other ? request_caller(request)->label : NULL;
}

/* A walk-in and a person whom an organiser adds may have no address. No two such persons are the
 * same. */
static const char *no_address_key(const struct sign_up *sign_up)
{
    char id[ID_TEXT_BYTES];
    id_format(&sign_up->registration_id, id);
    return arena_printf(request_arena(sign_up->request), "none %s", id);
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
                 .email = draft->email.address ? draft->email.address : "",
                 .email_key = draft->email.address ? draft->email.key : no_address_key(sign_up),
                 .language = draft->language,
                 .consents = draft->consents,
                 .fingerprint = {sign_up->fingerprint, sizeof sign_up->fingerprint},
                 .status = draft->status,
                 .expires_at_us = sign_up->event->tickets_expire_at_us,
                 .at_door = at_door(sign_up),
                 .vouched = is_vouched(sign_up),
                 .source = request_source_hash(sign_up->request),
                 .actor = actor(sign_up),
                 .invitation_id = sign_up->invited ? &sign_up->invited->id : NULL});
    add_attendees(sign_up, ordinal, run);
}

static const struct id *key(const void *element)
{
    const struct sign_up *sign_up = element;
    return &sign_up->event->id;
}

/* Data for staff at a door; with sold_out also the free places (null: unlimited). */
static json_t *refusal_data(const struct sign_up *sign_up, const struct rows *rows, int row,
                            bool sold_out)
{
    if (!sign_up->answer->at_door)
        return NULL;
    json_t *data = json_pack("{s:b}", "at_door", true);
    if (sign_up->answer->at_desk && !rows_is_null(rows, row, "earlier_attendee"))
        json_object_set_new(data, "earlier",
                            json_pack("{s:o, s:s}", "attendee",
                                      view_id_of(rows, row, "earlier_attendee"), "name",
                                      rows_text(rows, row, "earlier_name")));
    for (int i = 0; sold_out && i < 2; i++) {
        static const char *const columns[] = {"places_left", "ticket_type_places_left"};
        bool limited = !rows_is_null(rows, row, columns[i]);
        json_object_set_new(data, columns[i],
                            limited ? json_integer(rows_number(rows, row, columns[i]))
                                    : json_null());
    }
    return data;
}

static void answer_new(struct sign_up *sign_up, enum registration_status status,
                       const struct rows *rows, int row)
{
    changes_note(request_worker(sign_up->request), &sign_up->event->id);
    answer_registered(sign_up, status, rows, row);
}

/* Permits for places that it does not hold. */
static void give_back(const struct sign_up *sign_up, enum sign_up_outcome outcome)
{
    bool goes_on = outcome == SIGN_UP_OUTCOME_LATER || outcome == SIGN_UP_OUTCOME_STALE;
    if (!goes_on && outcome != SIGN_UP_OUTCOME_UNVERIFIED && !sign_up->answer->at_door &&
        sign_up->draft.status == REGISTRATION_STATUS_UNVERIFIED)
        holds_ended(sign_up->request, sign_up->event, sign_up->draft.attendee_count);
}

static void on_done(void *element, const struct db_result *result, int row)
{
    struct sign_up *sign_up = element;
    if (result->outcome != DB_DONE) {
        fail(sign_up, result);
        return;
    }
    enum sign_up_outcome outcome = registration_sign_up_outcome(result->rows, row);
    give_back(sign_up, outcome);
    switch (outcome) {
    case SIGN_UP_OUTCOME_CONFIRMED:
        answer_new(sign_up, REGISTRATION_STATUS_CONFIRMED, result->rows, row);
        return;
    case SIGN_UP_OUTCOME_PENDING:
        answer_new(sign_up, REGISTRATION_STATUS_PENDING, result->rows, row);
        return;
    case SIGN_UP_OUTCOME_UNVERIFIED:
        answer_new(sign_up, REGISTRATION_STATUS_UNVERIFIED, result->rows, row);
        return;
    case SIGN_UP_OUTCOME_WAITLISTED:
        answer_new(sign_up, REGISTRATION_STATUS_WAITLISTED, result->rows, row);
        return;
    case SIGN_UP_OUTCOME_AGAIN:
        show_again(sign_up);
        return;
    case SIGN_UP_OUTCOME_LATER:
        submit_later(sign_up);
        return;
    case SIGN_UP_OUTCOME_STALE:
        try_again_with_newest_event(sign_up);
        return;
    case SIGN_UP_OUTCOME_KEY_REUSED:
        refuse(sign_up, 422, "idempotency_key_reused");
        return;
    case SIGN_UP_OUTCOME_NO_EVENT:
        refuse(sign_up, 404, "not_found");
        return;
    case SIGN_UP_OUTCOME_ALREADY_REGISTERED:
        refuse_with(sign_up, 409, "already_registered",
                    refusal_data(sign_up, result->rows, row, false));
        return;
    case SIGN_UP_OUTCOME_SOLD_OUT:
        refuse_with(sign_up, 409, "sold_out", refusal_data(sign_up, result->rows, row, true));
        return;
    case SIGN_UP_OUTCOME_NOT_INVITED:
        refuse(sign_up, 409, "not_invited");
        return;
    case SIGN_UP_OUTCOME_INVITATION_USED:
        refuse(sign_up, 409, "invitation_used");
        return;
    case SIGN_UP_OUTCOME_NONE:
        refuse(sign_up, 500, "internal");
        return;
    }
}

static size_t bytes(const void *element)
{
    const struct sign_up *sign_up = element;
    size_t length;
    request_body_bytes(sign_up->request, &length);
    return length;
}

/* One batch at a time, so that places go in the order of arrival. */
static const struct batch_kind sign_up_kind = {
    .name = "sign_up",
    .lock = registration_lock_tally_params,
    .run = registration_sign_up_params,
    .elements_most = SIGN_UP_BATCH_MOST,
    .bytes_most = SIGN_UP_BATCH_MOST_BYTES,
    .bytes = bytes,
    .waiting_most = SIGN_UP_WAITING_MOST,
    .in_flight_most = 1,
    .add = add,
    .key = key,
    .on_done = on_done,
};

/* One walk-in a batch (sign_up.sql). Its own batcher keeps it from waiting for sign-ups. */
static const struct batch_kind walk_in_kind = {
    .name = "walk_in",
    .lock = registration_lock_tally_params,
    .run = registration_sign_up_params,
    .elements_most = 1,
    .waiting_most = WALK_INS_WAITING_MOST,
    .in_flight_most = WALK_INS_IN_FLIGHT_MOST,
    .add = add,
    .key = key,
    .on_done = on_done,
};

static void *create_sign_ups(struct worker *worker)
{
    return batcher_create(worker->db, &sign_up_kind);
}

static void *create_walk_ins(struct worker *worker)
{
    return batcher_create(worker->db, &walk_in_kind);
}

static void destroy_batcher(void *state)
{
    batcher_destroy(state);
}

static const struct worker_slot sign_ups = {
    .name = "sign-ups", .create = create_sign_ups, .destroy = destroy_batcher};
static const struct worker_slot walk_ins = {
    .name = "walk-ins", .create = create_walk_ins, .destroy = destroy_batcher};

void sign_up_measure(struct worker *worker, struct gauges *gauges)
{
    measure_batcher(worker_state(worker, &sign_ups), gauges);
    measure_batcher(worker_state(worker, &walk_ins), gauges);
}

/* --- The request ----------------------------------------------------------------------------- */

static void make_ids(struct sign_up *sign_up)
{
    struct arena *arena = request_arena(sign_up->request);
    const struct event *event = sign_up->event;
    size_t count = sign_up->draft.attendee_count;
    const char *key = request_idempotency_key(sign_up->request);
    /* A walk-in and a sign-up with the same key must differ. */
    if (key && sign_up->answer->at_door)
        key = arena_printf(arena, "walk-in %s", key);
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

/* Walk-ins are possible until the tickets expire. */
static bool is_open(const struct sign_up *sign_up)
{
    const struct event *event = sign_up->event;
    return sign_up->answer->at_door
               ? !event->cancelled && clock_now_us() < event->tickets_expire_at_us
               : sign_up_is_open(event);
}

/* A device registers only ticket types of its door. False: the event no longer has the door. */
static bool find_door(const struct sign_up *sign_up, const struct door **ret_door)
{
    const char *slug = door_of(sign_up);
    *ret_door = slug ? event_door(sign_up->event, slug) : NULL;
    return !slug || *ret_door;
}

/* Asks before the database tells whether the address is registered. */
static bool source_may_sign_up(struct sign_up *sign_up)
{
    struct request *request = sign_up->request;
    const struct draft *draft = &sign_up->draft;
    const struct pace_key key = {.limit = PACE_SIGN_UPS, .scope = &sign_up->event->id};
    if (sign_up->is_paced || sign_up->answer->at_door)
        return true;
    sign_up->is_paced = true;
    return source_takes(request, &key, (int64_t)draft->attendee_count) &&
           (draft->status != REGISTRATION_STATUS_UNVERIFIED ||
            holds_may_begin(request, sign_up->event, draft->attendee_count));
}

static bool is_objected_to(struct sign_up *sign_up)
{
    int status = 429;
    const struct sign_up_answer *answer = sign_up->answer;
    const char *code =
        answer->objects ? answer->objects(sign_up->request, &sign_up->draft, &status) : NULL;
    if (!code && !source_may_sign_up(sign_up))
        code = "too_many_from_network";
    if (code)
        refuse(sign_up, status, code);
    return code != NULL;
}

static bool needs_token(const struct sign_up *sign_up)
{
    const struct request *request = sign_up->request;
    return sign_up->event->api_needs_token && !sign_up->answer->at_door &&
           !request_is_page(request) && !(request_role(request) & WHO_EDITORS);
}

static void attempt(struct sign_up *sign_up)
{
    struct request *request = sign_up->request;
    struct arena *arena = request_arena(request);
    struct draft_input input = {
        .event = sign_up->event,
        .body = request_body(request),
        .language = locale_code(request_locale(request)),
        .locale = request_locale(request),
        .from_form = request_body_is_form(request),
        .kept_emails = request_kept_emails(request),
        .is_organiser = request_role(request) & WHO_EDITORS,
        .may_leave_out = sign_up->answer->at_desk,
        .at_door = sign_up->answer->at_door,
        .at_desk = sign_up->answer->at_desk,
    };
    if (sign_up->invited) {
        input.invited_code = invited_code(sign_up->invited, sign_up->event);
        input.invited_type = event_ticket_type(sign_up->event, sign_up->invited->ticket_type);
        input.invited_key = sign_up->invited->email.key;
    }
    if (needs_token(sign_up)) {
        bool is_anybody = request_caller(request)->identity == CALLER_ANYBODY;
        refuse(sign_up, is_anybody ? CALLER_UNAUTHORISED : CALLER_FORBIDDEN, "token_needed");
        return;
    }
    if (!is_open(sign_up)) {
        refuse_with(sign_up, 409, "closed", sign_up_closed_data(sign_up->event));
        return;
    }
    if (!find_door(sign_up, &input.door)) {
        refuse(sign_up, 409, "door_gone");
        return;
    }
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
        struct problem problem = {.status = 404, .code = "not_found"};
        if (db_outcome != DB_DONE)
            problem = reply_failure(&(struct db_result){.outcome = (enum db_outcome)db_outcome});
        sign_up->answer->refused(sign_up->request, problem.status, problem.code, NULL);
        return;
    }
    sign_up->event = event;
    /* A page that shows the form again must show the text of now. */
    request_renew_event(sign_up->request, events_hold(event));
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

static void on_invited(void *context, const struct invited *invited,
                       const struct db_result *failure)
{
    struct sign_up *sign_up = context;
    sign_up->invited = invited;
    if (failure)
        fail(sign_up, failure);
    else if (!invited)
        refuse(sign_up, 409, "not_invited");
    else
        attempt(sign_up);
}

void sign_up_begin(struct request *request, const struct sign_up_answer *answer)
{
    struct sign_up *sign_up = arena_alloc(request_arena(request), sizeof *sign_up);
    sign_up->request = request;
    sign_up->answer = answer;
    sign_up->event = events_hold(request_event(request));
    const json_t *token = json_object_get(request_body(request), "invitation");
    struct id id;
    if (!token || answer->at_door)
        attempt(sign_up);
    else if (invited_read(request_worker(request), request_arena(request), json_string_value(token),
                          &id))
        invited_find(request, &id, on_invited, sign_up);
    else
        refuse(sign_up, 409, "not_invited");
}

static void on_api_registered(struct request *request, const struct event *event,
                              const struct registration *registration)
{
    const struct registration_view view = {
        .manage_url = link_manage(request_worker(request), &registration->id,
                                  registration->link_version, request_arena(request))};
    reply_header(request, "Location", view.manage_url);
    registration_reply(request, 201, event, registration, &view);
}

void sign_up_reply_refused(struct request *request, int status, const char *code, json_t *data)
{
    reply_problem(
        request, &(struct problem){
                     .status = status, .code = code, .data = data, .retry_after_s = status == 503});
}

static bool may_try_code(struct request *request)
{
    const char *code =
        draft_read_code(request_arena(request), json_object_get(request_body(request), "code"));
    return access_code_try(request, code) != ACCESS_CODE_TOO_MANY;
}

void sign_up_handle(struct request *request)
{
    static const struct sign_up_answer answer = {
        .registered = on_api_registered,
        .invalid = form_refuse,
        .refused = sign_up_reply_refused,
    };
    if (!may_try_code(request))
        reply_refuse(request, 429, "too_many_access_codes");
    else
        sign_up_begin(request, &answer);
}
