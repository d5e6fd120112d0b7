#include "features/registration/walk_in.h"

#include "event/event.h"
#include "features/registration/sign_up.h"
#include "form/form.h"
#include "http/reply.h"
#include "http/source.h"

static void on_registered(struct request *request, json_t *view)
{
    /* The manage link can read and cancel the registration at any later time. */
    if (!(request_role(request) & WHO_EDITORS))
        json_object_del(view, "manage_url");
    reply_view(request, 201, view);
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
