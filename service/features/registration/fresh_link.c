#include "features/registration/fresh_link.h"

#include "features/registration/manage_page.h"
#include "http/reply.h"
#include "http/request.h"
#include "statements.h"

#define TEMPLATE "features/registration/fresh_link.html"

static void ask(struct errand *errand, const struct registration *registration)
{
    json_t *view = manage_page_view(errand);
    json_object_set_new(view, "action", json_string(manage_page_link(errand, "/new-link")));
    json_object_set_new(view, "email", json_string(registration->email));
    reply_page(errand->request, 200, TEMPLATE, view);
}

void fresh_link_show(struct request *request)
{
    struct errand *errand = errand_begin(request);
    if (errand)
        errand_look_to_change(errand, ask);
}

static void on_sent(struct errand *errand)
{
    reply_page(errand->request, 200, TEMPLATE, manage_page_frame(errand->request));
}

void fresh_link_send(struct request *request)
{
    struct errand *errand = errand_begin(request);
    if (!errand)
        return;
    errand->on_changed = on_sent;
    errand_change(errand,
                  registration_fresh_link_params(
                      &(struct registration_fresh_link){.event_id = &request_event(request)->id,
                                                        .registration_id = &errand->registration_id,
                                                        .actor = request_caller(request)->label}),
                  registration_fresh_link_outcome);
}
