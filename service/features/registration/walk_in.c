#include "features/registration/walk_in.h"

#include "event/event.h"
#include "event/links.h"
#include "features/registration/registration.h"
#include "features/registration/sign_up.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/source.h"

static void on_registered(struct request *request, const struct event *event,
                          const struct registration *registration)
{
    struct registration_view view = {0};
    /* The manage link can read and cancel the registration at any later time. */
    if (request_role(request) & WHO_EDITORS)
        view.manage_url = link_manage(request_worker(request), &registration->id,
                                      registration->link_version, request_arena(request));
    registration_reply(request, 201, event, registration, &view);
}

void walk_in_handle(struct request *request)
{
    static const struct sign_up_answer answer = {
        .at_door = true,
        .registered = on_registered,
        .invalid = form_refuse,
        .refused = sign_up_reply_refused,
    };
    if (caller_takes(request, PACE_WALK_INS))
        sign_up_begin(request, &answer);
    else
        reply_refuse(request, 429, "too_many_walk_ins");
}
