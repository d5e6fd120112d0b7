#include "features/door/by_hand.h"

#include <string.h>

#include "base/text.h"
#include "event/event.h"
#include "features/door/check_in.h"
#include "features/door/undo.h"
#include "form/form.h"
#include "http/desk.h"
#include "http/reply.h"
#include "statements.h"

const char *by_hand_path(struct request *request, const char *more)
{
    return desk_from(request, arena_printf(request_arena(request), "/desk/events/%s/attendees/%s%s",
                                           request_event(request)->slug,
                                           request_path(request, "attendee"), more));
}

/* The page shows again what was typed. */
void by_hand_refuse(struct request *request, const char *why)
{
    enum { TYPED_MOST = 2000 };
    static const char *const names[] = {"door", "reason"};
    const json_t *body = request_body(request);
    struct buffer link;
    buffer_init(&link);
    buffer_printf(&link, "?refused=%s", why);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *typed = json_string_value(json_object_get(body, names[i]));
        if (!typed || *typed == '\0' || strlen(typed) > TYPED_MOST)
            continue;
        buffer_printf(&link, "&%s=", names[i]);
        percent_encode(&link, typed);
    }
    reply_see_other(request, by_hand_path(request, buffer_text(&link)));
    buffer_finish(&link);
}

static void reply_checked_in(struct request *request, const json_t *result)
{
    const char *verdict = json_string_value(json_object_get(result, "verdict"));
    if (verdict_parse(verdict) == VERDICT_ADMITTED)
        reply_see_other(request, by_hand_path(request, "?done=person.check_in"));
    else
        by_hand_refuse(request, verdict);
}

static void refuse_check_in(struct request *request, json_t *errors)
{
    const char *at = json_string_value(json_object_get(json_array_get(errors, 0), "pointer"));
    const char *why = strcmp(at, "/door") == 0     ? "no_door"
                      : strcmp(at, "/reason") == 0 ? "long_reason"
                                                   : NULL;
    if (!why) {
        form_refuse(request, errors);
        return;
    }
    json_decref(errors);
    by_hand_refuse(request, why);
}

void by_hand_check_in(struct request *request)
{
    json_t *body = request_body(request);
    static const struct check_in_reply reply = {reply_checked_in, refuse_check_in};
    const char *reason = json_string_value(json_object_get(body, "reason"));
    json_object_set_new(body, "attendee", json_string(request_path(request, "attendee")));
    if (reason && reason[strspn(reason, " ")] != '\0')
        json_object_set_new(body, "force", json_string("true"));
    check_in_begin(request, &reply);
}

void by_hand_undo(struct request *request)
{
    const char *text = json_string_value(json_object_get(request_body(request), "nonce"));
    struct id nonce;
    if (text && id_parse(text, &nonce))
        undo_begin(request, &nonce, 0);
    else
        by_hand_refuse(request, "nothing_to_undo");
}
