#include "features/registration/hand_on.h"

#include "form/findings.h"
#include "features/registration/draft.h"
#include "features/registration/errand.h"
#include "features/registration/manage_page.h"
#include "http/reply.h"
#include "security/secret.h"
#include "statements.h"

/* The person who gets the ticket, if it is another one. */
static void read_person(struct request *request, const struct registration *registration,
                        const struct registered_attendee *attendee, struct params *params,
                        struct findings *findings)
{
    const char *const known[] = {"name", "email",
                                 request_body_is_form(request) ? "idempotency_key" : NULL, NULL};
    struct arena *arena = request_arena(request);
    json_t *body = request_body(request);
    const json_t *address = json_object_get(body, "email");
    struct email email = {0};
    draft_refuse_unknown(arena, body, "", known, findings);
    if (json_object_size(body) == 0)
        return;
    if (address && !draft_read_email(arena, address, "/email", findings, &email))
        email = (struct email){0};
    const char *name = draft_read_name(arena, json_object_get(body, "name"), "/name", findings);
    json_t *answers = json_loads(attendee->answers, 0, NULL);
    params_text(params, 5, name);
    params_text(params, 6, email.address);
    params_text(params, 7,
                draft_search_text(arena, name ? name : "",
                                  email.address ? email.address : registration->email, answers));
    json_decref(answers);
}

/* The ticket's id: with an Idempotency-Key the same for the same request, which replaces once. */
static void make_ticket_id(struct request *request, const struct id *attendee_id,
                           struct id *ret_ticket_id)
{
    struct id hash;
    uint32_t event_number = request_event(request)->number;
    const char *key = request_idempotency_key(request);
    if (!key) {
        id_make_in(event_number, ret_ticket_id);
        return;
    }
    char *body = json_dumps(request_body(request), JSON_COMPACT | JSON_SORT_KEYS);
    secret_id_for_key(attendee_id, arena_printf(request_arena(request), "%s %s", key, body), &hash);
    free(body);
    id_from_hash_in(event_number, hash.bytes, ret_ticket_id);
}

static void on_looked(struct errand *errand, const struct registration *registration)
{
    struct request *request = errand->request;
    const struct registered_attendee *attendee = errand_attendee(errand, registration);
    struct findings findings;
    struct id ticket_id;
    if (!attendee)
        return;
    if (json_object_size(request_body(request)) > 0 && manage_page_is_over(errand)) {
        errand_refuse(errand, 409, "event_over");
        return;
    }
    struct params *params = errand_params(errand, &sql_registration_replace_ticket);
    make_ticket_id(request, &attendee->id, &ticket_id);
    params_id(params, 3, &attendee->id);
    params_id(params, 4, &ticket_id);
    findings_init(&findings, request_locale(request));
    read_person(request, registration, attendee, params, &findings);
    if (findings_any(&findings)) {
        params_destroy(params);
        errand_reply_invalid(errand, &findings);
        return;
    }
    findings_finish(&findings);
    errand->done = "handed_on";
    errand_change(errand, &sql_registration_replace_ticket, params);
}

void hand_on_handle(struct request *request)
{
    struct errand *errand = errand_begin(request);
    if (errand)
        errand_look_to_change(errand, on_looked);
}

/* --- As a page ------------------------------------------------------------------------------- */

/* {"value", "error"} of a field as it was typed. */
static json_t *field_view(struct request *request, const char *name, json_t *errors)
{
    json_t *error;
    size_t i;
    const char *typed = json_string_value(json_object_get(request_body(request), name));
    json_t *view = json_pack("{s:s}", "value", typed ? typed : "");
    json_array_foreach (errors, i, error) {
        if (strcmp(json_string_value(json_object_get(error, "pointer")) + 1, name) == 0)
            json_object_set(view, "error", json_object_get(error, "detail"));
    }
    return view;
}

static void reply_form(struct errand *errand, int status, const char *code, json_t *errors)
{
    struct request *request = errand->request;
    const struct registered_attendee *attendee = errand_attendee(errand, errand->registration);
    if (attendee) {
        json_t *view = manage_page_view(errand);
        json_object_set_new(view, "attendee", json_pack("{s:s}", "name", attendee->name));
        json_object_set_new(view, "name", field_view(request, "name", errors));
        json_object_set_new(view, "email", field_view(request, "email", errors));
        json_object_set_new(view, "idempotency_key", manage_page_new_key());
        json_object_set_new(
            view, "action",
            json_string(manage_page_attendee_link(errand, &attendee->id, "/hand-on")));
        if (code)
            json_object_set_new(view, "refusal", manage_page_refusal(errand, code));
        json_object_set(view, "problems", errors ? errors : json_null());
        json_object_set_new(view, "has_problems", json_boolean(json_array_size(errors) > 0));
        reply_page(request, status, "features/registration/hand_on.html", view);
    }
    json_decref(errors);
}

static void on_looked_for_form(struct errand *errand, const struct registration *registration)
{
    (void)registration;
    reply_form(errand, 200, NULL, NULL);
}

void hand_on_show(struct request *request)
{
    struct errand *errand = errand_begin(request);
    if (errand)
        errand_look_to_change(errand, on_looked_for_form);
}

void hand_on_send(struct request *request)
{
    struct errand *errand = errand_begin(request);
    if (!errand)
        return;
    errand->on_refused = reply_form;
    errand_look_to_change(errand, on_looked);
}
