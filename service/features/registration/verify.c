#include "features/registration/verify.h"

#include "event/links.h"
#include "features/registration/holds.h"
#include "features/registration/manage_page.h"
#include "http/reply.h"
#include "statements.h"

static const char *given_key(struct request *request)
{
    if (request_is_page(request))
        return request_link_key(request, "key");
    return json_string_value(json_object_get(request_body(request), "key"));
}

/* A key is valid for one address. */
static bool has_key(const struct errand *errand, const struct registration *registration)
{
    struct request *request = errand->request;
    const char *key = given_key(request);
    return key && link_verify_key_matches(request_worker(request), &errand->registration_id,
                                          registration->email, key, request_arena(request));
}

static void verify(struct errand *errand, const struct registration *registration)
{
    if (!has_key(errand, registration)) {
        errand_refuse(errand, 403, "wrong_key");
        return;
    }
    errand->done = "verified";
    holds_verified(errand->request, registration);
    errand_change(errand,
                  registration_verify_params(
                      &(struct registration_verify){.event_id = &request_event(errand->request)->id,
                                                    .registration_id = &errand->registration_id,
                                                    .email = registration->email}),
                  registration_verify_outcome);
}

void verify_handle(struct request *request)
{
    struct errand *errand = errand_begin(request);
    if (!errand)
        return;
    if (given_key(request))
        errand_look(errand, verify);
    else
        reply_refuse(request, 403, "wrong_key");
}

/* --- As a page ------------------------------------------------------------------------------- */

static void reply_state(struct errand *errand, int status, const char *state)
{
    struct arena *arena = request_arena(errand->request);
    const struct registration *registration = errand->registration;
    json_t *view = manage_page_view(errand);
    const char *key = request_link_key(errand->request, "key");
    json_object_del(view, "self"); /* contains the manage key */
    json_object_set_new(view, "state", json_pack("{s:b}", state, true));
    json_object_set_new(view, "is_over", json_boolean(manage_page_is_over(errand)));
    if (status == 200) {
        json_object_set_new(view, "email", json_string(registration->email));
        json_object_set_new(
            view, "action",
            json_string(arena_printf(arena, "/registrations/%s/verify?key=%s",
                                     request_path(errand->request, "registration"), key)));
    }
    reply_page(errand->request, status, "features/registration/verify.html", view);
}

/* 409: the registration is no longer held. */
static void on_refused(struct errand *errand, int status, const char *code, json_t *errors)
{
    json_decref(errors);
    if (status == 409)
        reply_state(errand, status, "expired");
    else
        reply_refuse(errand->request, status, code);
}

static void show(struct errand *errand, const struct registration *registration)
{
    bool is_cancelled = registration->status == REGISTRATION_STATUS_CANCELLED;
    if (!has_key(errand, registration))
        reply_refuse(errand->request, 403, "wrong_key");
    else if (is_cancelled)
        reply_state(errand, 409, "expired");
    else if (registration->is_verified)
        reply_see_other(errand->request, manage_page_link(errand, ""));
    else
        reply_state(errand, 200, "ready");
}

void verify_show(struct request *request)
{
    struct errand *errand = errand_begin(request);
    if (errand)
        errand_look(errand, show);
}

void verify_send(struct request *request)
{
    struct errand *errand = errand_begin(request);
    if (!errand)
        return;
    errand->on_refused = on_refused;
    errand_look(errand, verify);
}
