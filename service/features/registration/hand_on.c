#include "features/registration/hand_on.h"

#include "features/findings.h"
#include "features/registration/draft.h"
#include "features/registration/errand.h"
#include "http/reply.h"
#include "security/secret.h"
#include "statements.h"

static const struct registered_attendee *find_attendee(struct request *request,
                                                       const struct registration *registration)
{
    struct id id;
    if (!id_parse(request_path(request, "attendee"), &id))
        return NULL;
    for (size_t i = 0; i < registration->attendee_count; i++) {
        if (id_equal(&registration->attendees[i].id, &id))
            return &registration->attendees[i];
    }
    return NULL;
}

/* The person who gets the ticket, if it is another one. */
static void read_person(struct request *request, const struct registration *registration,
                        const struct registered_attendee *attendee, struct params *params,
                        struct findings *findings)
{
    static const char *const known[] = {"name", "email", NULL};
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
    const struct registered_attendee *attendee = find_attendee(request, registration);
    struct findings findings;
    struct id ticket_id;
    if (!attendee) {
        reply_refuse(request, 404, "not_found");
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
    errand_change(errand, &sql_registration_replace_ticket, params);
}

void hand_on_handle(struct request *request)
{
    struct errand *errand = errand_begin(request);
    if (errand)
        errand_look(errand, on_looked);
}
