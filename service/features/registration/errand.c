#include "features/registration/errand.h"

#include "event/events.h"
#include "event/links.h"
#include "features/registration/erasures.h"
#include "features/registration/manage_page.h"
#include "features/registration/registration.h"
#include "features/registration/registration_page.h"
#include "http/reply.h"
#include "statements.h"

struct errand *errand_begin(struct request *request)
{
    struct errand *errand = arena_alloc(request_arena(request), sizeof *errand);
    errand->request = request;
    if (id_parse(request_path(request, "registration"), &errand->registration_id))
        return errand;
    reply_refuse(request, 404, "not_found");
    return NULL;
}

/* --- Refusals -------------------------------------------------------------------------------- */

static void refuse(struct errand *errand, int status, const char *code, json_t *errors)
{
    const struct problem problem = {.status = status, .code = code, .errors = errors};
    if (errand->on_refused)
        errand->on_refused(errand, status, code, errors);
    else
        reply_problem(errand->request, &problem);
}

void errand_refuse(struct errand *errand, int status, const char *code)
{
    refuse(errand, status, code, NULL);
}

void errand_reply_invalid(struct errand *errand, json_t *errors)
{
    refuse(errand, 422, "invalid", errors);
}

/* --- Looking --------------------------------------------------------------------------------- */

bool errand_is_closed(struct errand *errand)
{
    const struct registration *registration = errand->registration;
    bool is_erased = registration->erased_at_us != 0;
    if (!is_erased && registration->status != REGISTRATION_STATUS_CANCELLED)
        return false;
    if (request_is_page(errand->request) && !request_is_desk(errand->request))
        reply_see_other(errand->request, manage_page_link(errand, ""));
    else
        errand_refuse(errand, is_erased ? 410 : 409, is_erased ? "erased" : "not_held");
    return true;
}

static void on_looked(void *context, const struct db_result *result)
{
    struct errand *errand = context;
    struct request *request = errand->request;
    struct arena *arena = request_arena(request);
    struct registration *registration = arena_alloc(arena, sizeof *registration);
    if (result->outcome != DB_DONE) {
        reply_failed(request, result);
    } else if (rows_count(result->rows) == 0) {
        reply_refuse(request, 404, "not_found");
    } else if (!registration_from_rows(arena, result->rows, registration)) {
        reply_refuse(request, 500, "internal");
    } else {
        errand->registration = registration;
        if (!errand->is_to_change || !errand_is_closed(errand))
            errand->on_looked(errand, registration);
    }
}

void errand_look(struct errand *errand,
                 void (*then)(struct errand *errand, const struct registration *registration))
{
    errand->on_looked = then;
    errand->looks++;
    db_ask(request_worker(errand->request)->db,
           registration_show_params(
               &(struct registration_show){.event_id = &request_event(errand->request)->id,
                                           .registration_id = &errand->registration_id}),
           on_looked, errand);
}

void errand_look_to_change(struct errand *errand,
                           void (*then)(struct errand *errand,
                                        const struct registration *registration))
{
    errand->is_to_change = true;
    errand_look(errand, then);
}

const struct registered_attendee *errand_attendee(struct errand *errand,
                                                  const struct registration *registration)
{
    struct id id;
    bool is_id = id_parse(request_path(errand->request, "attendee"), &id);
    for (size_t i = 0; is_id && i < registration->attendee_count; i++) {
        if (id_equal(&registration->attendees[i].id, &id))
            return &registration->attendees[i];
    }
    reply_refuse(errand->request, 404, "not_found");
    return NULL;
}

/* --- The answer ------------------------------------------------------------------------------ */

static void reply_registration(struct errand *errand, const struct registration *registration)
{
    struct request *request = errand->request;
    if (request_is_page(request)) {
        registration_page_reply(errand, registration);
        return;
    }
    /* Callers who may only read get no manage link and no tickets. */
    bool has_keys = request_role(request) & (WHO_MANAGE_LINK | WHO_EDITORS);
    const struct registration_view view = {
        .is_for_organiser = request_role(request) & WHO_READERS,
        .without_tickets = !has_keys,
        .manage_url = has_keys ? link_manage(request_worker(request), &registration->id,
                                             registration->link_version, request_arena(request))
                               : NULL};
    registration_reply(request, 200, request_event(request), registration, &view);
}

