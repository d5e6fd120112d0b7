#include "features/registration/manage.h"

#include "db/db.h"
#include "features/event/changes.h"
#include "features/event/events.h"
#include "features/findings.h"
#include "features/registration/answers.h"
#include "features/registration/draft.h"
#include "features/registration/registration.h"
#include "features/registration/registration_page.h"
#include "http/reply.h"
#include "security/secret.h"
#include "statements.h"
#include "view/locale.h"

/* One thing done to one registration; lives in its request's arena. */
struct manage {
    struct request *request;
    struct id registration_id;
    bool changed; /* tell the other workers before answering */
};

/* NULL: the id is none, and the request has been answered. */
static struct manage *begin(struct request *request)
{
    struct manage *manage = arena_alloc(request_arena(request), sizeof *manage);
    manage->request = request;
    if (id_parse(request_path(request, "registration"), &manage->registration_id))
        return manage;
    reply_refuse(request, 404, "not_found");
    return NULL;
}

/* Parameters for a statement whose first two are the event and the registration. */
static struct params *params_for(const struct manage *manage, const struct statement *statement)
{
    struct params *params = params_create(statement->parameter_count);
    params_id(params, 1, &request_event(manage->request)->id);
    params_id(params, 2, &manage->registration_id);
    return params;
}

/* --- The answer: the registration as it is --------------------------------------------------- */

/* The registration that registration/show gave; false: the request has been answered. */
static bool read_shown(struct request *request, const struct db_result *result,
                       struct registration *ret_registration)
{
    if (result->outcome != DB_DONE)
        reply_busy(request, "busy");
    else if (!registration_from_rows(request_arena(request), result->rows, ret_registration))
        reply_refuse(request, 404, "not_found");
    else
        return true;
    return false;
}

/* Who may only read is given nothing that does more: the manage link changes and cancels, a ticket
 * admits. */
static void leave_out_keys(json_t *view)
{
    size_t i;
    json_t *attendee;
    json_object_del(view, "manage_url");
    json_array_foreach(json_object_get(view, "attendees"), i, attendee)
    {
        json_object_del(attendee, "ticket");
        json_object_del(attendee, "ticket_url");
    }
}

static void on_shown(void *context, const struct db_result *result)
{
    struct manage *manage = context;
    struct request *request = manage->request;
    struct registration registration;
    if (!read_shown(request, result, &registration))
        return;
    json_t *view = registration_view(request_worker(request), request_event(request), &registration,
                                     request_arena(request));
    if (!(request_caller(request)->who & (WHO_MANAGE_LINK | WHO_EDITORS)))
        leave_out_keys(view);
    if (request_is_page(request))
        registration_page_reply(request, view);
    else
        reply_view(request, 200, view);
}

static void show(struct manage *manage)
{
    db_ask(request_worker(manage->request)->db, &sql_registration_show,
           params_for(manage, &sql_registration_show), on_shown, manage);
}

void manage_show(struct request *request)
{
    struct manage *manage = begin(request);
    if (manage)
        show(manage);
}

/* --- Statements that change, each after the lock --------------------------------------------- */

static void on_changed(void *context, const struct db_result *result)
{
    struct manage *manage = context;
    struct request *request = manage->request;
    if (result->outcome != DB_DONE) {
        reply_busy(request, "busy");
        return;
    }
    const char *outcome = rows_text(result->rows, 0, "outcome");
    if (strcmp(outcome, "not_found") == 0) {
        reply_refuse(request, 404, "not_found");
    } else if (strcmp(outcome, "not_pending") == 0 || strcmp(outcome, "not_confirmed") == 0) {
        reply_refuse(request, 409, outcome[4] == 'p' ? "not_pending" : "not_confirmed");
    } else {
        changes_note(request_worker(request)->changes, &request_event(request)->id);
        if (request_is_page(request))
            reply_see_other(request, registration_page_link(request));
        else
            show(manage);
    }
}

static void change(struct manage *manage, const struct statement *statement, struct params *params)
{
    struct params *lock = params_create(sql_registration_lock_tally.parameter_count);
    params_add_id(lock, 1, &request_event(manage->request)->id);
    db_run(request_worker(manage->request)->db, &(struct db_query){
                                                    .lane = DB_HOT,
                                                    .first = &sql_registration_lock_tally,
                                                    .first_params = lock,
                                                    .then = statement,
                                                    .then_params = params,
                                                    .again = true,
                                                    .on_done = on_changed,
                                                    .context = manage,
                                                });
}

static void cancel(struct manage *manage)
{
    struct params *params = params_for(manage, &sql_registration_cancel);
    const struct caller *caller = request_caller(manage->request);
    params_text(params, 3, caller->who & WHO_EDITORS ? caller->label : NULL);
    change(manage, &sql_registration_cancel, params);
}

