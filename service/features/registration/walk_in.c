#include "features/registration/walk_in.h"

#include "base/clock.h"
#include "event/event.h"
#include "features/registration/sign_up.h"
#include "form/form.h"
#include "http/reply.h"
#include "security/attempts.h"

static void on_registered(struct request *request, json_t *view)
{
    /* The manage link can read and cancel the registration at any later time. */
    if (!(request_role(request) & WHO_EDITORS))
        json_object_del(view, "manage_url");
    reply_view(request, 201, view);
}

/* Limits how many people a stolen device can register and mail. */
static bool is_too_fast(struct request *request)
{
    static const struct pace_limit limit = {.most = WALK_INS_MOST, .an_hour = WALK_INS_AN_HOUR};
    char caller[ID_TEXT_BYTES];
    id_format(&request_caller(request)->id, caller);
    return !attempts_allow(request_worker(request), &limit, &request_event(request)->id, caller,
                           clock_monotonic_us());
}

void walk_in_handle(struct request *request)
{
    static const struct sign_up_answer answer = {
        .at_door = true,
        .registered = on_registered,
        .invalid = form_refuse,
        .refused = sign_up_reply_refused,
    };
    if (is_too_fast(request)) {
        reply_problem(
            request,
            &(struct problem){.status = 429, .code = "too_many_walk_ins", .retry_after_s = 15});
        return;
    }
    sign_up_begin(request, &answer);
}
