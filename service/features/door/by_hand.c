#include "features/door/by_hand.h"

#include "event/event.h"
#include "features/door/check_in.h"
#include "features/door/undo.h"
#include "http/reply.h"
#include "statements.h"

const char *by_hand_path(struct request *request, const char *more)
{
    return arena_printf(request_arena(request), "/desk/events/%s/attendees/%s%s",
                        request_event(request)->slug, request_path(request, "attendee"), more);
}

static void reply_checked_in(struct request *request, const json_t *result)
{
    const char *verdict = json_string_value(json_object_get(result, "verdict"));
    bool is_in = verdict_parse(verdict) == VERDICT_ADMITTED;
    reply_see_other(request, by_hand_path(request, is_in ? "?done=person.check_in"
                                                         : arena_printf(request_arena(request),
                                                                        "?refused=%s", verdict)));
}

void by_hand_check_in(struct request *request)
{
    json_t *body = request_body(request);
    const char *reason = json_string_value(json_object_get(body, "reason"));
    json_object_set_new(body, "attendee", json_string(request_path(request, "attendee")));
    if (reason && reason[strspn(reason, " ")] != '\0')
        json_object_set_new(body, "force", json_string("true"));
    check_in_begin(request, reply_checked_in);
}

void by_hand_undo(struct request *request)
{
    const char *text = json_string_value(json_object_get(request_body(request), "nonce"));
    struct id nonce;
    if (text && id_parse(text, &nonce))
        undo_begin(request, &nonce, 0);
    else
        reply_refuse(request, 409, "nothing_to_undo");
}