void manage_cancel(struct request *request)
{
    struct manage *manage = begin(request);
    if (manage)
        cancel(manage);
}

void manage_verify(struct request *request)
{
    struct manage *manage = begin(request);
    if (!manage)
        return;
    const char *key = json_string_value(json_object_get(request_body(request), "key"));
    if (!key || !secret_link_key_matches(request_worker(request)->keyring, "verify",
                                         &manage->registration_id, key)) {
        reply_refuse(request, 403, "wrong_key");
        return;
    }
    change(manage, &sql_registration_verify, params_for(manage, &sql_registration_verify));
}

/* --- A new ticket ---------------------------------------------------------------------------- */

static void reply_invalid(struct request *request, struct findings *findings)
{
    reply_problem(
        request,
        &(struct problem){.status = 422, .code = "invalid", .errors = findings_take(findings)});
}

void manage_replace_ticket(struct request *request)
{
    struct manage *manage = begin(request);
    struct arena *arena = request_arena(request);
    struct id attendee_id, ticket_id;
    if (!manage)
        return;
    if (!id_parse(request_path(request, "attendee"), &attendee_id)) {
        reply_refuse(request, 404, "not_found");
        return;
    }
    const json_t *name = json_object_get(request_body(request), "name");
    const json_t *address = json_object_get(request_body(request), "email");
    struct params *params = params_for(manage, &sql_registration_replace_ticket);
    struct findings findings;
    findings_init(&findings, request_locale(request));
    static const char *const known[] = {"name", "email", NULL};
    draft_refuse_unknown(arena, request_body(request), "", known, &findings);
    struct email email = {0};
    if (address)
        draft_read_email(arena, address, "/email", &findings, &email);
    if (name || address) {
        const char *clean = draft_read_name(arena, name, "/name", &findings);
        params_text(params, 5, clean);
        params_text(params, 6, email.address);
        params_text(
            params, 7,
            draft_search_text(arena, clean ? clean : "", email.address ? email.address : "", NULL));
    }
    if (findings_any(&findings)) {
        params_destroy(params);
        reply_invalid(request, &findings);
        return;
    }
    findings_finish(&findings);
    id_make_in(request_event(request)->number, &ticket_id);
    params_id(params, 3, &attendee_id);
    params_id(params, 4, &ticket_id);
    change(manage, &sql_registration_replace_ticket, params);
}

/* --- Corrections ----------------------------------------------------------------------------- */

/* What reading them needs everywhere. */
struct corrections {
    struct request *request;
    const struct registration *registration;
    bool *is_corrected; /* by attendee */
    struct params *params;
    struct findings *findings;
};

static const struct registered_attendee *find_attendee(const struct registration *registration,
                                                       const json_t *id_text)
{
    struct id id;
    const char *text = json_string_value(id_text);
    if (!text || !id_parse(text, &id))
        return NULL;
    for (size_t i = 0; i < registration->attendee_count; i++) {
        if (id_equal(&registration->attendees[i].id, &id))
            return &registration->attendees[i];
    }
    return NULL;
}

/* Moves the answers to questions that the event asks no more. New reference. */
static json_t *cut_former_answers(const struct event *event, json_t *answers)
{
    json_t *former = json_object(), *answer;
    const char *slug;
    void *next;
    json_object_foreach_safe(answers, next, slug, answer)
    {
        if (event_question(event, slug))
            continue;
        json_object_set(former, slug, answer);
        json_object_del(answers, slug);
    }
    return former;
}

/* The answers there are with the given ones laid over them, checked. Where none are given those
 * that are there stay, whatever the event asks by now. New reference. */
static json_t *merged_answers(const struct corrections *all,
                              const struct registered_attendee *attendee, json_t *given,
                              const char *pointer)
{
    struct request *request = all->request;
    json_t *merged = json_loads(attendee->answers, 0, NULL);
    if (!given || json_is_null(given))
        return merged;
    json_t *former = cut_former_answers(request_event(request), merged);
    if (json_is_object(given))
        json_object_update(merged, given);
    struct answers_input input = {
        .event = request_event(request),
        .given = json_is_object(given) ? merged : given,
        .pointer = arena_printf(request_arena(request), "%s/answers", pointer),
        .language = locale_code(request_locale(request)),
    };
    json_t *answers = answers_read(request_arena(request), &input, all->findings);
    json_object_update(answers, former);
    json_decref(former);
    json_decref(merged);
    return answers;
}

/* The attendee of a correction, once. NULL: the id is no such, which has been found. */
static const struct registered_attendee *take_attendee(const struct corrections *all,
                                                       const json_t *given, const char *pointer)
{
    const struct registered_attendee *attendee =
        find_attendee(all->registration, json_object_get(given, "id"));
    bool *is_corrected =
        attendee ? &all->is_corrected[attendee - all->registration->attendees] : NULL;
    if (!attendee || *is_corrected) {
        findings_add(all->findings, arena_printf(request_arena(all->request), "%s/id", pointer),
                     attendee ? "attendee_twice" : "unknown_attendee", NULL);
        return NULL;
    }
    *is_corrected = true;
    return attendee;
}

