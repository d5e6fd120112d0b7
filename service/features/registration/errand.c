#include "features/registration/errand.h"

#include "features/event/changes.h"
#include "features/event/events.h"
#include "features/findings.h"
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

struct params *errand_params(const struct errand *errand, const struct statement *statement)
{
    struct params *params = params_create(statement->parameter_count);
    params_id(params, 1, &request_event(errand->request)->id);
    params_id(params, 2, &errand->registration_id);
    return params;
}

/* --- Looking --------------------------------------------------------------------------------- */

static void on_looked(void *context, const struct db_result *result)
{
    struct errand *errand = context;
    struct request *request = errand->request;
    struct registration registration;
    if (result->outcome != DB_DONE)
        reply_busy(request, "busy");
    else if (!registration_from_rows(request_arena(request), result->rows, &registration))
        reply_refuse(request, 404, "not_found");
    else
        errand->on_looked(errand, &registration);
}

void errand_look(struct errand *errand,
                 void (*then)(struct errand *errand, const struct registration *registration))
{
    errand->on_looked = then;
    db_ask(request_worker(errand->request)->db, &sql_registration_show,
           errand_params(errand, &sql_registration_show), on_looked, errand);
}

/* --- The answer ------------------------------------------------------------------------------ */

/* Who may only read is given nothing that does more: the manage link changes and cancels, a ticket
 * admits. */
static void leave_out_keys(json_t *view)
{
    size_t i;
    json_t *attendee;
    json_object_del(view, "manage_url");
    json_array_foreach (json_object_get(view, "attendees"), i, attendee) {
        json_object_del(attendee, "ticket");
        json_object_del(attendee, "ticket_url");
    }
}

static void reply_registration(struct errand *errand, const struct registration *registration)
{
    struct request *request = errand->request;
    json_t *view = registration_view(request_worker(request), request_event(request), registration,
                                     request_arena(request));
    if (!(request_caller(request)->who & (WHO_MANAGE_LINK | WHO_EDITORS)))
        leave_out_keys(view);
    if (request_is_page(request))
        registration_page_reply(request, view);
    else
        reply_view(request, 200, view);
}

void errand_show(struct errand *errand)
{
    errand_look(errand, reply_registration);
}

void errand_reply_invalid(struct errand *errand, struct findings *findings)
{
    reply_problem(
        errand->request,
        &(struct problem){.status = 422, .code = "invalid", .errors = findings_take(findings)});
}

/* --- Changing, after the lock ---------------------------------------------------------------- */

static void on_changed(void *context, const struct db_result *result)
{
    struct errand *errand = context;
    struct request *request = errand->request;
    if (result->outcome != DB_DONE) {
        reply_busy(request, "busy");
        return;
    }
    const char *outcome = rows_text(result->rows, 0, "outcome");
    if (strncmp(outcome, "not_", 4) == 0) {
        bool is_missing = strcmp(outcome, "not_found") == 0;
        reply_refuse(request, is_missing ? 404 : 409, arena_copy(request_arena(request), outcome));
        return;
    }
    changes_note(request_worker(request)->changes, &request_event(request)->id);
    if (request_is_page(request))
        reply_see_other(request, registration_page_link(request));
    else
        errand_show(errand);
}

void errand_change(struct errand *errand, const struct statement *statement, struct params *params)
{
    struct params *lock = params_create(sql_registration_lock_tally.parameter_count);
    params_add_id(lock, 1, &request_event(errand->request)->id);
    db_run(request_worker(errand->request)->db, &(struct db_query){
                                                    .lane = DB_HOT,
                                                    .first = &sql_registration_lock_tally,
                                                    .first_params = lock,
                                                    .then = statement,
                                                    .then_params = params,
                                                    .again = true,
                                                    .on_done = on_changed,
                                                    .context = errand,
                                                });
}
