#include "features/registration/hand_on.h"

#include <limits.h>

#include "event/draft.h"
#include "features/registration/act.h"
#include "form/field_view.h"
#include "form/form.h"
#include "features/registration/registration.h"
#include "features/registration/errand.h"
#include "features/registration/manage_page.h"
#include "http/reply.h"
#include "http/source.h"
#include "security/secret.h"
#include "statements.h"
#include "view/escape.h"

/* The new holder of the ticket. */
struct person {
    const char *name;
    struct email email;
    struct act_said said;
};

static bool has_key(const void *request)
{
    return request_body_is_form(request);
}

static bool by_editor(const void *request)
{
    return act_is_by_editor(request);
}

static const struct form_field person_fields[] = {
    {"email", KIND_EMAIL, FORM_AT(struct person, email), FORM_NEEDED, "email_needed"},
    {"name", KIND_NAME, FORM_AT(struct person, name), FORM_NEEDED, "name_needed"},
    {"idempotency_key", .shown = has_key},
    {"version", KIND_INTEGER, FORM_AT(struct person, said.version), .shown = by_editor, .least = 1,
     .most = INT_MAX},
    ACT_FIELDS(struct person, said., by_editor),
};
static const struct form person_form = FORM(struct person, person_fields);

/* A repeated request with the same Idempotency-Key gets the same id, so it replaces once. */
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
    char *body = json_dumps(request_body(request), JSON_COMPACT | JSON_SORT_KEYS | ESCAPE_REALS);
    secret_id_for_key(attendee_id, arena_printf(request_arena(request), "%s %s", key, body), &hash);
    free(body);
    id_from_hash_in(event_number, hash.bytes, ret_ticket_id);
}

static void replace(struct errand *errand, const struct registered_attendee *attendee,
                    const struct id *ticket_id)
{
    errand_change(errand,
                  registration_replace_ticket_params(&(struct registration_replace_ticket){
                      .event_id = &request_event(errand->request)->id,
                      .registration_id = &errand->registration_id,
                      .attendee_id = &attendee->id,
                      .ticket_id = ticket_id,
                      .actor = request_caller(errand->request)->label}),
                  registration_replace_ticket_outcome);
}

static void hand_on(struct errand *errand, const struct registered_attendee *attendee,
                    const struct id *ticket_id, const struct person *person)
{
    const struct event *event = request_event(errand->request);
    struct id registration_id, attendee_id;
    id_make_in(event->number, &registration_id);
    id_make_in(event->number, &attendee_id);
    errand->done = "handed_on";
    errand_change(errand,
                  registration_hand_on_params(&(struct registration_hand_on){
                      .event_id = &event->id,
                      .registration_id = &errand->registration_id,
                      .attendee_id = &attendee->id,
                      .ticket_id = ticket_id,
                      .new_registration_id = &registration_id,
                      .new_attendee_id = &attendee_id,
                      .name = person->name,
                      .email = person->email.address,
                      .email_key = person->email.key,
                      .search = draft_search_with_number(
                          request_arena(errand->request),
                          draft_search_text(request_arena(errand->request), person->name,
                                            person->email.address, NULL),
                          &attendee_id),
                      .by_organiser = request_role(errand->request) & WHO_EDITORS,
                      .source = request_source_hash(errand->request),
                      .version = person->said.version ? &person->said.version : NULL,
                      .tells = person->said.tell,
                      .words = person->said.words,
                      .actor = request_caller(errand->request)->label}),
                  registration_hand_on_outcome);
}

static void on_looked(struct errand *errand, const struct registration *registration)
{
    struct request *request = errand->request;
    const struct registered_attendee *attendee = errand_attendee(errand, registration);
    struct person person = {.said = ACT_SAID_NOTHING};
    struct id ticket_id;
    if (!attendee)
        return;
    bool is_repeated = attendee->handed_on_to.name && !registration->erased_at_us;
    if (!is_repeated && errand_is_closed(errand))
        return;
    make_ticket_id(request, &attendee->id, &ticket_id);
    if (json_object_size(request_body(request)) == 0) {
        replace(errand, attendee, &ticket_id);
        return;
    }
    if (manage_page_is_over(errand)) {
        errand_refuse(errand, 409, "event_over");
        return;
    }
    const struct pace_key limit = {.limit = PACE_HAND_ONS, .scope = &request_event(request)->id};
    json_t *errors = form_read_body(request, &person_form, request, &person);
    if (errors)
        errand_reply_invalid(errand, errors);
    else if (errand->looks == 1 && !source_takes(request, &limit, 1))
        errand_refuse(errand, 429, "too_many_from_network");
    else
        hand_on(errand, attendee, &ticket_id, &person);
}

/* A repeated request may find the registration cancelled by the first one, so errand_look_to_change
 * does not fit. */
void hand_on_begin(struct errand *errand)
{
    errand_look(errand, on_looked);
}

void hand_on_handle(struct request *request)
{
    struct errand *errand = errand_begin(request);
    if (errand)
        hand_on_begin(errand);
}

/* --- As a page ------------------------------------------------------------------------------- */

static json_t *typed_view(struct request *request, const char *name, const json_t *errors)
{
    return field_view_plain(errors, name, json_object_get(request_body(request), name));
}

static void reply_form(struct errand *errand, int status, const char *code, json_t *errors)
{
    struct request *request = errand->request;
    const struct registered_attendee *attendee = errand_attendee(errand, errand->registration);
    if (attendee) {
        json_t *view = manage_page_view(errand);
        json_object_set_new(view, "attendee", json_pack("{s:s}", "name", attendee->name));
        json_object_set_new(view, "name", typed_view(request, "name", errors));
        json_object_set_new(view, "email",
                            field_view_email(request_arena(request), request_kept_emails(request),
                                             errors, "email",
                                             json_object_get(request_body(request), "email")));
        json_object_set_new(view, "idempotency_key", manage_page_new_key());
        json_object_set_new(
            view, "action",
            json_string(manage_page_attendee_link(errand, &attendee->id, "/hand-on")));
        if (code)
            json_object_set_new(view, "refusal", manage_page_refusal(errand, code));
        json_t *problems = field_view_problems(request_arena(request), errors, false);
        json_object_set_new(view, "has_problems", json_boolean(json_array_size(problems) > 0));
        json_object_set_new(view, "problems", problems);
        reply_keeps_typed(request);
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
    errand_look(errand, on_looked);
}