static void add_correction(const struct corrections *all, json_t *given, size_t index)
{
    struct arena *arena = request_arena(all->request);
    struct findings *findings = all->findings;
    struct params *params = all->params;
    const char *pointer = arena_printf(arena, "/attendees/%zu", index);
    const struct registered_attendee *attendee = take_attendee(all, given, pointer);
    if (!attendee)
        return;
    static const char *const known[] = {"id", "name", "email", "answers", NULL};
    draft_refuse_unknown(arena, given, pointer, known, findings);
    const char *name = attendee->name, *address = attendee->email;
    const json_t *new_name = json_object_get(given, "name");
    const json_t *new_email = json_object_get(given, "email");
    struct email email;
    if (new_name)
        name = draft_read_name(arena, new_name, arena_printf(arena, "%s/name", pointer), findings);
    if (new_email && draft_read_email(arena, new_email, arena_printf(arena, "%s/email", pointer),
                                      findings, &email))
        address = email.address;
    json_t *answers = merged_answers(all, attendee, json_object_get(given, "answers"), pointer);
    params_add_id(params, 4, &attendee->id);
    params_add_text(params, 5, name);
    params_add_text(params, 6, address);
    params_add_text(params, 7, draft_json_text(arena, answers));
    params_add_text(params, 8,
                    draft_search_text(arena, name ? name : "",
                                      address ? address : all->registration->email, answers));
    json_decref(answers);
}

static void on_shown_for_change(void *context, const struct db_result *result)
{
    struct manage *manage = context;
    struct request *request = manage->request;
    struct registration registration;
    if (!read_shown(request, result, &registration))
        return;
    json_t *body = request_body(request), *given;
    size_t i;
    struct findings findings;
    findings_init(&findings, request_locale(request));
    struct params *params = params_for(manage, &sql_registration_change);
    const char *language = json_string_value(json_object_get(body, "language"));
    if (json_object_get(body, "language") &&
        (!language || !event_has_language(request_event(request), language)))
        findings_add(&findings, "/language", "language_not_spoken", NULL);
    params_text(params, 3, language ? language : registration.language);
    for (int at = 4; at <= 8; at++)
        params_array(params, at);
    const struct corrections all = {
        .request = request,
        .registration = &registration,
        .is_corrected = arena_alloc(request_arena(request), registration.attendee_count),
        .params = params,
        .findings = &findings,
    };
    json_array_foreach(json_object_get(body, "attendees"), i, given)
        add_correction(&all, given, i);
    if (findings_any(&findings)) {
        params_destroy(params);
        reply_invalid(request, &findings);
        return;
    }
    findings_finish(&findings);
    change(manage, &sql_registration_change, params);
}

/* Fields that a change may not name are found here. */
static bool is_well_formed(struct request *request, struct findings *findings)
{
    const char *name;
    json_t *value;
    bool editor = request_caller(request)->who & WHO_EDITORS;
    json_object_foreach(request_body(request), name, value)
    {
        bool known = strcmp(name, "language") == 0 || strcmp(name, "attendees") == 0 ||
                     (editor && strcmp(name, "status") == 0);
        if (!known)
            findings_add(findings, arena_printf(request_arena(request), "/%s", name),
                         "unknown_field", NULL);
    }
    json_t *attendees = json_object_get(request_body(request), "attendees");
    if (attendees && !json_is_array(attendees))
        findings_add(findings, "/attendees", "list_expected", NULL);
    const json_t *status = json_object_get(request_body(request), "status");
    const char *wanted = json_string_value(status);
    if (status &&
        (!wanted || (strcmp(wanted, "confirmed") != 0 && strcmp(wanted, "cancelled") != 0)))
        findings_add(findings, "/status", "status_not_possible", NULL);
    return !findings_any(findings);
}

void manage_change(struct request *request)
{
    struct manage *manage = begin(request);
    struct findings findings;
    if (!manage)
        return;
    findings_init(&findings, request_locale(request));
    if (!is_well_formed(request, &findings)) {
        reply_invalid(request, &findings);
        return;
    }
    findings_finish(&findings);
    const char *status = json_string_value(json_object_get(request_body(request), "status"));
    if (status && strcmp(status, "cancelled") == 0) {
        cancel(manage);
    } else if (status) {
        struct params *params = params_for(manage, &sql_registration_approve);
        params_text(params, 3, request_caller(request)->label);
        change(manage, &sql_registration_approve, params);
    } else {
        db_ask(request_worker(request)->db, &sql_registration_show,
               params_for(manage, &sql_registration_show), on_shown_for_change, manage);
    }
}