void errand_show(struct errand *errand)
{
    errand_look(errand, reply_registration);
}

/* --- Changing, after the lock ---------------------------------------------------------------- */

static void look_again(struct errand *errand)
{
    if (errand->looks < ERRAND_LOOKS_MOST)
        errand_look(errand, errand->on_looked);
    else
        reply_busy(errand->request, "busy");
}

static void go_to_registration(struct errand *errand, const struct registration *registration)
{
    (void)registration;
    reply_see_other(errand->request, manage_page_done(errand));
}

/* Loads the registration, because the change may have ended its link. */
static void answer_changed(struct errand *errand)
{
    struct request *request = errand->request;
    changes_note(request_worker(request), &request_event(request)->id);
    errand->is_to_change = false;
    if (errand->on_changed)
        errand->on_changed(errand);
    else if (request_is_page(request))
        errand_look(errand, go_to_registration);
    else
        errand_show(errand);
}

static void on_listed(void *context)
{
    answer_changed(context);
}

/* An erasure is acknowledged when it is on the list, too. */
static void answer_erased(struct errand *errand)
{
    struct worker *worker = request_worker(errand->request);
    if (*worker->config->erasures)
        erasures_write(worker, on_listed, errand);
    else
        answer_changed(errand);
}

static void on_changed(void *context, const struct db_result *result)
{
    struct errand *errand = context;
    if (result->outcome != DB_DONE) {
        reply_failed(errand->request, result);
        return;
    }
    enum change_outcome outcome = errand->outcome(result->rows, 0);
    switch (outcome) {
    case CHANGE_OUTCOME_CONFIRMED:
    case CHANGE_OUTCOME_DECLINED:
    case CHANGE_OUTCOME_CANCELLED:
    case CHANGE_OUTCOME_CHANGED:
    case CHANGE_OUTCOME_MOVED_UP:
    case CHANGE_OUTCOME_NOTED:
    case CHANGE_OUTCOME_REPLACED:
    case CHANGE_OUTCOME_TAKEN_OVER:
    case CHANGE_OUTCOME_TOLD:
    case CHANGE_OUTCOME_VERIFIED:
        answer_changed(errand);
        return;
    case CHANGE_OUTCOME_ERASED:
        answer_erased(errand);
        return;
    case CHANGE_OUTCOME_STALE:
        look_again(errand);
        return;
    case CHANGE_OUTCOME_NOT_FOUND:
        errand_refuse(errand, 404, change_outcome_name(outcome));
        return;
    case CHANGE_OUTCOME_TOO_OFTEN:
        reply_header(errand->request, "Retry-After", ERRAND_OFTEN_RETRY_AFTER_S);
        errand_refuse(errand, 429, change_outcome_name(outcome));
        return;
    case CHANGE_OUTCOME_ALREADY_REGISTERED:
    case CHANGE_OUTCOME_CONSENT_OUTDATED:
    case CHANGE_OUTCOME_HISTORY_FULL:
    case CHANGE_OUTCOME_NO_FREE_PLACE:
    case CHANGE_OUTCOME_NOT_CONFIRMED:
    case CHANGE_OUTCOME_NOT_CURRENT:
    case CHANGE_OUTCOME_NOT_HELD:
    case CHANGE_OUTCOME_NOT_PENDING:
    case CHANGE_OUTCOME_NOT_POSSIBLE_AFTER_CHECK_IN:
    case CHANGE_OUTCOME_NOT_WAITING:
        errand_refuse(errand, 409, change_outcome_name(outcome));
        return;
    case CHANGE_OUTCOME_NONE:
        reply_refuse(errand->request, 500, "internal");
        return;
    }
}

void errand_change(struct errand *errand, struct params *params, errand_outcome *outcome)
{
    struct params *lock = registration_lock_tally_params();
    registration_lock_tally_add_event(lock, &request_event(errand->request)->id);
    errand->outcome = outcome;
    db_run(request_worker(errand->request)->db, &(struct db_query){
                                                    .lane = DB_LOCKING,
                                                    .key = &request_event(errand->request)->id,
                                                    .lock = lock,
                                                    .run = params,
                                                    .again = true,
                                                    .on_done = on_changed,
                                                    .context = errand,
                                                });
}
