#include "event/sender_problem.h"

#include "event/event.h"
#include "mail/sender.h"
#include "view/locale.h"

json_t *sender_problem(struct request *request)
{
    struct arena *arena = request_arena(request);
    const struct sender_verdict *verdict = sender_now(request_worker(request));
    enum sender_record first = verdict ? sender_first_problem(verdict) : SENDER_RECORDS;
    struct buffer text;
    if (first == SENDER_RECORDS)
        return json_null();
    buffer_init(&text);
    locale_text(request_locale(request),
                arena_printf(arena, "sender.first.%s_%s", sender_record_name(first),
                             sender_state_name(verdict->findings[first].state)),
                NULL, &text);
    json_t *view = json_pack(
        "{s:s, s:s}", "sentence", buffer_text(&text), "href",
        arena_printf(arena, "/desk/events/%s/messages/sender", request_event(request)->slug));
    buffer_finish(&text);
    return view;
}
